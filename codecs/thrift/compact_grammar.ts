/**
 * How the Compact protocol writes things, for finding the end of a message.
 *
 * @module
 */
import { compactFixedBytes, fromCompact } from "./compact_types.ts";
import { type Cursor, type Grammar, MORE } from "./tree_scanner.ts";
import { TType } from "./ttype.ts";
import { MAX_VARINT32_BYTES, MAX_VARINT64_BYTES } from "./varint.ts";

/** First byte of every message. */
export const COMPACT_PROTOCOL = 0x82;
/** Low five bits of the second. */
export const COMPACT_VERSION = 1;

/** The grammar of Compact messages. */
export const compactGrammar: Grammar = {
  envelope(c: Cursor): boolean {
    if (!c.has(2)) return false;
    const [protocol, version] = [c.bytes[c.at]!, c.bytes[c.at + 1]! & 31];
    if (protocol !== COMPACT_PROTOCOL || version !== COMPACT_VERSION) {
      throw c.fail(`bad protocol ${protocol} version ${version}`);
    }
    const seqidBytes = varintBytes(c, c.at + 2, MAX_VARINT32_BYTES);
    if (seqidBytes === MORE) return false;
    const lengthAt = c.at + 2 + seqidBytes;
    const lengthBytes = varintBytes(c, lengthAt, MAX_VARINT32_BYTES);
    if (lengthBytes === MORE) return false;
    const length = varintAt(c, lengthAt);
    const max = c.limits.maxNameBytes;
    if (length > max) throw c.fail(`method name of ${length} bytes exceeds ${max}`);
    c.at = lengthAt + lengthBytes + length;
    return true;
  },
  field(c: Cursor): number {
    for (;;) {
      if (!c.has(1)) return MORE;
      const byte = c.bytes[c.at]!;
      const type = byte & 15;
      let header = 1;
      if (type !== 0 && byte < 16) {
        const idBytes = varintBytes(c, c.at + 1, MAX_VARINT32_BYTES);
        if (idBytes === MORE) return MORE;
        header += idBytes;
      }
      if (type === 0) {
        c.at += 1;
        return TType.STOP;
      }
      const ttype = fromCompact(c, type, c.at);
      c.at += header;
      if (ttype !== TType.BOOL) return ttype; // a bool field ends with its header: on to the next
    }
  },
  scalar(c: Cursor, ttype: number): boolean {
    const fixed = compactFixedBytes(ttype);
    if (fixed > 0) {
      c.at += fixed;
      return true;
    }
    const max = ttype === TType.I64 ? MAX_VARINT64_BYTES : MAX_VARINT32_BYTES;
    const bytes = varintBytes(c, c.at, max);
    if (bytes === MORE) return false;
    if (ttype === TType.STRING) c.skipString(varintAt(c, c.at), bytes);
    else c.at += bytes;
    return true;
  },
  list(c: Cursor): number {
    if (!c.has(1)) return MORE;
    const byte = c.bytes[c.at]!;
    const short = byte >> 4;
    const sizeBytes = short === 15 ? varintBytes(c, c.at + 1, MAX_VARINT32_BYTES) : 0;
    if (sizeBytes === MORE) return MORE;
    const size = short === 15 ? varintAt(c, c.at + 1) : short;
    c.checkSize(size);
    if (size > 0) c.element = fromCompact(c, byte & 15, c.at);
    c.at += 1 + sizeBytes;
    return size;
  },
  map(c: Cursor): number {
    const sizeBytes = varintBytes(c, c.at, MAX_VARINT32_BYTES);
    if (sizeBytes === MORE) return MORE;
    const size = varintAt(c, c.at);
    c.checkSize(size);
    if (size === 0) {
      c.at += sizeBytes;
      return 0;
    }
    if (!c.has(sizeBytes + 1)) return MORE;
    const types = c.bytes[c.at + sizeBytes]!;
    c.key = fromCompact(c, types >> 4, c.at);
    c.element = fromCompact(c, types & 15, c.at);
    c.at += sizeBytes + 1;
    return size;
  },
  fixed: compactFixedBytes,
};

/** How many bytes the varint at `at` takes, or `MORE`. Throws if they are more than `max`. */
function varintBytes(c: Cursor, at: number, max: number): number {
  for (let i = 0; i < max; i++) {
    const byte = c.bytes[at + i];
    if (byte === undefined) return MORE;
    if (byte < 128) return i + 1;
  }
  throw c.fail(`varint of more than ${max} bytes`);
}

/** The varint of at most 5 bytes at `at`, unsigned. */
function varintAt(c: Cursor, at: number): number {
  let value = 0;
  let scale = 1;
  for (let i = at;; i++, scale *= 128) {
    const byte = c.bytes[i]!;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}
