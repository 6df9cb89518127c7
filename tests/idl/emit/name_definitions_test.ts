import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { emit } from "../../../idl/emit/emit.ts";
import { compileText } from "../checks.ts";

describe("nameDefinitions", () => {
  it("warns of every name that is another one in TypeScript, where it stands", async () => {
    const idl = `struct A { 1: i32 constructor, 2: i32 class, 3: i32 then }
union U { 1: i32 kind, 2: i32 toString }
exception X { 1: i32 name, 2: i32 message, 3: string stack_, 4: i32 stack }
service S { void then(1: i32 new) void constructor() void get() }
enum class { constructor }
`;
    const { diagnostics } = emit((await compileText(idl)).value);
    assertEquals(diagnostics.map((d) => `${d.code} ${d.line}:${d.column} ${d.message}`), [
      "UT6004 5:6 class cannot be a name in TypeScript, so it is class_",
      "UT6004 1:19 constructor cannot be a property of A in TypeScript, so it is constructor_",
      "UT6004 2:31 toString cannot be a property of U in TypeScript, so it is toString_",
      "UT6004 3:22 name cannot be a property of X in TypeScript, so it is name_",
      "UT6004 3:35 message cannot be a property of X in TypeScript, so it is message_",
      "UT6004 3:69 stack cannot be a property of X in TypeScript, so it is stack__",
      "UT6004 4:18 then cannot be a property of S in TypeScript, so it is then_",
      "UT6004 4:40 constructor cannot be a property of S in TypeScript, so it is constructor_",
    ]);
  });
});
