/**
 * HPACK's integers: a prefix of some bits in the first octet, then groups of seven, least significant first.
 *
 * Spec: RFC 7541 §5.1.
 *
 * @module
 */
import { ErrorCode, Http2Error } from "../errors.ts";

/** A place in a header block. */
export interface Cursor {
  /** The block lies here. */
  bytes: Uint8Array;
  /** Index of the next octet. */
  pos: number;
  /** Index after the block's last octet. */
  end: number;
}

/** A COMPRESSION_ERROR: the header block cannot be decoded, so nothing after it can. */
export function compressionError(message: string): Http2Error {
  return new Http2Error(ErrorCode.COMPRESSION_ERROR, message);
}

/**
 * Reads an integer whose first octet, at `at.pos`, holds `max` (all prefix bits set: 127, 63, 31 or 15) or less of it.
 * Throws if it goes on for more than four octets after the first, which is above 2^28, or if the block ends before it.
 */
export function readInteger(at: Cursor, max: number): number {
  if (at.pos >= at.end) throw compressionError("header block ends before an integer");
  const first = at.bytes[at.pos++]! & max;
  return first < max ? first : readRest(at, max);
}

function readRest(at: Cursor, max: number): number {
  const { bytes, end } = at;
  let value = max;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at.pos >= end) throw compressionError("header block ends within an integer");
    const octet = bytes[at.pos++]!;
    value += (octet & 0x7f) << shift;
    if (octet < 0x80) return value;
  }
  throw compressionError("integer of more than 5 octets");
}

/**
 * Writes `value` (0 to 2^31-1) at `pos`, with `high` in the bits of the first octet above the prefix `max`; gives the
 * position after it. At most 6 octets, for which there must be room.
 */
export function writeInteger(bytes: Uint8Array, pos: number, max: number, high: number, value: number): number {
  if (value < max) {
    bytes[pos] = high | value;
    return pos + 1;
  }
  bytes[pos++] = high | max;
  let rest = value - max;
  while (rest >= 0x80) {
    bytes[pos++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[pos] = rest;
  return pos + 1;
}
