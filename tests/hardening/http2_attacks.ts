/**
 * Attacks on a gRPC server, frame by frame.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { decodeFrame, Flag, Frame, FRAME_HEADER_BYTES, FrameType, MAX_FRAME_BYTES } from "../../codecs/http2/frame.ts";
import { POST, Script } from "../codecs/http2/peer.ts";
import type { RawPeer } from "./raw_peer.ts";

/** An attack. */
export interface Attack {
  /** The code of the GOAWAY that cuts the attacker off; `undefined` if what it does is bounded and no more. */
  readonly code: number | undefined;
  /** What it sends after its preface. */
  bytes(): Uint8Array;
}

const CALL = [...POST.slice(0, 4), ":path", "/EchoService/sleep", "content-type", "application/grpc+thrift"];
const ECHO = CALL.map((text) => text.replace("sleep", "echoString"));
const COUNT = 50_000;

function frame(type: number, flags: number, streamId: number, payload: readonly number[] = []): number[] {
  const { length } = payload;
  const id = [streamId >>> 24, (streamId >>> 16) & 255, (streamId >>> 8) & 255, streamId & 255];
  return [0, (length >>> 8) & 255, length & 255, type, flags, ...id, ...payload];
}

function repeated(one: readonly number[], count = COUNT): Uint8Array {
  const all = new Uint8Array(one.length * count);
  for (let i = 0; i < count; i++) all.set(one, i * one.length);
  return all;
}

function joined({ w }: Script, rest: Uint8Array): Uint8Array {
  const all = new Uint8Array(w.written().length + rest.length);
  all.set(w.written());
  all.set(rest, w.written().length);
  return all;
}

/** A HEADERS frame that begins a stream: an entry of 4,000 octets, then 8,000 references to it. */
function bomb(id: number): number[] {
  const entry = [0x40, 1, 0x61, 127, 0xa1, 0x1e, ...new Array<number>(4000).fill(0x62)];
  return frame(FrameType.HEADERS, 5, id, [...entry, ...new Array<number>(8_000).fill(0xbe)]);
}

/** The attacks by their names. All call methods of `EchoService`, as Thrift. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  "rapid reset": {
    code: 11,
    bytes() {
      const script = new Script();
      for (let id = 1; id < COUNT; id += 2) script.headers(id, CALL, 0).reset(id);
      return script.w.written().slice();
    },
  },
  "made-you-reset": {
    code: 11,
    bytes() {
      const script = new Script();
      for (let id = 1; id < COUNT; id += 2) script.headers(id, CALL, 0).update(id, 0);
      return script.w.written().slice();
    },
  },
  "CONTINUATION flood": {
    code: 11,
    bytes: () =>
      Uint8Array.of(...frame(FrameType.HEADERS, 0, 1), ...repeated(frame(FrameType.CONTINUATION, 0, 1), 1_000)),
  },
  "slow headers": {
    code: 11,
    bytes: () => Uint8Array.of(...frame(FrameType.HEADERS, 1, 1), ...frame(FrameType.CONTINUATION, 0, 1, [0x82])),
  },
  "PING flood": { code: 11, bytes: () => repeated(frame(FrameType.PING, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])) },
  "SETTINGS flood": { code: 11, bytes: () => repeated(frame(FrameType.SETTINGS, 0, 0)) },
  "empty DATA flood": {
    code: 11,
    bytes() {
      return joined(new Script().headers(1, CALL, 0), repeated(frame(FrameType.DATA, 0, 1)));
    },
  },
  "window overflow": {
    code: 3,
    bytes: () => repeated(frame(FrameType.WINDOW_UPDATE, 0, 0, [0x7f, 0xff, 0xff, 0xff]), 2),
  },
  "a frame of 16 MiB": { code: 6, bytes: () => Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 0, 1) },
  "an index outside the tables": {
    code: 9,
    bytes: () => Uint8Array.from(frame(FrameType.HEADERS, 5, 1, [0xff, 0x7f])),
  },
  "an HPACK bomb": {
    code: undefined,
    bytes: () => Uint8Array.from(Array.from({ length: 20 }, (_, i) => bomb(2 * i + 1)).flat()),
  },
  "DATA of one octet": {
    code: undefined,
    bytes() {
      const script = new Script().headers(1, CALL, 0).data(1, "\0\0\x20\0\0");
      return joined(script, repeated(frame(FrameType.DATA, 0, 1, [0])));
    },
  },
  "a window of zero": {
    code: undefined,
    bytes() {
      // An answer of `echoString` each, which nothing lets through; SETTINGS_INITIAL_WINDOW_SIZE is 4.
      const script = new Script().settings([4, 0]);
      const message = `\0\0\0\x04\x08\x0b\0\x01\0\0\x04\0${"x".repeat(1024)}\0`;
      for (let id = 1; id < 200; id += 2) script.headers(id, ECHO, 0).data(id, message, true);
      return script.w.written().slice();
    },
  },
  "gzip bombs": {
    code: undefined,
    bytes() {
      // 15 MiB each, in a frame.
      const message = gzipSync(new Uint8Array(15 << 20));
      const prefix = Uint8Array.of(1, 0, 0, message.length >> 8, message.length & 255);
      const script = new Script();
      for (let id = 1; id < 100; id += 2) {
        script.headers(id, [...ECHO, "grpc-encoding", "gzip"], 0);
        script.frame(FrameType.DATA, Flag.END_STREAM, id, joined(new Script().bytes(prefix), message));
      }
      return script.w.written().slice();
    },
  },
  "a message of 1 GiB": {
    code: undefined,
    bytes() {
      const script = new Script();
      for (let id = 1; id < 200; id += 2) script.headers(id, CALL, 0).data(id, "\0\x40\0\0\0").data(id, 8192);
      return script.w.written().slice();
    },
  },
};

/**
 * Attacks, and gives the code of the GOAWAY that came of it. Without one: once the answer to a PING shows that the server has
 * read all; the attacker then leaves, its streams open. `undefined` for that.
 */
export async function runAttack(peer: RawPeer, { code, bytes }: Attack): Promise<number | undefined> {
  await peer.send(new Script().preface().ack().w.written().slice());
  await peer.send(bytes());
  if (code !== undefined) {
    await peer.dropped();
    return goawayCode(peer.rest());
  }
  await peer.send(new Script().frame(FrameType.PING, 0, 0, 8).w.written().slice());
  for (let head; (head = await peer.receive(FRAME_HEADER_BYTES)).length === FRAME_HEADER_BYTES;) {
    const [high = 0, middle = 0, low = 0, type, flags] = head;
    const payload = await peer.receive((high << 16) | (middle << 8) | low);
    if (type === FrameType.GOAWAY) return payload[7];
    if (type === FrameType.PING && flags === Flag.ACK) break;
  }
  peer.conn.abort();
  await peer.closed;
  return undefined;
}

/** What a client sends that calls `sleep` for a second. */
export function sleepCall(): Uint8Array {
  const script = new Script().preface().ack().headers(1, CALL, 0);
  return script.data(1, "\0\0\0\0\x08\x08\0\x01\0\0\x03\x68\0", true).w.written().slice();
}

/** The code of the GOAWAY that bytes of a server end with; -1 without one. */
function goawayCode(bytes: Uint8Array): number {
  let code = -1;
  for (let at = 0; at + FRAME_HEADER_BYTES <= bytes.length;) {
    const frame = decodeFrame(bytes, at, MAX_FRAME_BYTES, new Frame());
    if (frame === null) break;
    if (frame.type === FrameType.GOAWAY) code = frame.code;
    at += FRAME_HEADER_BYTES + frame.length;
  }
  return code;
}
