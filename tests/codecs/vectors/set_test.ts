/**
 * No vector is left out: the files are these and as long as they were, each with a test that goes through all of its lines and
 * fails at one that it does not know.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdirSync, readFileSync } from "node:fs";
import { conversations, http2Connections } from "./conversations.ts";
import { linesOf } from "./vectors.ts";

/** Lines of each file, and the tests that read it. */
const FILES: Readonly<Record<string, readonly [lines: number, tests: readonly string[]]>> = {
  "codecs.txt": [88, ["codecs_test.ts"]],
  "conversations.txt": [211, ["http2_calls_test.ts", "http2_frames_test.ts", "streams_test.ts"]],
  "generic.txt": [68, ["generic_test.ts"]],
  "http2_frames.txt": [343, ["http2_frames_test.ts"]],
  "probes.txt": [19, ["probes_test.ts"]],
};

const names = readdirSync(new URL(".", import.meta.url));

describe("the vectors", () => {
  it("are in these files", () => {
    assertEquals(names.filter((name) => name.endsWith(".txt")).sort(), Object.keys(FILES));
  });

  for (const [file, [lines, tests]] of Object.entries(FILES)) {
    it(`of ${file} are ${lines} lines`, () => assertEquals(linesOf(file).length, lines));
    it(`of ${file} have their tests`, () => {
      const reads = file === "conversations.txt" ? "./conversations.ts" : `linesOf("${file}")`;
      const found = names.filter((name) =>
        name.endsWith("_test.ts") && name !== "set_test.ts" &&
        readFileSync(new URL(name, import.meta.url), "utf8").includes(reads)
      );
      assertEquals(found.sort(), tests as string[]);
    });
  }

  it("are 39 conversations: 23 calls, 4 streams, and 12 over HTTP/2 on 10 connections", () => {
    const counts = (["unary", "stream", "http2"] as const).map((kind) => conversations(kind).length);
    assertEquals([conversations().length, ...counts, http2Connections().length], [39, 23, 4, 12, 10]);
    assertEquals(
      http2Connections().flatMap(({ name }) => name.split(", ")),
      conversations("http2").map(({ name }) => name),
    );
  });
});
