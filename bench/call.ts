/**
 * What a call costs in process, without sockets: processor time on the server and on the client, `echo` in Thrift Binary,
 * framed and in TTHeader as Kitex sends it.
 *
 * `call.ts [--rounds 9] [--calls 20000] [--size 100] [--only TEXT]`, unchanged on Deno, Bun and Node. The cases take turns in
 * every round; medians are printed and saved in `bench/out/call-<runtime>.json`. Processor time is that of all
 * threads, as other work on the machine moves it least. What a server takes above the same work done by hand is held
 * against a budget: 450 ns (asynchronous handler, 3 pass-through middlewares, 100 bytes).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { encodeFrame, FIXED_BYTES } from "../codecs/ttheader/frame.ts";
import { WriteBuffer } from "../lib/io/write_buffer.ts";
import {
  createClient,
  createServer,
  framed,
  kitex,
  type Middleware,
  type PoolOptions,
  ttheader as ttheaderProtocol,
} from "../mod.ts";
import type { RawConn, RawSink, Transport } from "../lib/io/raw.ts";
import { EchoService } from "../tests/interop/gen/echo.ts";
import { echoHandlers } from "../tests/interop/handlers.ts";

/** Does `calls` calls. */
interface Case {
  readonly name: string;
  /** Nanoseconds a call may take above the same by hand. */
  readonly budget?: number;
  run(calls: number): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rounds = Number(option("rounds", "9"));
const calls = Number(option("calls", "20000"));
const size = Number(option("size", "100"));
const only = option("only", "");
const text = "x".repeat(size);
const { utf8Slice } = Buffer.prototype as unknown as { utf8Slice(this: Uint8Array, from: number, to: number): string };
const BY_HAND = "by hand, 8 frames a chunk, async handler";
/** Where a framed message has its id: behind the lengths of frame and name, the version and "echo". */
const SEQID_AT = 4 + 4 + 4 + 4;
/** What Kitex says with a call, and with an answer. */
const REQUEST_HEAD = new Map([[3, "kitex-client"], [20, ""], [6, "EchoService"], [9, "echo"], [22, "1"], [
  1,
  "unframed",
]]);
const REPLY_HEAD = new Map([[22, "2"]]);
const through: Middleware = (next) => (call) => next(call);

/** Measures everything, prints and saves it. */
async function main(): Promise<void> {
  const made = await Promise.all([
    handCase(BY_HAND, 8, true),
    handCase("by hand, 8 frames a chunk, sync handler", 8, false),
    serverCase("server, 8 frames a chunk, async handler, 3 middlewares", {
      frames: 8,
      later: true,
      layers: 3,
      budget: 450,
    }),
    serverCase("server, 1 frame a chunk, async handler, 3 middlewares", { frames: 1, later: true, layers: 3 }),
    serverCase("server, 8 frames a chunk, sync handler", { frames: 8 }),
    serverCase("server, 1 frame a chunk, sync handler", { frames: 1 }),
    serverCase("server, TTHeader, 2 frames a chunk, async handler", { frames: 2, later: true, ttheader: true }),
    serverCase("server, TTHeader, 2 frames a chunk, sync handler", { frames: 2, ttheader: true }),
    serverCase("server, TTHeader, 1 frame a chunk, sync handler", { frames: 1, ttheader: true }),
    clientCase("client, long pool, one call at a time", { type: "long" }, 1, {}),
    clientCase("client, long pool, 50 at once", { type: "long", maxIdlePerAddress: 50 }, 50, {}),
    clientCase("client, mux, 50 at once", { type: "mux" }, 50, {}),
    clientCase("client, mux, 50 at once, with a timeout", { type: "mux" }, 50, { timeoutMs: 60_000 }),
    clientCase("client, mux, 50 at once, with a signal", { type: "mux" }, 50, { signal: new AbortController().signal }),
    clientCase("client, TTHeader, mux, 50 at once", { type: "mux" }, 50, {}, true),
  ]);
  const cases = made.filter(({ name }) => name.includes(only));
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (const one of cases) await one.run(calls); // gets hot
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of cases) {
      const before = process.cpuUsage();
      await run(calls);
      const { user, system } = process.cpuUsage(before);
      times.get(name)!.push((user + system) * 1e3 / calls);
    }
  }
  const runtime = runtimeName();
  console.log(`${runtime}, ${size} bytes, ns of processor time a call, median of ${rounds} rounds (and the least)`);
  const middle = (name: string): number => times.get(name)!.sort((a, b) => a - b)[rounds >> 1]!;
  const byHand = times.has(BY_HAND) ? middle(BY_HAND) : 0;
  const results = cases.map(({ name, budget }) => {
    const sorted = times.get(name)!.sort((a, b) => a - b);
    const [median, least] = [Math.round(sorted[sorted.length >> 1]!), Math.round(sorted[0]!)];
    const above = Math.round(median - byHand);
    const verdict = budget === undefined || byHand === 0
      ? ""
      : `  ${above} above by hand, ${above <= budget ? "within" : "ABOVE"} the budget of ${budget}`;
    console.log(`${String(median).padStart(6)} (${String(least).padStart(5)})  ${name}${verdict}`);
    return { name, median, least, budget };
  });
  mkdirSync(here("./out"), { recursive: true });
  writeFileSync(
    here(`./out/call-${runtime.split(" ")[0]}.json`),
    JSON.stringify({ runtime, size, rounds, calls, results }, undefined, 2),
  );
}

