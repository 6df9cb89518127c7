/**
 * What holds for every file that `updraft lint --fix` takes: it generates the same code afterwards, and there is nothing left to
 * mend.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { emit } from "../../../idl/emit/emit.ts";
import { applyFixes, lint } from "../../../idl/lint/lint.ts";
import { readLintSettings } from "../../../idl/lint/settings.ts";
import type { Program } from "../../../idl/model.ts";
import { compileText } from "../checks.ts";
import { randomSource } from "../emit/random_values.ts";
import { isWhole, randomIdl, withComments } from "../format/samples.ts";
import { PROBES } from "../probes.ts";

type Files = Readonly<Record<string, string>>;

/** All rules, but for includes: a file that nothing includes any more is not generated. */
const SETTINGS = readLintSettings({
  extends: "all",
  rules: { "include-unused": "off", "include-repeated": "off" },
}, []);

/** Random files that need no others. */
function* randomFiles(): Generator<Files> {
  const random = randomSource(31);
  for (let i = 0; i < 1500; i++) {
    const text = randomIdl(random).replace(/include\s*"x.thrift"/g, "").replace(/x\.Foo\.A/g, "1")
      .replace(/extends\s+x\.T/g, "").replace(/x\.Foo/g, "byte").replace(/oneway/g, "async");
    const commented = i % 3 === 0 ? withComments(text, random, 6) : text;
    if (isWhole(commented)) yield { "main.thrift": commented };
  }
}

async function programOf(files: Files): Promise<Program | undefined> {
  const { value, diagnostics } = await compileText(files);
  return diagnostics.some(({ severity }) => severity === "error") ? undefined : value;
}

function mended(files: Files, program: Program): Files {
  const findings = lint(program.modules, SETTINGS);
  const texts = program.modules.map(({ path }): [string, string] => [
    path,
    applyFixes(files[path] ?? "", findings.filter(({ file }) => file === path)),
  ]);
  return { ...files, ...Object.fromEntries(texts) };
}

describe("fixes of lint rules", () => {
  it("change nothing of what is generated, and leave nothing to mend", async () => {
    let changed = 0;
    for (const files of [...PROBES.map((probe) => probe.files), ...randomFiles()]) {
      const before = await programOf(files);
      if (before === undefined) continue;
      const fixed = mended(files, before);
      const after = await programOf(fixed);
      assert(after !== undefined, JSON.stringify([files, fixed]));
      assertEquals(emit(after).value, emit(before).value, JSON.stringify([files, fixed]));
      assertEquals(mended(fixed, after), fixed);
      if (JSON.stringify(fixed) !== JSON.stringify(files)) changed++;
    }
    assert(changed > 60, `only ${changed} were mended`);
  });
});
