/**
 * 10,000 streams on one connection over TCP, a slow reader among them: time, memory, and what the slow reader may hold.
 *
 * `streams.ts [--streams 10000] [--rounds 5]`, unchanged on Deno, Bun and Node. Client and server are one process, so memory
 * is that of both sides. Ends with exit code 1 if the slow reader was sent more than its bound.
 *
 * @module
 */
import process from "node:process";
import { createClient, createServer } from "../mod.ts";
import { ttheaderStreaming } from "../codecs/ttheader/stream/protocol.ts";
import { type EchoRequest, StreamService } from "../tests/interop/gen/echo.ts";
import { streamHandlers } from "../tests/interop/handlers.ts";

const MIB = 1024 * 1024;
const MESSAGE_BYTES = 1024;
/** 1 MiB unread and 1 MiB not parsed at the client, 1 MiB not taken at the server, and the system's socket buffers. */
const MOST_SENT_BYTES = 16 * MIB;

const count = Number(option("streams", "10000"));
const rounds = Number(option("rounds", "5"));

/** Measures everything and prints it. */
async function main(): Promise<void> {
  let sent = 0;
  const text = "x".repeat(MESSAGE_BYTES);
  const server = await createServer({ protocols: [ttheaderStreaming({ maxStreams: count + 1 })] })
    .add(StreamService, {
      ...streamHandlers(),
      async *serverStream() {
        for (;;) {
          sent++;
          yield await Promise.resolve({ msg: text, all: undefined });
        }
      },
    })
    .listen({ hostname: "127.0.0.1", port: 0 });
  const streaming = ttheaderStreaming({ maxStreams: count + 1, stallMs: 600_000 });
  const client = createClient(StreamService, { to: server.address, streaming });

  const before = memoryMib();
  const streams = Array.from({ length: count - 1 }, () => new Echo());
  const replies = streams.map((stream) => client.bidi(stream)[Symbol.asyncIterator]());
  const round = async (): Promise<number> => {
    const from = performance.now();
    for (const stream of streams) stream.say({ msg: "hello", all: undefined });
    const answers = await Promise.all(replies.map((one) => one.next()));
    if (answers.some(({ value }) => value?.msg !== "hello")) throw new Error("a stream lost its answer");
    return performance.now() - from;
  };
  const opening = await round();
  const { running, connections } = server.stats;
  const used = memoryMib() - before;
  print(`${running + 1} streams on ${connections} connection, opened and answered in ${opening.toFixed(0)} ms`);
  print(`memory of both sides: ${used.toFixed(0)} MiB more, ${(used * 1024 / count).toFixed(1)} KiB a stream`);

  const times: number[] = [];
  for (let i = 0; i < rounds; i++) times.push(await round());
  const best = Math.min(...times);
  print(`a message and its answer on each: ${best.toFixed(0)} ms, ${(count / best).toFixed(0)} thousand/s`);

  const slow = client.serverStream({ msg: "", all: undefined })[Symbol.asyncIterator]();
  await slow.next();
  const still = await standsStill(() => sent);
  print(`a reader that stopped was sent ${(still * MESSAGE_BYTES / MIB).toFixed(1)} MiB, then its server waited`);
  print(`memory with it: ${(memoryMib() - before).toFixed(0)} MiB more`);
  await slow.return?.();
  print(`the others after it left: ${(await round()).toFixed(0)} ms`);

  for (const stream of streams) stream.end();
  await Promise.all(replies.map((one) => one.next()));
  await client.close();
  await server.close();
  if (still * MESSAGE_BYTES > MOST_SENT_BYTES) {
    print(`more than ${MOST_SENT_BYTES / MIB} MiB`);
    process.exitCode = 1;
  }
}

/** Requests said one by one. */
class Echo implements AsyncIterableIterator<EchoRequest> {
  readonly #said: EchoRequest[] = [];
  #wake: ((result: IteratorResult<EchoRequest>) => void) | undefined = undefined;
  #ended = false;

  say(request: EchoRequest): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake === undefined) this.#said.push(request);
    else wake({ done: false, value: request });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<EchoRequest>> {
    const value = this.#said.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#wake = resolve);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The value once it has not changed for half a second. */
async function standsStill(value: () => number): Promise<number> {
  for (let last = -1;;) {
    if (value() === last) return last;
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function memoryMib(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss / MIB;
}

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1] ?? fallback;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
