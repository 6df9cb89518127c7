import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hover } from "../../../idl/language/hover.ts";
import { outline, type OutlineEntry } from "../../../idl/language/outline.ts";
import { parse } from "../../../idl/parser.ts";
import { marked } from "./markers.ts";

async function shown(
  files: string | Record<string, string>,
): Promise<(string | undefined)[] | undefined> {
  const { module, offset, occurrences } = await marked(files);
  const found = hover(occurrences, module, offset);
  return found && [found.code, found.doc, ...found.facts];
}

describe("hover", () => {
  it("shows a field with its comment, id and the type behind its typedefs", async () => {
    const head = "typedef i64 Id\ntypedef list<Id> Ids\n";
    assertEquals(await shown(`${head}struct A {\n  /** Who they are. */\n  3: required Ids |ids = [1, 2]\n}`), [
      "3: required Ids ids",
      "Who they are.",
      "field of struct A, id 3",
      "type: `list<i64>`",
      "default: `[1, 2]`",
    ]);
    assertEquals(await shown("struct A { string |s }"), [
      "string s",
      undefined,
      "field of struct A, id 1 (not written)",
    ]);
    assertEquals(
      (await shown('struct A { 1: i64 |s (js.type = "number") }'))?.at(-1),
      "type: `i64`, a number in TypeScript",
    );
  });
  it("shows what a reference means, with the comment of its definition", async () => {
    const base = "// A point.\nstruct P { 1: i32 x, 2: optional P next }\nenum E { A, B = 7 /* the last */ }";
    assertEquals(
      await shown({ "base.thrift": base, "main.thrift": 'include "base.thrift"\nconst base.|P Z = {"x": 1}' }),
      [
        "struct P {\n  1: i32 x\n  2: optional P next\n}",
        "A point.",
        "defined in base.thrift",
      ],
    );
    assertEquals(
      await shown({ "base.thrift": base, "main.thrift": 'include "base.thrift"\nconst base.E Z = base.E.|B' }),
      [
        "E.B = 7",
        "the last",
        "member of enum E",
      ],
    );
  });
  it("shows values, methods, files and annotations", async () => {
    assertEquals(
      (await shown('const map<string, list<i32>> |M = {"a": [1]}'))?.[0],
      'const map<string, list<i32>> M = {"a": [1]}',
    );
    assertEquals(await shown("exception E {}\nservice S { string |f(1: i32 a) throws (1: E e) }"), [
      "string f(1: i32 a) throws (1: E e)",
      undefined,
      "method of service S",
    ]);
    assertEquals(
      (await shown({ "b.thrift": "namespace go x.y", "main.thrift": 'include "b|.thrift"' }))?.[0],
      'include "b.thrift"\nnamespace go x.y',
    );
    assertEquals((await shown('struct A { 1: i64 a (js.|type = "number") }'))?.[0], "js.type");
    assertEquals(await shown("struct A { 1: i|32 a }"), undefined);
    assertEquals((await shown(`const list<i32> |M = [${"1,".repeat(5000)}]`))?.[0]?.length, 223);
  });
  it("says what is deprecated", async () => {
    assertEquals((await shown('struct A { 1: i64 |a (deprecated = "use b") }'))?.at(-1), "deprecated: use b");
  });
});

describe("outline", () => {
  const text = (entries: readonly OutlineEntry[]): unknown[] =>
    entries.map(({ kind, name, children }) => [`${kind} ${name.text}`, ...text(children)]);

  it("lists definitions and what they consist of, also in a file with mistakes", () => {
    const { value } = parse(
      "a",
      "struct A { 1: i32 x\n 2: }\nenum E { X Y }\nservice S { void f( }\nconst i32 C = }\ntypedef A B",
    );
    assertEquals(text(outline(value)), [
      ["struct A", ["field x"]],
      ["enum E", ["member X"], ["member Y"]],
      ["service S", ["method f"]],
      ["typedef B"],
    ]);
  });
});
