/**
 * Headers of fields in the Compact protocol.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { readI16 } from "./compact_scalars.ts";
import { COMPACT_TRUE, fromCompact } from "./compact_types.ts";
import { take } from "./reader_guards.ts";
import { malformed } from "./underrun.ts";

/** In what `readCompactField` gives: the bool field is true. */
export const IS_TRUE: number = 1 << 24;

/** Reads the header of a field as `Wire.readField` does: 0 at the end of the struct, else its Binary type and its id. */
export function readCompactField(r: ReadBuffer, lastId: number): number {
  const pos = take(r, 1);
  const byte = r.view.getUint8(pos);
  const type = byte & 15;
  if (type === 0) return 0;
  const delta = byte >> 4;
  const id = delta === 0 ? readI16(r) : lastId + delta;
  if (id > 0x7fff) throw malformed(r, `field id ${id} exceeds 32767`, pos);
  const header = (fromCompact(r, type, pos) << 16) | (id & 0xffff);
  return type === COMPACT_TRUE ? header | IS_TRUE : header;
}