/** What a server's case is made of. */
interface ServerShape {
  /** In a chunk. */
  readonly frames: number;
  /** Is the handler asynchronous? Default no. */
  readonly later?: boolean;
  /** Middlewares. Default none. */
  readonly layers?: number;
  /** In TTHeader instead of framed. */
  readonly ttheader?: boolean;
  readonly budget?: number;
}

/** A server whose only connection is fed chunks of `frames` requests and written to a sink. */
async function serverCase(name: string, shape: ServerShape): Promise<Case> {
  const { frames, later = false, layers = 0, ttheader = false, budget } = shape;
  const conn = new FedConn();
  let accept!: (conn: RawConn) => void;
  const transport: Transport = {
    name: "fed",
    dial: () => Promise.reject(new Error("nobody dials")),
    listen: (local, taker) => {
      accept = taker;
      return Promise.resolve({ local, close: () => Promise.resolve() });
    },
  };
  await createServer({
    transport,
    protocols: [ttheader ? kitex() : framed()],
    use: new Array<Middleware>(layers).fill(through),
  })
    // deno-lint-ignore require-await -- that it is asynchronous is what is measured
    .add(EchoService, { ...echoHandlers(), echo: later ? async ({ msg }) => ({ msg }) : ({ msg }) => ({ msg }) })
    .listen({ hostname: "fed", port: 1 });
  accept(conn);
  const request = ttheader ? withHeader(frameOf(1, [0x0c, 0, 1]), REQUEST_HEAD) : frameOf(1, [0x0c, 0, 1]);
  const chunk = new Uint8Array(request.length * frames);
  for (let i = 0; i < frames; i++) chunk.set(request, i * request.length);
  return {
    name,
    ...(budget === undefined ? {} : { budget }),
    run: (calls) => feedAll(conn, chunk, frames, later, calls),
  };
}

/** The same work without any of the layers or checks: what the machine takes for it at this moment. */
function handCase(name: string, frames: number, later: boolean): Case {
  const conn = new FedConn();
  const request = frameOf(1, [0x0c, 0, 1]);
  const chunk = new Uint8Array(request.length * frames);
  for (let i = 0; i < frames; i++) chunk.set(request, i * request.length);
  const out = new Uint8Array(64 * 1024);
  const textAt = request.length - 2 - size;
  const prefix = frameOf(2, [0x0c, 0, 0]).subarray(0, textAt - 4);
  const encoder = new TextEncoder();
  let end = 0;
  // deno-lint-ignore require-await -- that it is asynchronous is what is measured
  const handle = later ? async (msg: string) => ({ msg }) : (msg: string) => ({ msg });
  const answer = ({ msg }: { msg: string }): void => {
    const textTo = end + prefix.length + 4;
    out.set(prefix, end);
    const { written } = encoder.encodeInto(msg, out.subarray(textTo));
    const next = textTo + written + 2;
    setLength(out, textTo - 4, written);
    out[next - 2] = out[next - 1] = 0;
    setLength(out, end, next - end - 4);
    end = next;
  };
  const flush = (): void => {
    if (end > 0) conn.write(out.subarray(0, end));
    end = 0;
  };
  let scheduled = false;
  conn.sink = {
    chunk(bytes) {
      for (let at = 0; at < bytes.length; at += 4 + lengthAt(bytes, at)) {
        const msg = utf8Slice.call(bytes, at + textAt, at + textAt + size);
        const value = handle(msg);
        if (value instanceof Promise) {
          value.then((value) => {
            answer(value);
            if (scheduled) return;
            scheduled = true;
            queueMicrotask(() => {
              scheduled = false;
              flush();
            });
          });
        } else answer(value);
      }
      flush();
    },
    end() {},
    drain() {},
    close() {},
  };
  return { name, run: (calls) => feedAll(conn, chunk, frames, later, calls) };
}

function setLength(bytes: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = (length >>> (24 - 8 * i)) & 0xff;
}

/** Feeds a server chunks until it had all of the calls. */
async function feedAll(conn: FedConn, chunk: Uint8Array, frames: number, later: boolean, calls: number): Promise<void> {
  conn.replies = 0;
  for (let left = calls; left > 0; left -= frames) {
    conn.feed(chunk);
    if (later) await turnOfMicrotasks(conn, calls - left + frames);
  }
  if (conn.replies < calls) throw new Error(`${conn.replies} of ${calls} calls were answered`);
}

