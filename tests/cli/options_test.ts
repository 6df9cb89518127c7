import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { describeOptions, type OptionSpec, type ParsedOptions, parseOptions } from "../../cli/options.ts";

const SPECS: readonly OptionSpec[] = [
  { name: "out", short: "o", value: "DIR", help: "Where to." },
  { name: "include", short: "I", value: "DIR", repeatable: true, help: "Looks there." },
  { name: "kind", value: "K", choices: ["a", "b"], help: "What kind." },
  { name: "quiet", short: "q", help: "Says less." },
];

describe("parseOptions", () => {
  it("takes values in every usual form", () => {
    for (const args of [["--out", "x"], ["--out=x"], ["-o", "x"], ["-ox"], ["-o=x"]]) {
      assertEquals(parsed(args).value("out"), "x");
    }
    assertEquals(parsed(["-I", "a", "f", "-Ib", "--include=c"]).values("include"), ["a", "b", "c"]);
  });
  it("keeps operands in order, and all behind --", () => {
    const { operands, has } = parsed(["a", "-q", "b", "--", "-q", "--out"]);
    assertEquals(operands, ["a", "b", "-q", "--out"]);
    assert(has("quiet") && !has("out"));
  });
  it("says what is wrong", () => {
    assertEquals(parseOptions(SPECS, ["--oot", "x"]), "unknown option --oot, did you mean --out?");
    assertEquals(parseOptions(SPECS, ["-x"]), "unknown option -x");
    assertEquals(parseOptions(SPECS, ["--out"]), "--out needs a value: --out DIR");
    assertEquals(parseOptions(SPECS, ["--quiet=1"]), "--quiet takes no value");
    assertEquals(parseOptions(SPECS, ["--kind", "c"]), '--kind cannot be "c": choose a, b');
    assertEquals(parseOptions(SPECS, ["-o", "a", "-o", "b"]), "-o is given twice");
  });
});

describe("describeOptions", () => {
  it("has a line for every option", () => {
    const text = describeOptions(SPECS);
    assertEquals(text.trimEnd().split("\n").length, SPECS.length);
    assertStringIncludes(text, "-I, --include DIR  Looks there. May be given more than once.");
  });
});

function parsed(args: readonly string[]): ParsedOptions {
  const result = parseOptions(SPECS, args);
  if (typeof result === "string") throw new Error(result);
  return result;
}
