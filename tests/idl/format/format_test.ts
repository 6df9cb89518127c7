import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { format, formatDocument } from "../../../idl/format/format.ts";
import { parse } from "../../../idl/parser.ts";

function formatted(text: string): string {
  return format("a.thrift", text).value;
}

describe("format", () => {
  it("puts one item on a line, without separators, and one space between tokens", () => {
    assertEquals(
      formatted(`struct  A{1:required string a="x",2 : optional list< i32 >b;}enum E{A=0,B}
service S extends x.T{oneway void f( ) , map<string,i32>g(1:i32 a 2:i32 b)throws(1:X x);}`),
      `struct A {
  1: required string a = "x"
  2: optional list<i32> b
}

enum E {
  A = 0
  B
}

service S extends x.T {
  oneway void f()
  map<string, i32> g(1: i32 a, 2: i32 b) throws (1: X x)
}
`,
    );
  });
  it("parts headers, bodies and the rest by one blank line, and keeps one where there are others", () => {
    assertEquals(
      formatted(
        'include "a"\ninclude "b"\n\n\nnamespace go c\nconst i32 A = 1;\nconst i32 B = 2\n\n\ntypedef A C;struct D{}',
      ),
      'include "a"\ninclude "b"\n\nnamespace go c\n\nconst i32 A = 1\nconst i32 B = 2\n\ntypedef A C\n\nstruct D {}\n',
    );
    assertEquals(formatted("struct A {\n\n\n1: i32 a\n\n\n2: i32 b\n\n}"), "struct A {\n  1: i32 a\n\n  2: i32 b\n}\n");
  });
  it("breaks a list that is too long, with a comma behind each item, the next one only if need be", () => {
    const long = "a".repeat(40);
    assertEquals(
      formatted(`struct A { 1: string a (go.tag = "${long}", api.query = "${long}") }`),
      `struct A {\n  1: string a (\n    go.tag = "${long}",\n    api.query = "${long}",\n  )\n}\n`,
    );
    assertEquals(
      formatted(`service S { void ${long}(1: i32 ${long.slice(8)}) throws (1: X x, 2: Y y) (a = "b") }`),
      `service S {\n  void ${long}(1: i32 ${long.slice(8)}) throws (\n    1: X x,\n    2: Y y,\n  ) (a = "b")\n}\n`,
    );
  });
  it("breaks at 100 columns, not at 99", () => {
    const line = (width: number): string => `const list<string> A = ["${"a".repeat(width - 27)}"]`;
    assertEquals(line(100).length, 100);
    assertEquals(formatted(line(100)), line(100) + "\n");
    assertEquals(formatted(line(101)).split("\n").length, 4);
  });
  it("leaves a list broken whose first item is on a line of its own", () => {
    assertEquals(formatted("const list<string> A = [\n'a', 'b']"), "const list<string> A = [\n  'a',\n  'b',\n]\n");
    assertEquals(formatted("const list<string> A = ['a',\n'b'\n]"), "const list<string> A = ['a', 'b']\n");
  });
  it("fills lines with numbers", () => {
    const lines = formatted(`const list<i32> A = [${"1000, ".repeat(40)}]`).split("\n");
    assertEquals(lines.map((line) => line.length), [21, 97, 97, 49, 1, 0]);
  });
  it("keeps comments where they are", () => {
    const text = `/*
 * licence
 */
// of the include
include "a" // behind it

/** Of A. */
struct A { // behind the brace
  // above a
  1: i32 a // behind a
  /* before b */ 2: i32 b /* behind b */

  // detached

  // at the end
} // behind A

struct B {
  // nothing here
}

service S {
  void f(
    1: i32 a, // behind a
    // above b
    2: i32 b /* before the comma */, /* behind it */
    // at the end
  )
  void // in the middle
    g(/* none */)
}
// at the end of the file
`;
    assertEquals(formatted(text), text);
  });
  it("moves separators, not comments", () => {
    assertEquals(
      formatted("struct A { 1: i32 a, // a\n2: i32 b /* b */; }"),
      "struct A {\n  1: i32 a // a\n  2: i32 b /* b */\n}\n",
    );
    assertEquals(formatted("service S { void f(1: i32 a // a\n, 2: i32 b) }").split("\n").slice(1, 5), [
      "  void f(",
      "    1: i32 a, // a",
      "    2: i32 b,",
      "  )",
    ]);
  });
  it("keeps the separator that a type called throws needs", () => {
    const text = "service S {\n  void f(),\n  throws g()\n}\n";
    assertEquals(formatted(text), text);
  });
  it("puts the stars of a comment below each other and leaves other comments as they are", () => {
    assertEquals(
      formatted("struct A {\n/*\n* a\n      *   b  \n*/\n1: i32 a\n/* x\n     y */\n}"),
      "struct A {\n  /*\n   * a\n   *   b\n   */\n  1: i32 a\n  /* x\n     y */\n}\n",
    );
  });
  it("ends lines as the first one does and drops a byte order mark", () => {
    assertEquals(formatted("\ufeff// a\r\nstruct A {1: i32 a\n}"), "// a\r\nstruct A {\r\n  1: i32 a\r\n}\r\n");
    assertEquals(formatted("struct A {}\rstruct B {}\r\n"), "struct A {}\n\nstruct B {}\n");
  });
  it("leaves strings as they are, their line ends too", () => {
    const text = "const string A = 'a\r\n\tb  \n'\n";
    assertEquals(formatted(text), text);
  });
  it("makes nothing of nothing", () => {
    assertEquals(formatted(""), "");
    assertEquals(formatted(" \n\n\t\n"), "");
    assertEquals(formatted("\n\n// a"), "// a\n");
  });
  it("gives a broken text back as it is, with its errors", () => {
    const { value, diagnostics } = format("a.thrift", "struct A {1: i32}\n");
    assertEquals(value, "struct A {1: i32}\n");
    assertEquals(diagnostics.map(({ code, severity }) => [code, severity]), [["UT1005", "error"]]);
  });
  it("gives nothing that means something else", () => {
    const document = parse("a.thrift", "struct A {1: i32 a}").value;
    assertThrows(() => formatDocument({ ...document, definitions: [] }), Error, "would change what it means");
  });
});
