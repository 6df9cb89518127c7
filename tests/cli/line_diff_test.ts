import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lineDiff } from "../../cli/line_diff.ts";
import { randomSource } from "../idl/emit/random_values.ts";

describe("lineDiff", () => {
  it("is empty for equal texts", () => assertEquals(lineDiff("a\n", "a\n", "x", "y"), ""));
  it("shows three lines around a change and joins near ones", () => {
    const before = Array.from({ length: 20 }, (_, i) => `${i}\n`);
    const after = before.map((line, i) => i === 5 || i === 10 ? `new ${line}` : line);
    assertEquals(
      lineDiff(before.join(""), after.join(""), "x", "y").split("\n").filter((line) => /^[-+@]/.test(line)),
      ["--- x", "+++ y", "@@ -3,12 +3,12 @@", "-5", "+new 5", "-10", "+new 10"],
    );
    const far = before.map((line, i) => i === 2 || i === 17 ? `new ${line}` : line);
    assertEquals(lineDiff(before.join(""), far.join(""), "x", "y").match(/@@.*@@/g), [
      "@@ -1,6 +1,6 @@",
      "@@ -15,6 +15,6 @@",
    ]);
  });
  it("gives a patch that turns one text into the other, whatever they are", () => {
    const random = randomSource(5);
    for (let i = 0; i < 500; i++) {
      const text = (): string =>
        Array.from({ length: random(30) }, () => `${random(12)}`).join("\n") + (random(2) === 0 ? "\n" : "");
      const before = text();
      const after = random(3) === 0 ? before.replace(/1/g, "x") : text();
      assertEquals(patch(before, lineDiff(before, after, "x", "y")), after);
    }
  });
  it("compares long texts without a common line", () => {
    const text = (name: string): string => Array.from({ length: 20_000 }, (_, i) => `${name}${i}`).join("\n");
    assert(lineDiff(text("a"), text("b"), "x", "y").includes("@@ -1,20000 +1,20000 @@"));
  });
});

/** Applies a patch, checking its numbers and what it says of the old text. */
function patch(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  const lines = diff.replaceAll("\n\\ No newline at end of file\n", "\0\n").split("\n").slice(2, -1);
  for (const line of lines) {
    const hunk = /^@@ -(\d+),(\d+)/.exec(line);
    if (hunk !== null) {
      const from = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      while (at < from) result.push(old[at++] ?? "");
      continue;
    }
    const text = line.endsWith("\0") ? line.slice(1, -1) : line.slice(1) + "\n";
    if (!line.startsWith("+")) assertEquals(old[at++], text);
    if (!line.startsWith("-")) result.push(text);
  }
  return [...result, ...old.slice(at)].join("");
}
