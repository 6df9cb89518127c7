/**
 * The Compact protocol of Thrift. Kitex does not speak it; Apache peers do.
 *
 * ```text
 * 82 | type << 5 | 1 | varint sequence id | varint name length | name | struct
 * ```
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { COMPACT_PROTOCOL, COMPACT_VERSION, compactGrammar } from "./compact_grammar.ts";
import { skipCompactStruct } from "./compact_skip.ts";
import { compactWire } from "./compact_wire.ts";
import { isCustomStruct } from "./custom_struct.ts";
import { applyLimits, DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { MessageHeader, Payload, StructCodec } from "./payload.ts";
import { SchemaCompiler } from "./schema_compiler.ts";
import { TreeScanner } from "./tree_scanner.ts";
import { malformed, UNDERRUN } from "./underrun.ts";
import { readVarint32, writeVarint32 } from "./varint.ts";
import { wireParts } from "./wire_codecs.ts";
import { thriftPayload } from "./thrift_payload.ts";

/** Options of `compact`. */
export interface CompactOptions {
  /** Limits on what is read. */
  readonly limits?: Limits | undefined;
}

/** The Compact payload. */
export function compact(options: CompactOptions = {}): Payload {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const compiler = new SchemaCompiler(wireParts(compactWire));
  const payload: Payload = thriftPayload({
    name: "compact",
    firstByte: COMPACT_PROTOCOL,
    codec<T>(schema: StructSchema<T>): StructCodec<T> {
      return isCustomStruct(schema) ? schema.codecFor(payload) : compiler.codec(schema);
    },
    writeMessageBegin(w: WriteBuffer, name: Uint8Array, type: number, seqid: number): void {
      w.reserve(2);
      w.bytes[w.pos++] = COMPACT_PROTOCOL;
      w.bytes[w.pos++] = (type << 5) | COMPACT_VERSION;
      writeVarint32(w, seqid);
      writeVarint32(w, name.length);
      w.reserve(name.length);
      w.bytes.set(name, w.pos);
      w.pos += name.length;
    },
    writeMessageEnd(): void {},
    readMessageBegin(r: ReadBuffer, header: MessageHeader): void {
      applyLimits(r, limits);
      const { view, pos } = r;
      if (r.end - pos < 2) throw UNDERRUN;
      const protocol = view.getUint8(pos);
      const second = view.getUint8(pos + 1);
      if (protocol !== COMPACT_PROTOCOL || (second & 31) !== COMPACT_VERSION) {
        throw malformed(r, `bad protocol ${protocol} version ${second & 31}`, pos);
      }
      r.pos = pos + 2;
      const seqid = readVarint32(r) | 0;
      const length = readVarint32(r);
      const max = limits.maxNameBytes;
      if (length > max) throw malformed(r, `method name of ${length} bytes exceeds ${max}`, pos);
      if (length > r.end - r.pos) throw UNDERRUN;
      header.type = second >> 5;
      header.seqid = seqid;
      header.nameStart = r.pos;
      header.nameEnd = r.pos += length;
    },
    readMessageEnd(): void {},
    skipStruct: (r: ReadBuffer): void => skipCompactStruct(r, 0),
    scanner: (limitsOfScan: Limits = limits): TreeScanner => new TreeScanner(compactGrammar, limitsOfScan),
    detect(bytes: Uint8Array): boolean | null {
      if (bytes.length === 0) return null;
      if (bytes[0] !== COMPACT_PROTOCOL) return false;
      return bytes.length < 2 ? null : (bytes[1]! & 31) === COMPACT_VERSION;
    },
  });
  return payload;
}
