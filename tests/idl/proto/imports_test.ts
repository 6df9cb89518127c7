import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { importsOf } from "../../../idl/proto/imports.ts";

describe("importsOf", () => {
  it("finds imports of every kind, each once", () => {
    const text =
      `syntax = "proto3"; import "a.proto"; import public 'b/c.proto';import weak\n"d" "e.proto";import "a.proto";`;
    assertEquals(importsOf(text), ["a.proto", "b/c.proto", "de.proto"]);
  });

  it("is not misled by comments, strings and names", () => {
    const text = `// import "x.proto";
/* import "x.proto"; */
option (o) = 'import "x.proto";';
message M { string import = 1; message import { import "x.proto"; } }
message import {}
import "y.proto"; // "
import z.proto;`;
    assertEquals(importsOf(text), ["y.proto"]);
  });

  it("takes time in proportion to the text, whatever is in it", () => {
    for (const part of ["{", '"', "/*", "import ", "}", "//", "\\"]) importsOf(part.repeat(200_000));
  });
});
