/**
 * Whatever an IDL calls its files and namespaces, what is generated lies below the output folder.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { writeOutputs } from "../../../cli/write_outputs.ts";
import { compile } from "../../../idl/compile.ts";
import { emit } from "../../../idl/emit/emit.ts";
import { below, joinPath } from "../../../idl/paths.ts";
import { memoryPlatform } from "../../cli/memory_platform.ts";
import { randomSource } from "./random_values.ts";

const PARTS = [
  "..",
  ".",
  "a",
  "b.c",
  "...",
  "C:",
  "con",
  "~",
  "$HOME",
  "%2e%2e",
  "a\\..\\..",
  " ",
  "\u202e",
  "-o",
  "é",
  "NUL.x",
  "Aux",
  "a..",
  "\0",
  "a\nb",
  "/",
  "a.ts",
];
const NAMES = ["..", "a..b", "....", "_", "a", "__proto__", ".a", "a.", "a.b.c", "con", "com1.lpt9", "nul.x"];

describe("generated paths", () => {
  it("stay below the output folder for every include and namespace", async () => {
    const random = randomSource(77);
    let outputs = 0;
    for (let i = 0; i < 500; i++) {
      const parts = Array.from({ length: 1 + random(4) }, () => PARTS[random(PARTS.length)]);
      const path = `${random(5) === 0 ? "/" : ""}${parts.join("/")}/x.thrift`;
      const namespace = `namespace ts ${NAMES[random(NAMES.length)]}\n`;
      const main = `include "${path}"\n${namespace}struct A { 1: x.B b }`;
      // what the include leads to is there, wherever that is
      const reader = {
        read: (file: string): Promise<string | null> =>
          Promise.resolve(
            file === "idl/main.thrift" ? main : file.endsWith("x.thrift") ? `${namespace}struct B {}` : null,
          ),
      };
      const { value } = await compile(["idl/main.thrift"], reader, { cwd: "/work" });
      for (const split of ["file", "namespace"] as const) {
        const files = emit(value, { split, roots: ["..", "/"] }).value;
        for (const file of files) {
          const target = joinPath("out", file.path);
          assert(below("out", target) !== undefined, `${JSON.stringify(main)} becomes ${target}`);
          assertEquals(/^[A-Za-z0-9._/-]+$/.test(file.path) && !file.path.startsWith("/"), true, file.path);
          for (const part of file.path.split("/")) {
            assert(!/^\.{0,2}$|\.$|^(?:con|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(part), file.path);
          }
        }
        outputs += files.length;
        const memory = memoryPlatform([]);
        await writeOutputs(memory.platform.files, "out", files);
        assertEquals(memory.writes.filter((write) => below("out", write) === undefined), []);
      }
    }
    assert(outputs > 700, `${outputs} files`);
  });
});
