/**
 * Kitex's conversations over TTHeader streaming: our server hears the recorded client, our client the recorded server, and each
 * says what Kitex's did, frame by frame.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Client, createClient, createServer } from "../../../core.ts";
import { decodeFrame } from "../../../codecs/ttheader/frame.ts";
import { IntKey } from "../../../codecs/ttheader/keys.ts";
import { ttheaderStreaming } from "../../../codecs/ttheader/stream/protocol.ts";
import { decodeFailure } from "../../../codecs/ttheader/stream/stream_error.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { memory } from "../../../transports/memory.ts";
import { Req, Vec, type VecClient } from "../kitex/gen/vec.ts";
import { vecHandlers } from "../kitex/vec_handlers.ts";
import { RawPeer } from "../../lib/rpc/fixture.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";
import { gate, turns } from "../ttheader/stream/fixture.ts";
import { type Conversation, conversations } from "./conversations.ts";

/** A frame, its stream's id and the order of its keys aside. */
interface Said {
  readonly fixed: readonly [flags: number, protocolId: number];
  readonly strings: readonly (readonly [string, string])[];
  readonly ints: readonly (readonly [number, string])[];
  /** A message in hex, or the error that an exception tells of. */
  readonly payload: string;
}

const CANCEL = "TTHeaderStreaming bidi CANCEL";
const errors = binary();

describe("streams of Kitex", () => {
  for (const conversation of conversations("stream")) {
    it(`${conversation.name}: our server answers as Kitex's`, () => serverHears(conversation));
    it(`${conversation.name}: our client calls as Kitex's`, () => clientHears(conversation));
  }
});

async function serverHears({ name, pieces }: Conversation): Promise<void> {
  const transport = memory();
  const server = await createServer({ transport, protocols: [ttheaderStreaming()] }).add(Vec, vecHandlers())
    .listen({ path: "server" });
  const peer = new RawPeer(await transport.dial({ path: "server" }));
  for (const [i, [from, piece]] of pieces.entries()) {
    if (from === "C") peer.send(piece);
    // Once a stream is reset, Kitex's server still ends it with an error that nobody waits for; ours says nothing more.
    else if (name === CANCEL && i === pieces.length - 1) await turns();
    else assertEquals(framesIn(await peer.receive(piece.length / 2)).map(said), framesIn(piece).map(said));
  }
  await turns();
  assertEquals(server.stats.running, 0);
  peer.conn.close();
  assertEquals(await peer.receive(1), "");
  await server.close();
}

async function clientHears({ name, pieces, outcomes }: Conversation): Promise<void> {
  const transport = memory();
  let heard = "";
  let at = 0;
  const listener = await transport.listen({ path: "kitex" }, (raw) => {
    raw.start({
      chunk: (bytes) => {
        heard += hexOf(bytes);
        for (; at < pieces.length; at++) {
          const [from, piece] = pieces[at]!;
          if (from === "S") raw.write(bytesOf(asFirst(piece)));
          else if (framesIn(heard).length < framesUpTo(pieces, at)) return;
        }
      },
      end: () => raw.close(),
      drain: () => {},
      close: () => {},
    });
  });
  const client = createClient(Vec, {
    to: "unix:kitex",
    transport,
    protocol: ttheaderStreaming(),
    caller: name === CANCEL ? "cli" : undefined,
  });
  assertEquals(await converse(client, name), outcomes.map((line) => line.replace(/(code=12007\]).*/, "$1")));
  await turns();
  const expected = pieces.filter(([from]) => from === "C").flatMap(([, piece]) => framesIn(piece).map(said));
  assertEquals(framesIn(heard).map(said).map(withoutCaller), expected);
  await client.close();
  await listener.close();
}

/** What the recorded program did, and what it would have printed of it. */
async function converse(client: Client<VecClient>, name: string): Promise<string[]> {
  const n = Number(/\d+/.exec(name)?.[0] ?? 7);
  const sent = gate();
  const controller = new AbortController();
  async function* requests(): AsyncGenerator<Req> {
    yield Req.create({ n });
    await sent.opened;
  }
  const replies = client.bidi(requests(), { signal: controller.signal })[Symbol.asyncIterator]();
  const printed: string[] = [];
  const receive = async (what: string): Promise<boolean> => {
    try {
      const { done, value } = await replies.next();
      printed.push(done === true ? `${what} <nil> EOF` : `${what} {"n":${value.n}} <nil>`);
      return true;
    } catch (error) {
      printed.push(`${what} <nil> ${asPrinted(error as RpcError)}`);
      return false;
    }
  };
  if (await receive("recv")) {
    if (name === CANCEL) controller.abort();
    else sent.open();
    await receive(name === CANCEL ? "after cancel" : "recv2");
  }
  return printed.map((line) => line.replace(/^after/, "recv after"));
}

function asPrinted({ kind, code, message }: RpcError): string {
  if (kind === "business") return `biz error: code=${code}, msg=${message}`;
  if (kind === "canceled") return "[ttstream error, code=12007]";
  return `[ttstream error, code=12001] [client-side stream] ${message}`;
}

/** The frames in the digits of whole ones. */
function framesIn(hex: string): string[] {
  const frames: string[] = [];
  for (let rest = hex; rest.length >= 8; rest = rest.slice(frames.at(-1)!.length)) {
    frames.push(rest.slice(0, 8 + 2 * parseInt(rest.slice(0, 8), 16)));
  }
  return frames;
}

function framesUpTo(pieces: Conversation["pieces"], last: number): number {
  return pieces.slice(0, last + 1).filter(([from]) => from === "C").flatMap(([, piece]) => framesIn(piece)).length;
}

/** The frames as they are of a first stream, whose id is 1. */
function asFirst(piece: string): string {
  return framesIn(piece).map((frame) => `${frame.slice(0, 16)}00000001${frame.slice(24)}`).join("");
}

function said(hex: string): Said {
  const { flags, protocolId, strings, ints, payload } = decodeFrame(bytesOf(hex))!;
  return {
    fixed: [flags, protocolId],
    strings: [...strings].sort(),
    ints: [...ints].sort(),
    payload: payload[0] === 0x80 ? errorIn(payload) : hexOf(payload),
  };
}

/** Of a cancellation, why it came is each program's own words. */
function errorIn(payload: Uint8Array): string {
  const { code, message } = decodeFailure(errors, new ReadBuffer().reset(payload));
  return code === 12007 ? `${code}` : `${code} ${message}`;
}

/** Ours says who calls, where it was told. */
function withoutCaller(said: Said): Said {
  return { ...said, ints: said.ints.filter(([key]) => key !== IntKey.FROM_SERVICE) };
}
