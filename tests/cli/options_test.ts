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
    assert(parsed(["-q", "--quiet"]).has("quiet"));
  });
});

describe("describeOptions", () => {
  it("has a line for every option", () => {
    const text = describeOptions(SPECS);
    assertEquals(text.trimEnd().split("\n").length, SPECS.length);
    assertStringIncludes(text, "-I, --include DIR  Looks there. May be given more than once.");
  });
  it("breaks long lines between words, under each other", () => {
    const long = Array.from({ length: 40 }, (_, i) => `word${i}`);
    const lines = describeOptions([...SPECS, { name: "long", help: long.join(" ") }]).trimEnd().split("\n");
    const from = lines.findIndex((line) => line.includes("--long"));
    const own = lines.slice(from);
    assertEquals(own.flatMap((line) => line.trim().split(/ +/)), ["--long", ...long]);
    assert(own.length > 2 && own.every((line) => line.length <= 100));
    assertEquals(own.map((line) => line.indexOf("word")), own.map(() => own[0]!.indexOf("word")));
  });
});

function parsed(args: readonly string[]): ParsedOptions {
  const result = parseOptions(SPECS, args);
  if (typeof result === "string") throw new Error(result);
  return result;
}
