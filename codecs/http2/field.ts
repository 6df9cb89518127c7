/**
 * What one header field is and what is wrong with it, found out once: when it is written down by this side, or when the
 * HPACK decoder first makes its strings. Everything after that looks at a number.
 *
 * Spec: RFC 9113 §8.2, §8.3. Names and values are strings with one char per octet (0-255).
 *
 * @module
 */

/** Bits of a field's mark. The low four say which field it is, the others what is wrong with it. */
export const Mark: {
  readonly OTHER: 0;
  readonly METHOD: 1;
  readonly SCHEME: 2;
  readonly PATH: 3;
  readonly AUTHORITY: 4;
  readonly STATUS: 5;
  readonly CONTENT_LENGTH: 6;
  readonly TE: 7;
  readonly WHICH: 15;
  readonly BAD_NAME: 16;
  readonly CONNECTION_SPECIFIC: 32;
  readonly BAD_VALUE: 64;
  readonly EDGE_SPACE: 128;
  readonly FAULTS: 240;
} = {
  OTHER: 0,
  METHOD: 1,
  SCHEME: 2,
  PATH: 3,
  AUTHORITY: 4,
  STATUS: 5,
  CONTENT_LENGTH: 6,
  TE: 7,
  /** The bits that say which. */
  WHICH: 15,
  /** Not a lower-case token, or a pseudo-header field the RFC does not know. */
  BAD_NAME: 16,
  /** Belongs to HTTP/1.1 connections. */
  CONNECTION_SPECIFIC: 32,
  /** Has octets no value may have, or is not what this field must be. */
  BAD_VALUE: 64,
  /** Begins or ends with a space or tab. */
  EDGE_SPACE: 128,
  /** The bits that say what is wrong. */
  FAULTS: 240,
};

const KNOWN: ReadonlyMap<string, number> = new Map([
  [":method", Mark.METHOD],
  [":scheme", Mark.SCHEME],
  [":path", Mark.PATH],
  [":authority", Mark.AUTHORITY],
  [":status", Mark.STATUS],
  ["content-length", Mark.CONTENT_LENGTH],
  ["te", Mark.TE],
  ["connection", Mark.CONNECTION_SPECIFIC],
  ["keep-alive", Mark.CONNECTION_SPECIFIC],
  ["proxy-connection", Mark.CONNECTION_SPECIFIC],
  ["transfer-encoding", Mark.CONNECTION_SPECIFIC],
  ["upgrade", Mark.CONNECTION_SPECIFIC],
]);

const IN_NAME = 1;
const IN_TOKEN = 2;
const IN_VALUE = 4;
/** What each octet may be part of: a name, a token such as a method, a value. */
const OCTETS: Uint8Array = octets();
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;

/** The part of a field's mark that its name decides. */
export function markName(name: string): number {
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  return consistsOf(IN_NAME, name) && name.length > 0 ? Mark.OTHER : Mark.BAD_NAME;
}

/** The whole mark of a field whose name has the mark `name`. */
export function markValue(name: number, value: string): number {
  if (!consistsOf(IN_VALUE, value)) return name | Mark.BAD_VALUE;
  const which = name & Mark.WHICH;
  if (which !== Mark.OTHER && !fits(which, value)) return name | Mark.BAD_VALUE;
  const last = value.length - 1;
  if (last >= 0 && (isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(last)))) return name | Mark.EDGE_SPACE;
  return name;
}

/** What is wrong with a field, in words; `undefined` if nothing is. */
export function faultOf(mark: number, name: string): string | undefined {
  if ((mark & Mark.FAULTS) === 0) return undefined;
  const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}...` : name);
  if ((mark & Mark.BAD_NAME) !== 0) return `field name ${shown} is not allowed`;
  if ((mark & Mark.CONNECTION_SPECIFIC) !== 0) return `field ${shown} is connection-specific`;
  if ((mark & Mark.BAD_VALUE) !== 0) return `value of field ${shown} is not allowed`;
  return `value of field ${shown} begins or ends with white space`;
}

function fits(which: number, value: string): boolean {
  switch (which) {
    case Mark.METHOD:
      return value.length > 0 && consistsOf(IN_TOKEN, value);
    case Mark.SCHEME:
      return value === "http" || value === "https" || SCHEME.test(value);
    case Mark.PATH:
      return value.charCodeAt(0) === 0x2f || value === "*";
    case Mark.STATUS:
      return value.length === 3 && areDigits(value) && value.charCodeAt(0) !== 0x30 && value !== "101";
    case Mark.CONTENT_LENGTH:
      return value.length > 0 && value.length <= 15 && areDigits(value);
    case Mark.TE:
      return value === "trailers";
    default:
      return true;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function areDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Short strings are looked through faster by a loop than by a regular expression. */
function consistsOf(kind: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255 || (OCTETS[code]! & kind) === 0) return false;
  }
  return true;
}

function octets(): Uint8Array {
  const kinds = new Uint8Array(256).fill(IN_VALUE, 0x20);
  kinds[0x09] = IN_VALUE;
  kinds[0x7f] = 0;
  for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
    kinds[char.charCodeAt(0)] = IN_VALUE | IN_TOKEN | IN_NAME;
  }
  for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") kinds[char.charCodeAt(0)] = IN_VALUE | IN_TOKEN;
  return kinds;
}
