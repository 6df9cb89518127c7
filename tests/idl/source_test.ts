import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SourceText } from "../../idl/source.ts";

describe("SourceText", () => {
  it("gives lines without their ends, whatever ends them", () => {
    const source = new SourceText("a", "one\r\ntwo\rthree\n\nfive");
    assertEquals([0, 1, 2, 3, 4, 5, 6].map((line) => source.line(line)), ["", "one", "two", "three", "", "five", ""]);
  });
  it("does not look through a line to give it, for one may hold every error of a file", () => {
    const source = new SourceText("a", "x".repeat(100_000) + "\n");
    source.line(1); // lines are counted once
    let steps = 0;
    const { charCodeAt, replace } = String.prototype;
    String.prototype.charCodeAt = function (index) {
      steps++;
      return charCodeAt.call(this, index);
    };
    String.prototype.replace = function (this: string, ...args: unknown[]): string {
      steps += this.length;
      return (replace as (...args: unknown[]) => string).apply(this, args);
    };
    try {
      assertEquals(source.line(1).length, 100_000);
    } finally {
      Object.assign(String.prototype, { charCodeAt, replace });
    }
    assert(steps < 10, `${steps} steps`);
  });
});
