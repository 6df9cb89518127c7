import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { toEdits } from "../../../cli/lsp/answers.ts";
import { applyChanges, type Position, toOffset, toPosition } from "../../../cli/lsp/positions.ts";
import { toPath, toUri } from "../../../cli/lsp/uris.ts";
import { SourceText } from "../../../idl/source.ts";
import { randomSource } from "../../idl/emit/random_values.ts";

describe("positions", () => {
  it("count UTF-16 units, and stay in the line and in the text", () => {
    const source = new SourceText("", "a😀b\r\nc\n");
    assertEquals(toOffset(source, { line: 0, character: 3 }), 3);
    assertEquals(toOffset(source, { line: 0, character: 99 }), 4);
    assertEquals(toOffset(source, { line: 1, character: 1 }), 7);
    assertEquals(toOffset(source, { line: 9, character: 9 }), 8);
    assertEquals(toPosition(source, 6), { line: 1, character: 0 });
  });
  it("are applied one change after the other", () => {
    const at = (line: number, character: number): { line: number; character: number } => ({ line, character });
    assertEquals(
      applyChanges("ab\ncd", [
        { range: { start: at(0, 1), end: at(1, 1) }, text: "X" },
        { range: { start: at(0, 2), end: at(0, 2) }, text: "\n\n" },
        { range: { start: at(2, 0), end: at(2, 1) }, text: "" },
      ]),
      "aX\n\n",
    );
    assertEquals(applyChanges("ab", [{ text: "whole" }]), "whole");
  });
  it("lead to the same text however many changes there are, and wherever ends of lines meet", () => {
    const random = randomSource(11);
    const pieces = ["a", "\r\n", "\n", "\r", "😀", "\ud83d", "\u2028", "xyz", ""];
    const make = (): string => Array.from({ length: random(9) }, () => pieces[random(pieces.length)]).join("");
    for (let i = 0; i < 3000; i++) {
      const text = make();
      let expected = text;
      const changes = Array.from({ length: 1 + random(4) }, () => {
        const source = new SourceText("", expected);
        const place = (): Position => ({ line: random(6), character: random(5) });
        const change = random(9) === 0 ? { text: make() } : { range: { start: place(), end: place() }, text: make() };
        const at = change.range === undefined
          ? [0, expected.length]
          : [toOffset(source, change.range.start), toOffset(source, change.range.end)];
        expected = expected.slice(0, Math.min(...at)) + change.text + expected.slice(Math.max(...at));
        return change;
      });
      assertEquals(applyChanges(text, changes), expected, JSON.stringify([text, changes]));
    }
  });
  it("take thousands of changes of a large text in one message", () => {
    const text = "  1: required string some_name_or_other\n".repeat(40_000);
    const changes = Array.from({ length: 20_000 }, (_, line) => {
      const start = { line: 39_999 - line, character: 2 };
      return { range: { start, end: start }, text: line % 1000 === 0 ? "\n" : "x" };
    });
    assertEquals(applyChanges(text, changes).length, text.length + 20_000);
  });
});

describe("toEdits", () => {
  it("makes of one text the other, with one small edit", () => {
    const random = randomSource(9);
    const pieces = ["a", "b", "\r\n", "\n", "\r", "😀", "😁", " "];
    const make = (): string => Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join("");
    for (let i = 0; i < 2000; i++) {
      const [before, after] = [make(), make()];
      const edits = toEdits(before, after).map(({ range, newText }) => ({ range, text: newText }));
      assertEquals(applyChanges(before, edits), after, JSON.stringify([before, after]));
    }
    assertEquals(toEdits("abcd", "abXd"), [
      { range: { start: { line: 0, character: 2 }, end: { line: 0, character: 3 } }, newText: "X" },
    ]);
  });
});

describe("URIs", () => {
  it("lead to paths and back", () => {
    for (const path of ["/a/b c/ü#?%.thrift", "C:/x/y.thrift"]) assertEquals(toPath(toUri(path)), path);
    assertEquals(toPath("file:///c%3A/x.thrift"), "c:/x.thrift");
    assertEquals(toPath("file://localhost/a"), "/a");
    for (const uri of ["untitled:Untitled-1", "http://x/y", "file:///%", "file:///a%00b", ""]) {
      assertEquals(toPath(uri), undefined);
    }
  });
});
