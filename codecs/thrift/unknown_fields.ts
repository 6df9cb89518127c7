/**
 * What generated code calls to keep the fields that its IDL does not know, and to send them on in the Binary protocol.
 *
 * They are kept as they came, headers included; Compact writes and reads them anew (`transcode.ts`).
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { room } from "./binary_writer.ts";
import { INVALID } from "./invalid.ts";

/** Notes that the bytes from `start` to `end` are a field to keep; `ranges` holds starts and ends of those before it. */
export function noteUnknown(ranges: number[] | undefined, start: number, end: number): number[] {
  if (ranges === undefined) return [start, end];
  if (ranges[ranges.length - 1] === start) ranges[ranges.length - 1] = end;
  else ranges.push(start, end);
  return ranges;
}

/** A copy of all fields that were noted, or `undefined` if none was. */
export function takeUnknown(r: ReadBuffer, ranges: readonly number[] | undefined): Uint8Array | undefined {
  if (ranges === undefined) return undefined;
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += ranges[i + 1]! - ranges[i]!;
  const kept = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    kept.set(r.bytes.subarray(ranges[i]!, ranges[i + 1]!), at);
    at += ranges[i + 1]! - ranges[i]!;
  }
  return kept;
}

/** Writes what was kept, and leaves room for the byte that ends the struct. */
export function writeUnknown(w: WriteBuffer, pos: number, kept: Uint8Array): number {
  if (!(kept instanceof Uint8Array)) throw INVALID;
  room(w, pos, kept.length + 1);
  w.bytes.set(kept, pos);
  return pos + kept.length;
}
