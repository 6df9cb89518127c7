import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { canFormat, formatOf, type FormatOperand, parseFormat, sprintf } from "../../../lib/validation/sprintf.ts";

/** What Go's fmt.Sprintf gives. */
const GO: readonly (readonly [format: string, value: unknown, text: string])[] = [
  ["%g|%.3g", [1e6, 1e6], "1e+06|1e+06"],
  ["%g|%G", [123456789, 2.5e-7], "1.23456789e+08|2.5E-07"],
  ["%g|%g|%g", [1e5, 0.0001, 0.00001], "100000|0.0001|1e-05"],
  ["%e|%.2e|%E", [1.5, 123456789, 0], "1.500000e+00|1.23e+08|0.000000E+00"],
  ["%f|%.0f|%f", [1.5, 1e22, 1e21], "1.500000|10000000000000000000000|1000000000000000000000.000000"],
  ["%.0f|%.0f|%.2f|%.2f|%.1f", [2.5, 3.5, 0.125, 0.375, -0.25], "2|4|0.12|0.38|-0.2"],
  ["%.0e|%.1e|%.0e|%.0e", [2.5, 12500, 9.5, 25], "2e+00|1.2e+04|1e+01|2e+01"],
  ["%.1g|%.2g|%.1g|%.3g|%.10g|%.1e", [2.5, 12.5, 45, 100, 100000, 0.00032], "2|12|4e+01|100|100000|3.2e-04"],
  ["%8.2f|%-8.1f|%+08.2f", [1.5, 1.5, 1.5], "    1.50|1.5     |+0001.50"],
  ["%d|%5d|%-5d|%05d|%+d|% d", [5, 5, 5, -5, 5, 5], "5|    5|5    |-0005|+5| 5"],
  ["%x|%X|%o|%b", [1000, 1000n, 1000, -5], "3e8|3E8|1750|-101"],
  ["%.3d|%08.3d|%.0d", [0, 1000, 0], "000|    1000|"],
  ["%d", [-123456789012n], "-123456789012"],
  ["%d|%+d|%x|%g", [-0, -0, -0, -0], "0|+0|0|-0"],
  ["%s|%5s|%-5s|%05s|%.2s", ["é新🎉", "é新🎉", "é新🎉", "abc", "é新🎉"], "é新🎉|  é新🎉|é新🎉  |00abc|é新"],
  ["%x|%X", ["é新🎉", "abc"], "c3a9e696b0f09f8e89|616263"],
  ["%t|%6t|%-6t|%06t", [true, true, false, true], "true|  true|false |00true"],
  ["100%%|%g|%g", [Infinity, -Infinity], "100%|+Inf|-Inf"],
  [
    "% f|%+g|% 8e|%- 6F|% g|%+ g",
    [Infinity, Infinity, Infinity, Infinity, -Infinity, Infinity],
    " Inf|+Inf|     Inf| Inf  |-Inf|+Inf",
  ],
  ["% g|%+g|%g", [NaN, NaN, NaN], " NaN|+NaN|NaN"],
  [
    "% x|% X|% 12x|%0 9X|% .2x|% x",
    ["é新", "abc", "abc", "é", "abc", ""],
    "c3 a9 e6 96 b0|61 62 63|    61 62 63|0000C3 A9|61 62|",
  ],
  ["%+.d|% .x|%+4.o|%-4.b|", [0, 0, 0, 0], "||    |    |"],
];

describe("sprintf", () => {
  it("formats as Go does", () => {
    for (const [format, values, text] of GO) assertEquals(sprintf(format)(...values as unknown[]), text, format);
    assertEquals(sprintf("%s %.1x")(new TextEncoder().encode("hey"), new TextEncoder().encode("hey")), "hey 68");
    const bytes = new TextEncoder().encode("é新a");
    assertEquals(sprintf("%.2s|%.9s|% x")(bytes, bytes, bytes), "é新|é新a|c3 a9 e6 96 b0 61");
  });
  it("gives nothing when something is absent", () => {
    assertEquals(sprintf("%s%s")("a", undefined), undefined);
  });
  it("refuses verbs and widths that are not known, and tells what verbs format", () => {
    for (const format of ["%q", "%", "%!", "%#x", "%*d", "%2000d", "%.101f"]) {
      assertEquals(typeof parseFormat(format), "string", format);
    }
    const [verb] = parseFormat("%d");
    assertEquals(typeof verb === "object" && canFormat(verb, "int") && !canFormat(verb, "double"), true);
  });
  it("writes %v as the verb for what it formats", () => {
    const kinds: FormatOperand[] = ["int", "double", "bool", "string"];
    const parts = parseFormat("%v%%%5v %-v%.2v");
    assertEquals(typeof parts === "string" ? parts : formatOf(parts, kinds), "%d%%%5g %-t%.2s");
    const signed = parseFormat("%+5v%+ .2v%+d");
    assertEquals(typeof signed === "string" ? signed : formatOf(signed, ["int", "double", "int"]), "%5d% .2g%+d");
  });
});
