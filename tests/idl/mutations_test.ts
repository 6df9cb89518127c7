/**
 * Inputs made from the probes by random edits: whatever comes, compiling and generating end, and say where what is wrong.
 *
 * @module
 */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../idl/compile.ts";
import { emit } from "../../idl/emit/emit.ts";
import { memoryReader } from "../../idl/load.ts";
import { parse } from "../../idl/parser.ts";
import { SchemaSet } from "../../idl/schema.ts";
import { randomSource } from "./emit/random_values.ts";
import { PROBE_TEXTS, PROBES } from "./probes.ts";

describe("mutated inputs", () => {
  it("are compiled and generated without an exception", async () => {
    const random = randomSource(31_337);
    let generated = 0;
    for (let i = 0; i < 1500; i++) {
      const probe = PROBES[random(PROBES.length)];
      const files = { ...probe?.files, "main.thrift": mutate(probe?.files["main.thrift"] ?? "", random) };
      const { value, diagnostics } = await compile(["main.thrift"], memoryReader(files));
      for (const { file, start, end, line, column } of diagnostics) {
        const text = (files as Record<string, string>)[file] ?? "";
        assert(start <= end && end <= text.length && line >= 1 && column >= 1, JSON.stringify(files));
      }
      if (diagnostics.some((d) => d.severity === "error")) continue;
      emit(value, { deepCopy: true, equality: true, fieldMask: true, unknownFields: true });
      for (const service of new SchemaSet(value).services) assert(service.name !== "");
      generated++;
    }
    assert(generated > 50, `only ${generated} of them were without errors`);
  });
  // a hundred thousand in all, in parts that end well within a runner's limit
  for (let part = 0; part < 10; part++) {
    it(`are parsed, with tokens that tile the text and places inside of it, part ${part + 1} of 10`, () => {
      const random = randomSource(20_260 + part);
      let broken = 0;
      for (let i = 0; i < 10_000; i++) {
        const text = mutate(PROBE_TEXTS[random(PROBE_TEXTS.length)] ?? "", random);
        const { value: { tokens, definitions, headers }, diagnostics } = parse("main.thrift", text);
        let at = 0;
        for (let token = 0; token < tokens.length; token++) {
          if (tokens.start(token) !== at) throw new Error(`token ${token} of ${JSON.stringify(text)} leaves a gap`);
          at = tokens.end(token);
        }
        if (at !== text.length) throw new Error(`the tokens of ${JSON.stringify(text)} end at ${at}`);
        for (const { start, end } of [...diagnostics, ...definitions, ...headers]) {
          if (start < 0 || start > end || end > text.length) {
            throw new Error(`${start} to ${end} in ${JSON.stringify(text)}`);
          }
        }
        if (diagnostics.length > 0) broken++;
      }
      assert(broken > 1000, `only ${broken} of them had mistakes`);
    });
  }
});

/** Swaps, drops, doubles and inserts pieces of other texts. */
function mutate(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const other = PROBE_TEXTS[random(PROBE_TEXTS.length)] ?? "";
    const from = random(other.length + 1);
    const piece = random(3) === 0 ? "" : other.slice(from, from + random(12));
    const at = random(result.length + 1);
    result = result.slice(0, at) + piece + result.slice(at + random(6));
  }
  return result;
}
