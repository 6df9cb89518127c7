/**
 * Ways to spoil messages.
 *
 * @module
 */
import type { Recording } from "./corpus.ts";
import { join } from "./raw_peer.ts";

/** Gives integers in `[0, limit)`. */
export type Random = (limit: number) => number;

const LENGTHS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x00ffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];
const LENGTH_BYTES = 4;
/** About where the arguments begin in a frame, in every payload. */
const BODY = 26;

/**
 * What one hostile connection sends: some frames of one payload that are spoiled inside but as long as they say, so that
 * the connection lives on, then anything at all. One input each.
 */
export function hostileInputs(valid: readonly Recording[], below: Random): Uint8Array[] {
  const framed = valid.filter(({ framed }) => framed);
  const { payload } = framed[below(framed.length)]!;
  const same = framed.filter((recording) => recording.payload === payload);
  const inputs = Array.from({ length: below(7) }, () => spoilInside(same[below(same.length)]!.bytes, below));
  return [...inputs, mutate(valid, below)];
}

/** A frame with other contents and the right length; mostly the arguments are spoiled, at times what is before them. */
export function spoilInside(frame: Uint8Array, below: Random): Uint8Array {
  let bytes = frame.slice();
  const from = Math.min(below(8) === 0 ? LENGTH_BYTES : BODY, bytes.length - 1);
  if (below(4) === 0) bytes = bytes.slice(0, from + 1 + below(bytes.length - from)); // cut
  if (below(4) === 0) bytes = join([bytes, Uint8Array.from({ length: 1 + below(40) }, () => below(256))]); // longer
  spoil(bytes, from, 1 + below(3), below);
  new DataView(bytes.buffer).setUint32(0, bytes.length - LENGTH_BYTES);
  return bytes;
}

/** Random bytes, or one or more of the recordings spoiled. */
export function mutate(valid: readonly Recording[], below: Random): Uint8Array {
  const pick = (): Uint8Array => valid[below(valid.length)]!.bytes;
  let bytes: Uint8Array = pick().slice();
  switch (below(8)) {
    case 0:
      return Uint8Array.from({ length: 1 + below(200) }, () => below(256));
    case 1:
      return nested(below(below(10) === 0 ? 100_000 : 1_000), below(2));
    case 2:
      bytes = bytes.subarray(0, 1 + below(bytes.length)); // cut
      break;
    case 3:
      bytes = join([bytes, pick(), pick()]); // several at once, perhaps of several protocols
      break;
    case 4:
      bytes = join([bytes.subarray(0, below(bytes.length)), pick().subarray(below(10))]); // spliced
      break;
  }
  spoil(bytes, 0, below(4), below);
  return bytes;
}

/** Overwrites single bytes and 32-bit lengths from `from` on. */
function spoil(bytes: Uint8Array, from: number, times: number, below: Random): void {
  const room = bytes.length - from - LENGTH_BYTES;
  for (; times > 0 && room > 0; times--) {
    const at = from + below(room);
    if (below(2) === 0) bytes[at] = below(256);
    else new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, LENGTHS[below(LENGTHS.length)]!);
  }
}

/** A framed call whose argument nests structs or lists as deep as told. */
function nested(depth: number, kind: number): Uint8Array {
  const level = kind === 0 ? [0x0c, 0x00, 0x01] : [0x0f, 0x00, 0x01, 0x0f, 0x00, 0x00, 0x00, 0x01];
  const head = [0x80, 0x01, 0x00, 0x01, 0, 0, 0, 4, 0x65, 0x63, 0x68, 0x6f, 0, 0, 0, 1];
  const length = head.length + depth * level.length;
  const bytes = new Uint8Array(LENGTH_BYTES + length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set(head, LENGTH_BYTES);
  for (let i = 0; i < depth; i++) bytes.set(level, LENGTH_BYTES + head.length + i * level.length);
  return bytes;
}
