import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countDiagnostics, printable, printDiagnostics } from "../../cli/print_diagnostics.ts";
import type { Diagnostic } from "../../idl/diagnostics.ts";

const BASE: Diagnostic = {
  code: "UT1005",
  severity: "error",
  file: "a.thrift",
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 2,
  start: 0,
  end: 1,
  message: "no",
};

describe("printDiagnostics", () => {
  it("puts the mark below the place, whatever stands before it", () => {
    assertEquals(marks("\tab", 2, 3), ["\tab", "\t^"]);
    assertEquals(marks("新新ab", 3, 5), ["新新ab", "    ^~"]);
    assertEquals(marks("a新b", 2, 3), ["a新b", " ^~"]);
    assertEquals(marks("e\u0301ab", 3, 4), ["e\u0301ab", " ^"]);
    assertEquals(marks("abc", 4, 4), ["abc", "   ^"]);
  });
  it("shows the part of a long line that matters", () => {
    const [shown = "", mark = ""] = marks("x".repeat(500) + "HERE" + "y".repeat(500), 501, 505);
    assertEquals(shown.slice(mark.indexOf("^"), mark.indexOf("^") + 4), "HERE");
    assertEquals(shown.length < 180, true);
  });
});

describe("countDiagnostics", () => {
  it("names what there is", () => {
    assertEquals(countDiagnostics([]), "");
    assertEquals(countDiagnostics([BASE]), "1 error");
    assertEquals(countDiagnostics([BASE, BASE, { ...BASE, severity: "warning" }]), "2 errors, 1 warning");
  });
});

describe("printable", () => {
  it("replaces control characters and those that change the direction of text", () => {
    assertEquals(printable("a\x1bb\u202ec\td\n"), "a\\u001bb\\u202ec\td\n");
  });
});

/** The line and the marks below it. */
function marks(line: string, column: number, endColumn: number): string[] {
  const text = printDiagnostics([{ ...BASE, column, endColumn }], { color: false, line: () => line });
  return text.split("\n").slice(1, 3).map((part) => part.slice(6));
}
