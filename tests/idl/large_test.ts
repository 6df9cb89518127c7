/**
 * IDL of the size that companies have: dozens of files that include each other, thousands of lines.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../idl/compile.ts";
import { emit } from "../../idl/emit/emit.ts";
import { memoryReader } from "../../idl/load.ts";
import { randomSource } from "./emit/random_values.ts";

const FILES = 30;
const STRUCTS = 12;

describe("a large tree of files", () => {
  it("is compiled and generated whole, with imports between the files", async () => {
    const tree = makeTree();
    const lines = Object.values(tree).join("").split("\n").length;
    assert(lines > 6000, `${lines} lines`);
    const { value, diagnostics } = await compile([`f${FILES - 1}.thrift`], memoryReader(tree));
    assertEquals(diagnostics.filter((d) => d.code !== "UT3009"), []);
    assertEquals(value.modules.length, FILES);
    const outputs = emit(value).value;
    assertEquals(outputs.length, FILES);
    for (const { path, text } of outputs) {
      const imported = [...text.matchAll(/from "\.\/(f\d+\.ts)"/g)].map((match) => match[1]);
      for (const name of imported) assert(outputs.some((output) => output.path === name), `${path} imports ${name}`);
    }
  });
  it("survives being cut anywhere", async () => {
    const text = makeTree()["f3.thrift"] ?? "";
    const random = randomSource(7);
    for (let i = 0; i < 200; i++) {
      const cut = text.slice(0, random(text.length));
      const { diagnostics } = await compile(["a.thrift"], memoryReader({ "a.thrift": cut }));
      assert(diagnostics.every((d) => d.end <= cut.length));
    }
  });
});

/** Each file includes the four before it, so that there are more ways through them than could be walked one by one. */
function makeTree(): Record<string, string> {
  const random = randomSource(42);
  const tree: Record<string, string> = {};
  for (let file = 0; file < FILES; file++) {
    const included = [1, 2, 3, 4].map((back) => file - back).filter((other) => other >= 0);
    const lines = [`namespace go big.f${file}`, ...included.map((other) => `include "f${other}.thrift"`)];
    lines.push("enum E {", ...Array.from({ length: 10 }, (_, i) => `  V${i} = ${i} // number ${i}`), "}");
    for (let struct = 0; struct < STRUCTS; struct++) {
      lines.push(`/** Struct ${struct} of file ${file}. */`, `struct S${struct} {`);
      // every include is used
      included.forEach((other, i) => lines.push(`  ${100 + i}: optional f${other}.S${random(STRUCTS)} from${other}`));
      const types = ["bool", "i64", "string", "list<string>", "map<string, i64>", "set<E>", "E"];
      types.push(`list<S${random(struct + 1)}>`, `map<i32, S${random(STRUCTS)}>`);
      for (let field = 1; field <= 12; field++) {
        lines.push(`  ${field}: ${types[random(types.length)]} field${field} (go.tag = "json:\\"f${field}\\"")`);
      }
      lines.push("}");
    }
    const base = file > 0 ? ` extends f${file - 1}.Service${file - 1}` : "";
    lines.push(`service Service${file}${base} {`);
    for (let method = 0; method < 8; method++) {
      lines.push(`  S${method} m${file}_${method}(1: S${method} request, 2: i32 page = 1)`);
    }
    lines.push("}", "");
    tree[`f${file}.thrift`] = lines.join("\n");
  }
  return tree;
}
