/**
 * What types are called in the JSON protocol.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { decodeText, encodeText } from "../../lib/io/text.ts";
import { COLON, expect, OPEN_OBJECT, readInteger, readRaw } from "./json_text.ts";
import { TType } from "./ttype.ts";
import { malformed } from "./underrun.ts";

const TAGS: ReadonlyMap<number, string> = new Map<number, string>([
  [TType.BOOL, "tf"],
  [TType.I8, "i8"],
  [TType.I16, "i16"],
  [TType.I32, "i32"],
  [TType.I64, "i64"],
  [TType.DOUBLE, "dbl"],
  [TType.STRING, "str"],
  [TType.STRUCT, "rec"],
  [TType.MAP, "map"],
  [TType.SET, "set"],
  [TType.LIST, "lst"],
  [TType.UUID, "uid"],
]);

const TTYPES: ReadonlyMap<number, number> = new Map(
  [...TAGS].map(([ttype, tag]) => [pack(encodeText(tag), 0, tag.length), ttype]),
);

/** The tag of a type id. */
export function tagOf(ttype: number): string {
  return TAGS.get(ttype)!;
}

/** Reads a tag and gives its type id. */
export function readTag(r: ReadBuffer): number {
  const { start, end } = readRaw(r);
  const ttype = end - start > 3 ? undefined : TTYPES.get(pack(r.bytes, start, end));
  if (ttype === undefined) {
    throw malformed(r, `unknown type ${JSON.stringify(decodeText(r.bytes, start, Math.min(end, start + 20)))}`, start);
  }
  return ttype;
}

/** Reads `"id":{"tag":` and gives `type << 16 | id & 0xffff`. */
export function readHeader(r: ReadBuffer): number {
  const id = readInteger(r, -0x8000, 0x7fff);
  expect(r, COLON);
  expect(r, OPEN_OBJECT);
  const ttype = readTag(r);
  expect(r, COLON);
  return (ttype << 16) | (id & 0xffff);
}

/** Up to three chars as a number. */
function pack(bytes: Uint8Array, start: number, end: number): number {
  let packed = 0;
  for (let i = start; i < end; i++) packed = (packed << 8) | bytes[i]!;
  return packed;
}
