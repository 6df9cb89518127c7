/**
 * Checks HPACK against Go's, both ways: `hpack.ts GO_PROGRAM`, the path of `tests/interop/go/cmd/hpack`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { HpackDecoder } from "../../codecs/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../codecs/http2/hpack/encoder.ts";
import type { HeaderList } from "../../codecs/http2/header_list.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { hex, toHex } from "../codecs/http2/hex.ts";
import { fieldsOf, listOf, stories, type Story, type StoryField } from "../codecs/http2/hpack/stories.ts";

const platform = await autoPlatform();
const [program = ""] = platform.args;

/** Runs Go's encoder or decoder on steps of all stories. */
async function byGo<T>(work: "encode" | "decode", input: unknown): Promise<T[][]> {
  const child = await platform.spawn(program, [work]);
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(JSON.stringify(input))).then(() => writer.close());
  const [out, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr), written]);
  assertEquals([(await child.exited).code, errors], [0, ""]);
  return JSON.parse(out);
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** Encodes a list for each step. */
function encode({ steps }: Story, lists: readonly HeaderList[]): { sizes: readonly number[]; block: string }[] {
  const encoder = new HpackEncoder();
  return steps.map(({ sizes }, i) => {
    for (const size of sizes) encoder.limitTable(size);
    const w = new WriteBuffer();
    encoder.encode(w, lists[i]!);
    return { sizes, block: toHex(w.written()) };
  });
}

/** Decodes a block for each step. */
function decode({ steps }: Story, blocks: readonly string[]): HeaderList[] {
  const decoder = new HpackDecoder({ maxListBytes: 1 << 20 });
  return steps.map(({ sizes }, i) => {
    for (const size of sizes) decoder.limitTable(size);
    const bytes = hex(blocks[i]!);
    return decoder.decode(bytes, 0, bytes.length);
  });
}

const all = stories();
const told = all.map(({ steps }) => steps.map(({ fields }) => fields));
const read = await byGo<StoryField>("decode", all.map((story) => encode(story, story.steps.map(listOf))));
const blocks = await byGo<string>("encode", all.map(({ steps }) => steps));
const lists = all.map((story, i) => decode(story, blocks[i]!));
const again = await byGo<StoryField>("decode", all.map((story, i) => encode(story, lists[i]!)));
const checks: readonly (readonly [string, unknown])[] = [
  ["Go reads what ours wrote", read],
  ["ours reads what Go wrote", lists.map((story) => story.map(fieldsOf))],
  ["Go reads what ours wrote of what it read from Go", again],
];

let failed = 0;
for (const [what, got] of checks) {
  for (const [i, { name }] of all.entries()) {
    try {
      assertEquals((got as unknown[])[i], told[i]);
      await platform.stdout.write(`PASS ${what}, ${name}\n`);
    } catch (error) {
      failed++;
      const text = error instanceof Error ? error.message : String(error);
      await platform.stdout.write(`FAIL ${what}, ${name}: ${text.replaceAll("\n", " ").slice(0, 500)}\n`);
    }
  }
}
await platform.stdout.write(`${checks.length * all.length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
