/**
 * Requests as command lines give them: JSON, a file with JSON, or standard input.
 *
 * @module
 */
import type { JsonValue } from "../../codecs/generic/json_text.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import type { MethodSchema } from "../../lib/schema/service.ts";

/** Longest line of standard input that is taken for a message, in characters. */
const MAX_LINE_CHARS = 64 * 1024 * 1024;

/** The text that an operand means: `@file`, `-` for standard input, or itself. */
export async function readOperand(platform: Platform, operand: string): Promise<string> {
  if (operand.startsWith("@")) return await platform.files.readText(operand.slice(1));
  if (operand !== "-") return operand;
  let text = "";
  for await (const line of lines(platform.stdin)) text += `${line}\n`;
  return text;
}

/**
 * The arguments of a call, in order, from one JSON value: that of the argument itself where there is only one, else an
 * object by the arguments' names, or an array. Throws an `RpcError` of kind `"invalid"`.
 */
export function argumentsOf({ name, args }: MethodSchema, json: JsonValue | undefined): unknown[] {
  const names = args.fields.map((field) => field.name);
  if (names.length === 0) return [];
  if (names.length === 1) return [json];
  if (Array.isArray(json) && json.length <= names.length) return names.map((_, i) => json[i]);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new RpcError("invalid", `${name} takes several arguments: give an object with ${names.join(", ")}`);
  }
  const object = json as { readonly [name: string]: JsonValue };
  const stranger = Object.keys(object).find((key) => !names.includes(key));
  if (stranger !== undefined) {
    throw new RpcError("invalid", `${name} has no argument ${JSON.stringify(stranger)}, but ${names.join(", ")}`);
  }
  return names.map((key) => object[key]);
}

/** Messages of a stream: one a line, as `parse` reads it; empty lines are passed over. `at` is told the number of each line first. */
export async function* messagesOf(
  source: AsyncIterable<string>,
  parse: (line: string) => unknown,
  at: (line: number) => void,
): AsyncGenerator<unknown> {
  let number = 0;
  for await (const line of source) {
    number++;
    if (line.trim() === "") continue;
    at(number);
    try {
      yield parse(line);
    } catch (reason) {
      throw new RpcError("invalid", RpcError.from(reason).message, { cause: reason });
    }
  }
}

/** The lines of a text. */
export async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split("\n");
}

/**
 * The lines of a stream of UTF-8, each as soon as it is there. They end early when `signal` fires, also while one is waited
 * for. Rejects with kind `"invalid"` for a line without end.
 */
export async function* lines(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<string> {
  const reader = stream.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined /* it failed by itself: the read says so */);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const decoder = new TextDecoder();
  let rest = "";
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      const parts = (rest + decoder.decode(value ?? new Uint8Array(0), { stream: !done })).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > MAX_LINE_CHARS) throw new RpcError("invalid", `a line of over ${MAX_LINE_CHARS} characters`);
      for (const part of parts) yield part.endsWith("\r") ? part.slice(0, -1) : part;
      if (done) break;
    }
    if (rest !== "") yield rest;
  } finally {
    signal?.removeEventListener("abort", stop);
    if (!ended) stop(); // what nobody wants any more need not be read
    reader.releaseLock();
  }
}
