/**
 * TTHeader frames whose headers lie: about lengths, counts, ids, and each other; calls and streams.
 *
 * @module
 */
import { decodeFrame } from "../../codecs/ttheader/frame.ts";
import { IntKey, StrKey } from "../../codecs/ttheader/keys.ts";
import type { Random } from "./mutate.ts";
import { join } from "./raw_peer.ts";

/** A frame in parts, each of which may be wrong. */
export interface Parts {
  /** LENGTH; default: what is there. */
  readonly length?: number;
  /** Default 0. */
  readonly flags?: number;
  /** Default 1. */
  readonly seqid?: number;
  /** HEADER SIZE, in 4 bytes; default: what is there. */
  readonly size?: number;
  /** Default 0. */
  readonly protocolId?: number;
  /** Transform ids, after their number. Default none. */
  readonly transforms?: readonly number[];
  /** NUM TRANSFORMS; default: what is there. */
  readonly transformCount?: number;
  /** Info blocks; padded to 4 bytes. */
  readonly info: Uint8Array;
  /** The payload. */
  readonly payload: Uint8Array;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A big-endian u16. */
export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

/** A string of a header; `length` in place of its own. */
export function str(text: string, length?: number): Uint8Array {
  const bytes = encode(text);
  return join([u16(length ?? bytes.length), bytes]);
}

/** A block of string pairs; `count` in place of their own. */
export function pairs(entries: readonly (readonly [string, string])[], count: number = entries.length): Uint8Array {
  return join([Uint8Array.of(0x01), u16(count), ...entries.flatMap(([key, value]) => [str(key), str(value)])]);
}

/** A block of integer keys; `count` in place of their own. */
export function ints(entries: readonly (readonly [number, string])[], count: number = entries.length): Uint8Array {
  return join([Uint8Array.of(0x10), u16(count), ...entries.flatMap(([key, value]) => [u16(key), str(value)])]);
}

/** A frame of parts. */
export function frameOf(parts: Parts): Uint8Array {
  const { transforms = [], info, payload, flags = 0, seqid = 1, protocolId = 0 } = parts;
  const head = join([Uint8Array.of(protocolId, parts.transformCount ?? transforms.length, ...transforms), info]);
  const padded = join([head, new Uint8Array((4 - head.length % 4) % 4)]);
  const rest = join([padded, payload]);
  const frame = join([new Uint8Array(14), rest]);
  const view = new DataView(frame.buffer);
  view.setUint32(0, parts.length ?? frame.length - 4);
  view.setUint16(4, 0x1000);
  view.setUint16(6, flags);
  view.setInt32(8, seqid);
  view.setUint16(12, parts.size ?? padded.length / 4);
  return frame;
}

const ODD_NUMBERS = [0, 1, 2, 3, 0x7f, 0xff, 0x100, 0x3fff, 0x4000, 0x7fff, 0xffff];
const KEYS = [...Object.values(StrKey), "RPC_TRANSIT_a", "RPC_PERSIST_", "RPC_TRANSIT_UPSTREAM_x", "__proto__", ""];
const TEXTS = [
  "",
  "0",
  "1",
  "-1",
  "Vec",
  "StreamService",
  "\u0000",
  "é",
  "{",
  '{"a":1}',
  "127.0.0.1:1",
  "x".repeat(2_000),
];

/** A frame with a lie in its header. `base` is one without: its payload, and its info to begin with. */
export function lyingFrame(base: Uint8Array, below: Random): Uint8Array {
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const { flags, seqid, protocolId, payload, strings, ints: keys } = decodeFrame(base)!;
  const info = join([pairs([...strings]), ints([...keys])]);
  const honest: Parts = { flags, seqid, protocolId, info, payload };
  switch (below(13)) {
    case 0: // the lengths of frame and header disagree
      return frameOf({
        ...honest,
        length: pick([0, 9, 10, 13, 14, 20, payload.length, info.length, 0x7fffffff, 0xffffffff]),
      });
    case 1: // a header past its frame
      return frameOf({
        ...honest,
        size: pick([0, 0xffff, 0x4000, Math.ceil((info.length + payload.length) / 4) + 1 + below(9)]),
      });
    case 2: // a header that ends within its info, or holds a part of the payload
      return frameOf({ ...honest, size: 1 + below(Math.ceil((info.length + payload.length) / 4)) });
    case 3: // counts that reach past the header
      return frameOf({
        ...honest,
        info: pick([pairs([...strings], pick(ODD_NUMBERS)), ints([...keys], pick(ODD_NUMBERS))]),
      });
    case 4: { // the same keys again and again
      const again = Array.from({ length: 1 + below(400) }, () => [pick(KEYS), pick(TEXTS)] as const);
      const more = Array.from(
        { length: 1 + below(400) },
        () => [pick([IntKey.RPC_TIMEOUT, IntKey.FRAME_TYPE, 3]), pick(TEXTS)] as const,
      );
      return frameOf({ ...honest, info: join([info, pairs(again.slice(0, 100)), ints(more.slice(0, 100))]) });
    }
    case 5: // padding, up to all that a header can have
      return frameOf({ ...honest, info: join([new Uint8Array(below(2) === 0 ? 64 * 1024 : below(200_000)), info]) });
    case 6: // strings that reach past their block
      return frameOf({
        ...honest,
        info: join([Uint8Array.of(0x01), u16(1), str(pick(KEYS), pick(ODD_NUMBERS)), str("v", pick(ODD_NUMBERS))]),
      });
    case 7: // blocks of other types, and a token
      return frameOf({
        ...honest,
        info: join([
          info,
          Uint8Array.of(pick([0x02, 0x0f, 0x11, 0x12, 0x80, 0xff])),
          str(pick(TEXTS), pick(ODD_NUMBERS)),
        ]),
      });
    case 8: // transforms, and protocols, that nobody knows
      return frameOf({
        ...honest,
        protocolId: pick([protocolId, 0x02, 0x05, 0x11, 0x7f, 0xff]),
        transforms: Array.from({ length: below(6) }, () => below(256)),
        ...(below(2) === 0 ? { transformCount: below(256) } : {}),
      });
    case 9: // flags and ids
      return frameOf({ ...honest, flags: below(0x10000), seqid: pick([0, -1, 1, 0x7fffffff, -0x80000000]) });
    case 10: { // what a key says is none of its values
      const changed = new Map(strings).set(pick(KEYS), pick(TEXTS));
      const told = new Map(keys).set(below(40), pick(TEXTS)).set(
        IntKey.RPC_TIMEOUT,
        pick(["0", "-5", "99999999999999999999", "x"]),
      );
      return frameOf({ ...honest, info: join([ints([...told]), pairs([...changed])]) });
    }
    case 11: { // a length of the message itself that is not what the frame has for it
      const lie = payload.slice();
      const length = pick([
        0,
        1,
        payload.length - 4 + pick([-1, 1]),
        payload.length + 0x1_0000,
        0x7fffffff,
        0xffffffff,
      ]);
      if (lie.length >= 4) new DataView(lie.buffer).setUint32(0, length >>> 0);
      return frameOf({ ...honest, info, payload: lie });
    }
    default: { // single bytes anywhere in the header
      const spoiled = base.slice();
      const end = spoiled.length - payload.length;
      for (let i = 1 + below(4); i > 0; i--) spoiled[below(end)] = pick([below(256), 0, 0xff]);
      return spoiled;
    }
  }
}
