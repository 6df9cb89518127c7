/**
 * Kitex's conversations over gRPC: our server hears the recorded client, our client the recorded server, and each says what
 * Kitex's did: the same fields and messages, however the frames between them differ.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type CallOptions, createClient, createServer } from "../../../core.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import {
  decodeFrame,
  Flag,
  Frame,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_FRAME_BYTES,
} from "../../../codecs/http2/frame.ts";
import { HpackDecoder } from "../../../codecs/http2/hpack/decoder.ts";
import type { RpcError } from "../../../lib/errors.ts";
import type { RawConn } from "../../../lib/io/raw.ts";
import { memory } from "../../../transports/memory.ts";
import { hex, toHex } from "../http2/hex.ts";
import { Vec, Vec2 } from "../kitex/gen/vec.ts";
import { VecPb } from "../kitex/gen/vec_rpc.ts";
import { vecHandlers } from "../kitex/vec_handlers.ts";
import { gate, turns } from "../ttheader/stream/fixture.ts";
import { conversations, http2Connections } from "./conversations.ts";

/** Where our server says something else, and why. */
const OURS: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/ grpc-message=(?= grpc-status=0)/, ""], // an empty field says nothing
  [/boom \[biz error\]/, "biz error: boom"], // the words of the server's own error
  [/grpc-status=20$/, "grpc-status=12"], // gRPC has no status 20; 12 is UNIMPLEMENTED
];

/** Where our client says something else, and why. */
const OUR_CALLS: typeof OURS = [
  [/(?<=:authority=)svc/, "localhost"], // the target, which is no address to Kitex's
  [/ source-method=(?= )/, ""], // an empty field says nothing
  [/(?<=user-agent=)kitex\/v0.16.0/, "updraft"],
];

/** Hex digits of the frame with settings that Kitex's server begins with. */
const SETTINGS_DIGITS = 30;

type Pieces = readonly (readonly ["C" | "S", string])[];

describe("calls of Kitex over gRPC", () => {
  for (const { name, pieces } of http2Connections()) {
    it(`${name}: our server answers as Kitex's`, () => serverHears(pieces));
    it(`${name}: our client calls as Kitex's`, () => clientHears(name.split(", "), pieces));
  }
});

async function serverHears(pieces: Pieces): Promise<void> {
  const transport = memory();
  // Over gRPC, Kitex sends nothing back beside the answer.
  const handlers = { ...vecHandlers(), add: ({ n }: { readonly n: number }) => ({ n: n + 1 }) };
  const { add, fail, biz } = handlers;
  const server = await createServer({ transport, protocols: [grpc()] })
    .add(Vec, handlers).add(VecPb, { add, fail, biz } as never)
    .listen({ path: "server" });
  const conn = await transport.dial({ path: "server" });
  const theirs = new Side();
  const ours = new Side();
  listen(conn, (bytes) => ours.hear(bytes));
  for (const [from, piece] of pieces) {
    if (from === "C") conn.write(hex(piece));
    else {
      theirs.hear(hex(piece));
      await turns();
    }
  }
  await turns();
  const expected = inOurWords(theirs.said, OURS);
  // A server that answers before it has heard all may say that it does not want the rest.
  const known = ours.said.filter((line) => line !== "RST 1 0" || expected.includes(line));
  assertEquals(known, expected);
  conn.abort();
  await server.close();
}

async function clientHears(names: readonly string[], pieces: Pieces): Promise<void> {
  const transport = memory();
  const ours = new Side();
  const theirs = new Side();
  let at = 0;
  const listener = await transport.listen({ path: "kitex" }, (conn) => {
    // Our client makes no call before it has heard the first frame of a server.
    const first = pieces.find(([from]) => from === "S")!;
    conn.write(hex(first[1].slice(0, SETTINGS_DIGITS)));
    listen(conn, (bytes) => {
      ours.hear(bytes);
      while (ours.said.length >= theirs.said.length && at < pieces.length) {
        const [from, piece] = pieces[at++]!;
        if (from === "C") theirs.hear(hex(piece));
        else conn.write(hex(pieces[at - 1] === first ? piece.slice(SETTINGS_DIGITS) : piece));
      }
    });
  });
  const client = createClient(
    (names[0]!.startsWith("pb-") ? VecPb : names[0]!.endsWith("nosuch") ? Vec2 : Vec) as never,
    {
      to: "unix:kitex",
      transport,
      protocol: grpc(),
      caller: "cli",
      destService: "svc",
    },
  ) as unknown as Caller;
  for (const name of names) {
    const { outcomes } = conversations("http2").find((one) => one.name === name)!;
    assertEquals(await converse(client, name), outcomes);
  }
  await turns();
  assertEquals(ours.said, inOurWords(theirs.said, OUR_CALLS));
  await client.close();
  await listener.close();
}

