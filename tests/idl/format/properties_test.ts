/**
 * What holds for every text the formatter takes: it means the same afterwards, keeps each comment between the tokens it
 * was between, and is not changed by formatting it again.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { emit } from "../../../idl/emit/emit.ts";
import { format, formatDocument } from "../../../idl/format/format.ts";
import { contentsOf } from "../../../idl/format/means_the_same.ts";
import { memoryReader } from "../../../idl/load.ts";
import { parse } from "../../../idl/parser.ts";
import { randomSource } from "../emit/random_values.ts";
import { PROBE_TEXTS, PROBES } from "../probes.ts";
import { isWhole, randomIdl, WHOLE_PROBES, withComments } from "./samples.ts";

/** Formats a whole text and checks what must hold. */
function check(text: string): void {
  const before = parse("a.thrift", text).value;
  const formatted = formatDocument(before); // throws if the trees differ
  assertEquals(contentsOf(parse("a.thrift", formatted).value), contentsOf(before));
  assertEquals(format("a.thrift", formatted).value, formatted, JSON.stringify(text));
  assert(!/[ \t]+\r?\n/.test(withoutLiterals(formatted)), `blanks at a line's end: ${JSON.stringify(formatted)}`);
  assert(formatted === "" || /[^\r\n]\r?\n$/.test(formatted), "one line end at the end");
  assert(!/\n\r?\n\r?\n/.test(withoutLiterals(formatted)) || /\/\*[^]*\n\r?\n/.test(formatted), "two blank lines");
}

function withoutLiterals(text: string): string {
  return text.replace(/"[^"]*"|'(?:\\.|[^'])*'/g, "''");
}

describe("formatting", () => {
  it("keeps its promises on the probes", () => {
    assert(WHOLE_PROBES.length > 200);
    for (const text of WHOLE_PROBES) check(text);
  });
  it("keeps them with comments between any two tokens", () => {
    const random = randomSource(4711);
    for (const text of WHOLE_PROBES) {
      for (const every of [1, 3, 10]) {
        const commented = withComments(text, random, every);
        assert(isWhole(commented), commented);
        check(commented);
      }
    }
  });
  it("keeps them on random files", () => {
    const random = randomSource(99);
    let whole = 0;
    for (let i = 0; i < 1500; i++) {
      const text = randomIdl(random);
      const commented = i % 2 === 0 ? text : withComments(text, random, 1 + random(12));
      if (!isWhole(commented)) continue;
      whole++;
      check(commented);
    }
    assert(whole > 1000, `only ${whole} of them were whole`);
  });
  it("leaves mutated texts alone where they are broken, and keeps its promises where they are not", () => {
    const random = randomSource(1);
    let broken = 0;
    for (let i = 0; i < 3000; i++) {
      const text = WHOLE_PROBES[random(WHOLE_PROBES.length)] ?? "";
      const other = PROBE_TEXTS[random(PROBE_TEXTS.length)] ?? "";
      const at = random(text.length + 1);
      const from = random(other.length + 1);
      const mutated = text.slice(0, at) + other.slice(from, from + random(12)) + text.slice(at + random(6));
      if (isWhole(mutated)) check(mutated);
      else {
        broken++;
        const { value, diagnostics } = format("a.thrift", mutated);
        assertEquals(value, mutated);
        assert(diagnostics.length > 0);
      }
    }
    assert(broken > 300 && broken < 2900, `${broken} were broken`);
  });
  it("changes nothing of what is generated, doc comments included", async () => {
    let generated = 0;
    for (const { files } of PROBES) {
      const before = await generate(files);
      if (before === undefined) continue;
      const formatted = Object.entries(files).map(([path, text]) => [path, format(path, text).value]);
      assertEquals(await generate(Object.fromEntries(formatted)), before);
      generated++;
    }
    assert(generated > 100, `only ${generated} were generated`);
  });
});

async function generate(files: Readonly<Record<string, string>>): Promise<unknown> {
  const { value, diagnostics } = await compile(["main.thrift"], memoryReader(files));
  return diagnostics.some(({ severity }) => severity === "error") ? undefined : emit(value).value;
}