/** Waits until the connection has seen so many replies. */
async function turnOfMicrotasks(conn: FedConn, replies: number): Promise<void> {
  for (let turns = 0; conn.replies < replies; turns++) {
    if (turns > 100) throw new Error(`${conn.replies} replies instead of ${replies}`);
    await undefined;
  }
}

/** A client whose connections answer by themselves. */
function clientCase(
  name: string,
  pool: PoolOptions,
  atOnce: number,
  options: { timeoutMs?: number; signal?: AbortSignal },
  ttheader = false,
): Case {
  const plain = frameOf(2, [0x0c, 0, 0]);
  const reply = ttheader ? withHeader(plain, REPLY_HEAD) : plain;
  const transport: Transport = {
    name: "answering",
    dial: () => Promise.resolve(new AnsweringConn(reply, ttheader)),
    listen: () => Promise.reject(new Error("nobody listens")),
  };
  const client = createClient(EchoService, {
    to: "answering:1",
    transport,
    pool,
    protocol: ttheader ? ttheaderProtocol() : framed(),
  });
  return {
    name,
    async run(calls) {
      const each = Math.ceil(calls / atOnce);
      const work = async (): Promise<void> => {
        for (let i = 0; i < each; i++) await client.echo({ msg: text }, options);
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    },
  };
}

/** What both have in common. */
abstract class QuietConn implements RawConn {
  readonly local = { hostname: "here", port: 1 };
  readonly remote = { hostname: "there", port: 1 };
  readonly tls = undefined;
  readonly lent = false;
  /** Set by `start`. */
  sink: RawSink | undefined;

  start(sink: RawSink): void {
    this.sink = sink;
  }

  abstract write(bytes: Uint8Array): number;
  pause(): void {}
  resume(): void {}
  closeWrite(): void {}
  close(): void {}
  abort(): void {}
}

/** A connection of a server that a benchmark feeds; counts the frames that come back. */
class FedConn extends QuietConn {
  replies = 0;

  feed(chunk: Uint8Array): void {
    this.sink!.chunk(chunk, false);
  }

  write(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at += 4 + lengthAt(bytes, at)) this.replies++;
    return bytes.length;
  }
}

/** A connection of a client that answers every frame with the same reply, under the frame's sequence id. */
class AnsweringConn extends QuietConn {
  readonly #reply: Uint8Array;
  readonly #out: Uint8Array;
  #length = 0;

  readonly #seqidAt: number;

  constructor(reply: Uint8Array, ttheader: boolean) {
    super();
    this.#seqidAt = ttheader ? 8 : SEQID_AT;
    this.#reply = reply;
    this.#out = new Uint8Array(reply.length * 64);
  }

  write(bytes: Uint8Array): number {
    const reply = this.#reply;
    const seqidAt = this.#seqidAt;
    // Where the message in a TTHeader has it, too.
    const innerAt = seqidAt === SEQID_AT ? SEQID_AT : FIXED_BYTES + 4 * reply[13]! + SEQID_AT - 4;
    for (let at = 0; at < bytes.length; at += 4 + lengthAt(bytes, at)) {
      const to = this.#length;
      this.#out.set(reply, to);
      for (let i = 0; i < 4; i++) {
        this.#out[to + seqidAt + i] = this.#out[to + innerAt + i] = bytes[at + seqidAt + i]!;
      }
      this.#length += reply.length;
    }
    queueMicrotask(this.#answer);
    return bytes.length;
  }

  readonly #answer = (): void => {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) this.sink!.chunk(this.#out.subarray(0, length), false);
  };
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** A message of `echo` with one struct in the field. */
function frameOf(type: number, field: number[]): Uint8Array {
  const message = new TextEncoder().encode(text);
  const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  const name = [...new TextEncoder().encode("echo")];
  const head = [
    0x80,
    1,
    0,
    type,
    ...u32(name.length),
    ...name,
    ...u32(1),
    ...field,
    0x0b,
    0,
    1,
    ...u32(message.length),
  ];
  const length = head.length + message.length + 2;
  return Uint8Array.from([...u32(length), ...head, ...message, 0, 0]);
}

/** A framed message without its length, behind a TTHeader of a caller that takes answers in any order. */
function withHeader(framed: Uint8Array, ints: ReadonlyMap<number, string>): Uint8Array {
  const w = new WriteBuffer();
  const strings = ints === REQUEST_HEAD ? new Map([["isn", "EchoService"]]) : undefined;
  encodeFrame(w, { flags: 1, seqid: 1, strings, ints, payload: framed.subarray(4) });
  return w.written().slice();
}

function runtimeName(): string {
  const { versions } = process;
  if (versions.deno !== undefined) return `deno ${versions.deno}`;
  return versions.bun !== undefined ? `bun ${versions.bun}` : `node ${versions.node}`;
}

function option(name: string, fallback: string): string {
  return process.argv[process.argv.indexOf(`--${name}`) + 1 || process.argv.length] ?? fallback;
}

await main();
process.exit(0);