type Method = (
  request: unknown,
  options: CallOptions,
) => Promise<{ n: number } | undefined> & AsyncIterable<{ n: number }>;
type Caller = Record<string, Method> & { close(): Promise<void> };

async function converse(client: Caller, name: string): Promise<string[]> {
  const method = name.split(" ")[1]!;
  if (method !== "bidi") {
    const request = name.startsWith("pb-") ? { n: 7, s: "hi" } : { n: 7 };
    const meta = { transient: { TK: "tv" }, persistent: { PK: "pv" } };
    try {
      const answer = await client[method]!(request, { meta });
      return [`${name} => {"n":${answer!.n}} err=<nil> backward map[]`];
    } catch (error) {
      return [`${name} => <nil> err=${printed(error as RpcError, "remote or network error: ")} backward map[]`];
    }
  }
  const sent = gate();
  const controller = new AbortController();
  async function* requests(): AsyncGenerator<{ n: number }> {
    yield { n: Number(/\d+/.exec(name)?.[0] ?? 7) };
    await sent.opened;
  }
  const replies = client.bidi!(requests(), { signal: controller.signal })[Symbol.asyncIterator]();
  const lines: string[] = [];
  const receive = async (what: string): Promise<void> => {
    try {
      const { done, value } = await replies.next();
      lines.push(done === true ? `${what} <nil> EOF` : `${what} {"n":${value.n}} <nil>`);
    } catch (error) {
      lines.push(`${what} <nil> ${printed(error as RpcError, "").replace(/ BIZ .*/, "")}`);
    }
  };
  await receive("recv");
  if (!lines[0]!.startsWith("recv {")) return lines;
  if (name.endsWith("CANCEL")) {
    controller.abort();
    await receive("recv after cancel");
  } else {
    sent.open();
    await receive("recv2");
  }
  return lines;
}

function printed({ kind, code, message, extra }: RpcError, prefix: string): string {
  if (kind === "canceled") return `${prefix}rpc error: code = 1 desc = context canceled`;
  if (kind === "business") return `biz error: code=${code}, msg=${message} BIZ ${code} ${message} map[k:${extra?.k}]`;
  return `${prefix}rpc error: code = ${code} desc = ${message}`;
}

function inOurWords(lines: readonly string[], words: typeof OURS): string[] {
  return lines.map((line) => words.reduce((line, [theirs, ours]) => line.replace(theirs, ours), line));
}

function listen(conn: RawConn, heard: (bytes: Uint8Array) => void): void {
  conn.start({ chunk: heard, end: () => conn.close(), drain: () => {}, close: () => {} });
}

/** What one side says in HEADERS, DATA and RST_STREAM, a line each. */
class Side {
  readonly said: string[] = [];
  readonly #decoder = new HpackDecoder({ maxListBytes: 4096 });
  readonly #frame = new Frame();
  #rest = new Uint8Array(0);

  hear(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frame = this.#frame;
    let at = all[0] === 0x50 && all[1] === 0x52 ? 24 : 0;
    for (; decodeFrame(all, at, MAX_FRAME_BYTES, frame) !== null; at += FRAME_HEADER_BYTES + frame.length) {
      const { streamId, start, end } = frame;
      const last = frame.has(Flag.END_STREAM) ? " END" : "";
      if (frame.type === FrameType.HEADERS) {
        const fields = [...this.#decoder.decode(all, start, end)].map(([name, value]) => `${name}=${value}`).sort();
        this.said.push(`HEADERS ${streamId}${last} ${fields.join(" ")}`);
      } else if (frame.type === FrameType.DATA) {
        this.said.push(`DATA ${streamId}${last} ${toHex(all.subarray(start, end))}`);
      } else if (frame.type === FrameType.RST_STREAM) this.said.push(`RST ${streamId} ${frame.code}`);
    }
    this.#rest = all.slice(at);
  }
}
