/**
 * HPACK's static table.
 *
 * Spec: RFC 7541 appendix A.
 *
 * @module
 */
import { markName, markValue } from "../field.ts";

const ENTRIES: readonly (readonly [name: string, value?: string])[] = [
  [":authority"],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset"],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language"],
  ["accept-ranges"],
  ["accept"],
  ["access-control-allow-origin"],
  ["age"],
  ["allow"],
  ["authorization"],
  ["cache-control"],
  ["content-disposition"],
  ["content-encoding"],
  ["content-language"],
  ["content-length"],
  ["content-location"],
  ["content-range"],
  ["content-type"],
  ["cookie"],
  ["date"],
  ["etag"],
  ["expect"],
  ["expires"],
  ["from"],
  ["host"],
  ["if-match"],
  ["if-modified-since"],
  ["if-none-match"],
  ["if-range"],
  ["if-unmodified-since"],
  ["last-modified"],
  ["link"],
  ["location"],
  ["max-forwards"],
  ["proxy-authenticate"],
  ["proxy-authorization"],
  ["range"],
  ["referer"],
  ["refresh"],
  ["retry-after"],
  ["server"],
  ["set-cookie"],
  ["strict-transport-security"],
  ["transfer-encoding"],
  ["user-agent"],
  ["vary"],
  ["via"],
  ["www-authenticate"],
];

/** How many entries there are; indexes go from 1 to this. */
export const STATIC_COUNT = 61;
/** The names, by index; 0 is empty. */
export const STATIC_NAMES: readonly string[] = ["", ...ENTRIES.map(([name]) => name)];
/** The values, by index; 0 is empty. */
export const STATIC_VALUES: readonly string[] = ["", ...ENTRIES.map(([, value]) => value ?? "")];
/** The marks of the names alone, by index. */
export const STATIC_NAME_MARKS: readonly number[] = STATIC_NAMES.map(markName);
/** The marks of the fields, by index. */
export const STATIC_MARKS: readonly number[] = STATIC_VALUES.map((value, i) => markValue(STATIC_NAME_MARKS[i]!, value));

/** A name of the static table, for the encoder. */
export interface StaticName {
  /** Its first index. */
  readonly index: number;
  /** The indexes of its values. */
  readonly values: ReadonlyMap<string, number>;
}

/** The names of the static table. */
export const STATIC_BY_NAME: ReadonlyMap<string, StaticName> = byName();

function byName(): Map<string, StaticName> {
  const names = new Map<string, { index: number; values: Map<string, number> }>();
  ENTRIES.forEach(([name, value], i) => {
    const entry = names.get(name) ?? { index: i + 1, values: new Map<string, number>() };
    names.set(name, entry);
    if (value !== undefined) entry.values.set(value, i + 1);
  });
  return names;
}
