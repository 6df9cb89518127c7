/**
 * Kitex Protobuf messages whose envelopes and bodies lie, and frames of streams that come where they may not, with payloads that
 * are none.
 *
 * @module
 */
import { binary } from "../../codecs/thrift/binary.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { EchoRequest } from "../interop/gen/echo.ts";
import { fullValue } from "../interop/handlers.ts";
import { frameOf, ints, pairs } from "./hostile_headers.ts";
import type { Random } from "./mutate.ts";
import { join } from "./raw_peer.ts";

const LENGTHS = [0, 1, 3, 11, 12, 0x7f, 0xffff, 0x0100_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const MOST_LEVELS = 3_000;

/** A big-endian u32. */
function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A varint of Protocol Buffers. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}

/** A field of Protocol Buffers with a length; `length` in place of its own. */
function field(number: number, value: Uint8Array, length: number = value.length): Uint8Array {
  return join([varint(number * 8 + 2), varint(length), value]);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** Parts of a Kitex Protobuf message, each of which may be wrong. */
export interface EnvelopeParts {
  /** L; default: what is there. */
  readonly length?: number;
  /** The magic and the type; default `0x90010001`. */
  readonly word?: number;
  /** Default `"echo"`. */
  readonly name?: string;
  /** Default: of the name. */
  readonly nameLength?: number;
  /** Default 1. */
  readonly seqid?: number;
  /** The message. */
  readonly body: Uint8Array;
}

/** A message behind its length. */
export function envelopeOf({ word = 0x9001_0001, name = "echo", seqid = 1, body, ...lies }: EnvelopeParts): Uint8Array {
  const bytes = text(name);
  const message = join([u32(word), u32(lies.nameLength ?? bytes.length), bytes, u32(seqid), body]);
  return join([u32(lies.length ?? message.length), message]);
}

/** The bytes of an `EchoRequest` of `echo.proto`. */
export function soundBody(): Uint8Array {
  const inner = join([field(1, text("name")), varint(2 * 8), varint(7)]);
  return join([
    field(1, text("hello")),
    field(2, join([field(14, text("text")), field(17, inner), field(18, varint(5))])),
  ]);
}

/** The body of a message, perhaps of another than its method takes, perhaps of none. */
export function hostileBody(below: Random): Uint8Array {
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  switch (below(9)) {
    case 0: // single bytes
      return spoiled(soundBody(), below);
    case 1: // cut
      return soundBody().slice(0, below(soundBody().length));
    case 2: { // messages in messages
      let body = field(1, text("deepest"));
      for (let levels = below(MOST_LEVELS); levels > 0; levels--) body = field(3, body);
      return field(2, field(17, body));
    }
    case 3: // groups in groups, which nothing ends, or the wrong number does
      return join([new Uint8Array(below(100_000)).fill(pick([0x0b, 0x13, 0x7b])), Uint8Array.of(pick([0x0c, 0x14]))]);
    case 4: // varints longer than any
      return join([Uint8Array.of(pick([0x08, 0x10, 0x90])), new Uint8Array(below(40)).fill(pick([0x80, 0xff]))]);
    case 5: // lengths that reach past the message
      return field(pick([1, 2, 999, 0x1fff_ffff]), text("x"), pick([2, 0xffff, 0x7fff_ffff, 0xffff_ffff, 2 ** 52]));
    case 6: // tags that are none
      return Uint8Array.from([
        pick([0, 1, 2, 5, 6, 7, 0x0e, 0x0f]),
        ...Array.from({ length: below(20) }, () => below(256)),
      ]);
    case 7: // packed numbers that do not end, text that is no UTF-8
      return field(
        2,
        join([field(18, new Uint8Array(below(50)).fill(0xff)), field(14, Uint8Array.of(0xff, 0xc0, 0x80))]),
      );
    default: // the same field again and again
      return join(Array.from({ length: below(2_000) }, () => field(pick([1, 2]), text(""))));
  }
}

/** A Kitex Protobuf message with a lie in it, behind a length, or in a TTHeader frame. */
export function lyingEnvelope(below: Random): Uint8Array {
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const name = pick(["echo", "Echo", "meta", "Meta", "fail", "bizError", "", "__proto__", "x".repeat(below(5_000))]);
  const lie = ((): Partial<EnvelopeParts> => {
    switch (below(7)) {
      case 0:
        return { length: pick(LENGTHS) };
      case 1:
        return {
          word: pick([0x9001_0000, 0x9001_0002, 0x9001_0003, 0x9001_0004, 0x9001_ffff, 0x9000_0001, 0x8001_0001]),
        };
      case 2:
        return { nameLength: pick(LENGTHS) };
      case 3:
        return { seqid: pick([0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) };
      default:
        return {};
    }
  })();
  const message = envelopeOf({ name, body: hostileBody(below), ...lie });
  if (below(3) > 0) return message;
  const info = join([pairs([["isn", pick(["PbEcho", "echo.pb.PbEcho", "Vec", ""])]]), ints([[9, "echo"]])]);
  return frameOf({ info, payload: message, protocolId: pick([0, 4]), flags: below(2), seqid: below(3) });
}

const METHODS = ["bidi", "bidi", "clientStream", "streamUnary", "echo", "", "no such method"];
const STRINGS = ["ttscp", "biz-status", "biz-message", "biz-extra", "RPC_PERSIST_a", "crrst", "__proto__"];
const TEXTS = ["", "1", "-2147483649", "x".repeat(3_000), "{", '{"a":1}', "a,b,,c", "\u0000"];

/** The bytes of an `EchoRequest` of `echo.thrift` with every type in it. */
export function soundMessage(): Uint8Array {
  const w = new WriteBuffer(256);
  binary().codec(EchoRequest).encode(w, EchoRequest.create({ msg: "hello", all: fullValue() }));
  return w.written().slice();
}

/** What one hostile connection sends of streams: some open, then frames in an order that nobody would send. */
export function hostileStreams(message: Uint8Array, below: Random): Uint8Array {
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const payload = (): Uint8Array => {
    switch (below(7)) {
      case 0:
        return message;
      case 1:
        return spoiled(message, below);
      case 2:
        return message.slice(0, below(message.length));
      case 3: { // nested as deep as that
        const level = pick([[12, 0, 1], [15, 0, 1, 15, 0, 0, 0, 1], [13, 0, 1, 13, 13, 0, 0, 0, 1]]);
        return Uint8Array.from(Array.from({ length: below(5_000) }, () => level).flat());
      }
      case 4: // sizes that are not there
        return join([Uint8Array.of(pick([11, 15, 14]), 0, 1, ...(below(2) === 0 ? [8] : [])), u32(pick(LENGTHS))]);
      case 5: // an exception, more or less
        return join([
          u32(pick([0x8001_0003, 0x8001_0002, 0x8001_0003])),
          u32(pick([4, 4, 0xffff_ffff, 0x7fff_ffff])),
          text("bidi"),
          u32(below(4)),
          Uint8Array.of(pick([0, 11, 8, 12])),
        ]);
      default:
        return new Uint8Array(0);
    }
  };
  const frame = (type: number, id: number): Uint8Array => {
    const strings = Array.from({ length: below(3) }, () => [pick(STRINGS), pick(TEXTS)] as const);
    const opening = type === 2 ? [["isn", pick(["StreamService", "StreamService", "Nope"])] as const] : [];
    return frameOf({
      flags: below(30) === 0 ? below(0x10000) : 2,
      protocolId: pick([0x10, 0x10, 0x10, 0x11, 0]),
      seqid: id,
      info: join([pairs([...opening, ...strings]), ints([[27, `${type}`], [9, pick(METHODS)]])]),
      payload: type === 2 && below(4) > 0 ? new Uint8Array(0) : payload(),
    });
  };
  const id = (): number => pick([1, 2, 3, 0, -1, 0x7fff_ffff, -0x8000_0000]);
  return join([
    ...Array.from({ length: below(4) }, (_, i) => frame(2, i + 1)),
    ...Array.from({ length: 1 + below(12) }, () => frame(pick([1, 2, 3, 3, 3, 4, 5, below(9)]), id())),
  ]);
}

function spoiled(bytes: Uint8Array, below: Random): Uint8Array {
  const spoiled = bytes.slice();
  for (let i = 1 + below(4); i > 0; i--) spoiled[below(spoiled.length)] = [below(256), 0, 0xff, 0x80][below(4)]!;
  return spoiled;
}
