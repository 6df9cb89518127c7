/**
 * The messages of Thrift's Binary protocol around the structs in them.
 *
 * ```text
 * 80 01 00 type | i32 name length | name | i32 sequence id | struct     (strict)
 * i32 name length | name | type | i32 sequence id | struct              (old: read on request, never written)
 * ```
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { applyLimits, DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { MessageHeader, Payload } from "./payload.ts";
import { malformed, UNDERRUN } from "./underrun.ts";

/** Options of `binary`. */
export interface BinaryOptions {
  /** True also reads messages without a version word, as old Apache peers send them. Default `false`. */
  readonly acceptOld?: boolean | undefined;
  /** Limits on what is read. */
  readonly limits?: Limits | undefined;
}

/** What there is of a payload around its structs. */
export type Messages = Pick<
  Payload,
  "name" | "firstByte" | "writeMessageBegin" | "writeMessageEnd" | "readMessageBegin" | "readMessageEnd" | "detect"
>;

/** High half of a strict message's first word. */
const VERSION_1 = 0x8001;

/** Writes and reads messages of Binary. */
export function binaryMessages(options: BinaryOptions): Messages {
  const { acceptOld = false, limits = DEFAULT_LIMITS } = options;
  return {
    name: "binary",
    firstByte: acceptOld ? undefined : 0x80,
    writeMessageBegin(w: WriteBuffer, name: Uint8Array, type: number, seqid: number): void {
      w.reserve(12 + name.length);
      const { bytes, view, pos } = w;
      const length = name.length;
      view.setInt32(pos, (VERSION_1 << 16) | type);
      view.setInt32(pos + 4, length);
      for (let i = 0; i < length; i++) bytes[pos + 8 + i] = name[i]!; // names are short: a loop beats the call of `set`
      view.setInt32(pos + 8 + length, seqid);
      w.pos = pos + 12 + length;
    },
    writeMessageEnd(): void {},
    readMessageBegin(r: ReadBuffer, header: MessageHeader): void {
      applyLimits(r, limits);
      const { view, pos, end } = r;
      if (end - pos < 8) throw UNDERRUN;
      const word = view.getInt32(pos);
      const old = word >= 0 && acceptOld;
      if (!old && word >>> 16 !== VERSION_1) throw malformed(r, `bad version 0x${hex(word)}`, pos);
      const length = old ? word : view.getInt32(pos + 4);
      if (length < 0 || length > limits.maxNameBytes) throw badName(r, length, limits.maxNameBytes, pos);
      const nameStart = pos + (old ? 4 : 8);
      const nameEnd = nameStart + length;
      if (length > end - nameStart - (old ? 5 : 4)) throw UNDERRUN;
      header.type = old ? view.getUint8(nameEnd) : word & 0xffff;
      header.nameStart = nameStart;
      header.nameEnd = nameEnd;
      header.seqid = view.getInt32(old ? nameEnd + 1 : nameEnd);
      r.pos = nameEnd + (old ? 5 : 4);
    },
    readMessageEnd(): void {},
    detect(bytes: Uint8Array): boolean | null {
      if (bytes.length === 0) return null;
      if (bytes[0] === 0x80) return bytes.length < 2 ? null : bytes[1] === 0x01;
      return acceptOld ? detectOld(bytes, limits.maxNameBytes) : false;
    },
  };
}

/** An old message: a small name length, a name of printable characters, a call's type. */
function detectOld(bytes: Uint8Array, maxNameBytes: number): boolean | null {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    if (i === bytes.length) return null;
    length = length * 256 + bytes[i]!;
    if (length > maxNameBytes) return false;
  }
  if (length === 0) return false;
  for (let i = 4; i < 4 + length; i++) {
    if (i === bytes.length) return null;
    if (bytes[i]! <= 0x20 || bytes[i]! >= 0x7f) return false;
  }
  const type = bytes[4 + length];
  return type === undefined ? null : type >= 1 && type <= 4;
}

function badName(r: ReadBuffer, length: number, max: number, at: number): Error {
  return malformed(
    r,
    length < 0 ? `negative name length ${length}` : `method name of ${length} bytes exceeds ${max}`,
    at,
  );
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
