import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Document, EnumNode, FieldNode, ServiceNode, StructNode } from "../../idl/ast.ts";
import type { Outcome } from "../../idl/diagnostics.ts";
import { parse } from "../../idl/parser.ts";
import { PROBE_TEXTS } from "./probes.ts";

describe("parse", () => {
  it("keeps every part of a file in its place", () => {
    const text = `include "base.thrift"
cpp_include '<x>'
namespace go a.b (x = "y")
namespace * c
const i32 A = 1, (k = "v")
typedef map<string, list<i32 (a = "b")>> M (c = "d")
enum E { A = 1 (x = "y"), B; C }
union U { 1: i32 a }
exception X { 1: required string msg = "hi" (a.b = 'c'), }
service S extends base.T { oneway void f(1: i32 a); list<i64> g() throws (1: X x) (q = "r") } (e = "f")
`;
    const { value, diagnostics } = parse("x.thrift", text);
    assertEquals(diagnostics, []);
    assertEquals(value.headers.map((h) => h.kind), ["include", "cpp_include", "namespace", "namespace"]);
    assertEquals(value.definitions.map((d) => `${d.kind} ${d.name.text}`), [
      "const A",
      "typedef M",
      "enum E",
      "union U",
      "exception X",
      "service S",
    ]);
    for (const d of value.definitions) assert(text.slice(d.start, d.end).startsWith(d.kind));
    const service = value.definitions[5] as ServiceNode;
    assertEquals(service.base?.text, "base.T");
    assertEquals(service.functions.map((f) => [f.name.text, f.oneway?.text, f.returns?.name.text, f.throws.length]), [
      ["f", "oneway", undefined, 0],
      ["g", undefined, "list", 1],
    ]);
    const field = fields(value, 4)[0];
    assertEquals(field?.requiredness?.text, "required");
    assertEquals(field?.annotations.map((a) => [a.key.text, a.value?.raw]), [["a.b", "c"]]);
  });
  it("takes keywords as names wherever the grammar allows a name", () => {
    clean("struct struct { 1: i32 required; 2: string optional; 3: struct struct }");
    clean("enum E { struct, bool, required, throws }");
    clean("service S { void struct(); void string(); void oneway(); void void() }");
    clean("typedef i32 listing struct A { 1: listing a }");
  });
  it("needs a boundary behind required and optional", () => {
    const { value } = parse("x.thrift", "struct A { 1: requiredX a; 2: optionali32 b }");
    assertEquals(fields(value, 0).map((f) => [f.requiredness, f.type.name.text]), [
      [undefined, "requiredX"],
      [undefined, "optionali32"],
    ]);
  });
  it("goes on behind a broken item and keeps the others", () => {
    const { value, diagnostics } = parse(
      "x.thrift",
      "struct A {\n 1: i32 a\n 2 i32 b\n 3: \n 4: list<i32 c\n 5: i32 d\n}\nenum E { A = , B }\nstruct B {}",
    );
    assertEquals(fields(value, 0).map((f) => f.name.text), ["a", "b", "d"]);
    assertEquals((value.definitions[1] as EnumNode).members.map((m) => m.name.text), ["B"]);
    assertEquals(value.definitions.length, 3);
    assertEquals(diagnostics.map((d) => `${d.line} ${d.code}`), ["3 UT1005", "4 UT1005", "5 UT1005", "8 UT1005"]);
  });
  it("ends a body that is never closed where the next definition begins", () => {
    const { value, diagnostics } = parse("x.thrift", "struct A {\n 1: i32 a\n\nstruct B {\n 1: i32 b\n}\n");
    assertEquals(value.definitions.map((d) => d.name.text), ["A", "B"]);
    assertEquals(diagnostics.length, 1);
    assertEquals(diagnostics[0]?.related?.[0]?.line, 1);
  });
  it("reports a bracket that is missing once, and reads on as if it were there", () => {
    const idl = `struct S {
  1: required list<i32> a
  2: optional map<string, i32> b
}
enum E {
  A = 1
  B
}
service P {
  oneway void ping(1: S s, 2: E e)
  S get(1: S s, 2: E e = E.A) throws (1: X x) (a = "b")
  void put(1: S s)
}
exception X {}
`;
    const names = (text: string): unknown => {
      const { headers, definitions } = parse("x", text).value;
      return JSON.stringify([headers, definitions], (key, value) => key === "text" ? value : value?.text ?? value)
        .match(/"(?:name|type|value|key)":"[^"]*"/g);
    };
    clean(idl);
    for (const match of idl.matchAll(/[<>(){]/g)) {
      const at = match.index;
      const broken = `${idl.slice(0, at)} ${idl.slice(at + 1)}`;
      const place = `${match[0]} at ${at}`;
      assertEquals(codes(broken).length, 1, `${place}: ${JSON.stringify(parse("x", broken).diagnostics)}`);
      const brackets = "{)".includes(match[0]);
      if (brackets) assertEquals(names(broken), names(idl), place);
    }
  });
  it("reports each annotation of fbthrift once, and what stands behind it is there", () => {
    const idl = `@thrift.Uri{value = ""}
struct A {
  @cpp.Ref{type = cpp.RefType.Unique}
  1: i32 a
  @thrift.Box
  2: optional A b
}
@thrift.Box
service S {
  @rust.Exhaustive
  void f(1: A a)
}
`;
    const { value, diagnostics } = parse("x", idl);
    assertEquals(diagnostics.map((d) => `${d.code} ${d.line}`), [1, 3, 5, 8, 10].map((line) => `UT1001 ${line}`));
    assertEquals(value.definitions.map((d) => d.name.text), ["A", "S"]);
    assertEquals(fields(value, 0).map((f) => f.name.text), ["a", "b"]);
  });
  it("reports a type with too many parts once", () => {
    assertEquals(codes("struct A { 1: list<i32, map<i32, i32>> a, 2: set<i32 b, 3: list<i32> c }"), [
      "UT1005",
      "UT1005",
    ]);
  });
  it("says which word of a field is one too many or out of place", () => {
    const said = (text: string): (string | undefined)[] => parse("x", text).diagnostics.map((d) => d.suggestion);
    assertEquals(said("struct A { 1: optional required i32 a }"), ["leave required out"]);
    assertEquals(said("struct A { 1: optional optional map<i32, i32> a }"), ["leave optional out"]);
    assertEquals(said("struct A { required 1: i32 a }"), ["the id comes first: 1: required"]);
    clean("struct A { 1: optional required a 2: required optional optional 3: Required b }");
    clean("struct A {\n  Required a\n  Optional b\n}");
  });
  it("suggests what was probably meant", () => {
    const said = (text: string): (string | undefined)[] => parse("x", text).diagnostics.map((d) => d.suggestion);
    assertEquals(said("strcut A {}"), ["did you mean struct?"]);
    assertEquals(said("service A Extends B {}"), ["did you mean extends?"]);
    assertEquals(said("php_namespace foo\nstruct S {}"), ["write namespace php"]);
    assertEquals(said("struct A {};"), ["remove ;, nothing needs one here"]);
    assertEquals(said("struct A { 1: Required i32 a }"), ["write required in lower case"]);
    assertEquals(said("struct A { 1: i32 a (b = 1) }"), ["put the value of b in quotes"]);
    assertEquals(said("include <b.thrift>"), ["put the path in quotes"]);
  });
  it("limits how deep types and values nest", () => {
    const deep = "struct A { 1: " + "list<".repeat(100_000) + "i32" + ">".repeat(100_000) + " a }\nstruct B {}";
    assertEquals(codes(deep), ["UT1007"]);
    assertEquals(codes("const i32 A = " + "[".repeat(100_000)), ["UT1007"]);
    assertEquals(codes("const i32 A = " + "{1:".repeat(100_000)), ["UT1007"]);
  });
  it("gives places inside the file for every probe, cut at every length", () => {
    for (const text of PROBE_TEXTS) {
      for (let cut = 0; cut <= text.length; cut++) placesInside(text.slice(0, cut));
    }
  });
  it("survives thousands of mutated inputs", () => {
    const random = xorshift(20_240_601);
    const pieces = [
      "{",
      "}",
      "(",
      ")",
      "<",
      ">",
      "[",
      "]",
      ",",
      ";",
      ":",
      "=",
      '"',
      "'",
      "\\",
      "/*",
      "//",
      "\n",
      "struct ",
      "0x",
      "1",
      "-",
      "é",
      "\0",
    ];
    for (let i = 0; i < 10_000; i++) {
      let text = PROBE_TEXTS[random(PROBE_TEXTS.length)] ?? "";
      for (let edits = 1 + random(4); edits > 0; edits--) {
        const at = random(text.length + 1);
        const end = at + random(4);
        text = text.slice(0, at) + (pieces[random(pieces.length)] ?? "") + text.slice(end);
      }
      placesInside(text);
    }
  });
});

function clean(text: string): void {
  assertEquals(parse("x.thrift", text).diagnostics, [], text);
}

function codes(text: string): string[] {
  return parse("x.thrift", text).diagnostics.map((d) => d.code);
}

function fields(document: Document, index: number): readonly FieldNode[] {
  return (document.definitions[index] as StructNode).fields;
}

function placesInside(text: string): Outcome<Document> {
  const outcome = parse("x.thrift", text);
  const lines = text.split(/\r\n|\r|\n/);
  for (const d of outcome.diagnostics) {
    assert(d.start >= 0 && d.start <= d.end && d.end <= text.length, JSON.stringify(text));
    assert(d.line >= 1 && d.line <= lines.length, JSON.stringify(text));
    assert(d.column >= 1 && d.column <= (lines[d.line - 1]?.length ?? 0) + 2, JSON.stringify(text));
  }
  return outcome;
}

/** A small seeded generator: gives an integer below `limit`. */
function xorshift(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
