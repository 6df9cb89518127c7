/**
 * What readers of every payload check before they make anything.
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { malformed, UNDERRUN } from "./underrun.ts";

/** Takes `bytes` bytes, if they are there, and gives the index of the first. */
export function take(r: ReadBuffer, bytes: number): number {
  const pos = r.pos;
  if (r.end - pos < bytes) throw UNDERRUN;
  r.pos = pos + bytes;
  return pos;
}

/** Holds a container's size against the limit and the bytes left from `r.pos`. `at` is where it stands. */
export function checkSize(r: ReadBuffer, size: number, minBytes: number, at: number): void {
  if (size < 0) throw malformed(r, `negative container size ${size}`, at);
  if (size > r.maxContainerSize) throw malformed(r, `container of ${size} elements exceeds ${r.maxContainerSize}`, at);
  if (size > (r.end - r.pos) / minBytes) throw UNDERRUN;
}

/** Counts elements that are structs or containers: a byte on the wire can become a large object. */
export function chargeNested(r: ReadBuffer, count: number, at: number): void {
  if (count > r.nestedLeft) throw malformed(r, `more than ${r.maxNested} structs and containers in containers`, at);
  r.nestedLeft -= count;
}

/** The error for values nested deeper than `r.maxDepth`. */
export function tooDeep(r: ReadBuffer): RpcError {
  return malformed(r, `value nested deeper than ${r.maxDepth}`, r.pos);
}
