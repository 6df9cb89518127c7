import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ServiceNode, StructNode } from "../../idl/ast.ts";
import { docOf } from "../../idl/doc_comments.ts";
import { parse } from "../../idl/parser.ts";

describe("docOf", () => {
  it("takes the comments right above, without their marks", () => {
    assertEquals(docs("/** One.\n *\n *  Two. */\nstruct A {}"), ["One.\n\n Two."]);
    assertEquals(docs("// One.\n// Two.\nstruct A {}"), ["One.\nTwo."]);
    assertEquals(docs("# One.\n/* Two. */ struct A {}"), ["One.\nTwo."]);
    assertEquals(docs("/* One. */\r\nstruct A {}"), ["One."]);
  });
  it("leaves a licence at the top alone", () => {
    assertEquals(docs("/* Licence. */\n\nstruct A {}"), [undefined]);
    assertEquals(docs("// Licence.\n\n// Doc.\nstruct A {}"), ["Doc."]);
  });
  it("gives a comment at the end of a line to what stands before it", () => {
    assertEquals(
      docs("struct A { // about A\n 1: i32 a // one\n 2: i32 b, // two\n // three\n 3: i32 c // not this\n}"),
      [
        undefined,
        "one",
        "two",
        "three",
      ],
    );
    assertEquals(docs("service S { void f(); // one\n void g() } // last"), ["last", "one", undefined]);
  });
  it("tells comments on one line apart", () => {
    assertEquals(docs("struct A { /* a */ 1: i32 a, /* b */ 2: i32 b }"), [undefined, "a", "b"]);
  });
});

/** Docs of the definition and of what it contains. */
function docs(text: string): (string | undefined)[] {
  const { value } = parse("x.thrift", text);
  const definition = value.definitions[0] as StructNode | ServiceNode;
  const parts = definition.kind === "service" ? definition.functions : definition.fields;
  return [definition, ...parts].map((node) => docOf(value, node));
}
