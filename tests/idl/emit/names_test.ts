import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isUnusable, NameSpace, parameterName } from "../../../idl/emit/names.ts";

describe("NameSpace", () => {
  it("keeps a free name, and adds underscores to one that is not", () => {
    const space = new NameSpace();
    assertEquals(["Foo", "Foo", "Foo", "class", "Map", "string"].map((name) => space.claim(name)), [
      "Foo",
      "Foo_",
      "Foo__",
      "class_",
      "Map_",
      "string_",
    ]);
    assert(!space.isFree("Foo_") && space.isFree("Bar"));
  });
  it("takes letters, digits and underscores only", () => {
    for (const name of ["a.b", "a-b", "1a", "", "a b", "é", "a\n", "a/**/"]) {
      assertThrows(() => new NameSpace().claim(name), Error);
    }
  });
});

describe("isUnusable", () => {
  it("knows the variables of generated functions", () => {
    for (const name of ["w", "p", "x0", "f12", "ke0", "end", "init"]) assert(isUnusable(name), name);
    for (const name of ["W", "Foo", "x_", "ab", "get", "type", "of"]) assert(!isUnusable(name), name);
  });
});

describe("parameterName", () => {
  it("escapes reserved words only, away from the other parameters", () => {
    assertEquals(parameterName("function", new Set(["function"])), "function_");
    assertEquals(parameterName("new", new Set(["new", "new_"])), "new__");
    assertEquals(parameterName("string", new Set(["string"])), "string");
  });
});
