/**
 * The JSON protocol of Thrift (TJSONProtocol, version 1). Kitex does not speak it; Apache peers do.
 *
 * ```text
 * [1,"name",type,sequence id,struct]
 * ```
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { isCustomStruct } from "./custom_struct.ts";
import { jsonParts } from "./json_codecs.ts";
import { JsonScanner } from "./json_scanner.ts";
import { skipJsonStruct } from "./json_skip.ts";
import { CLOSE_LIST, COMMA, expect, isSpace, OPEN_LIST, readInteger, readRaw, writeAscii } from "./json_text.ts";
import { applyLimits, DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { MessageHeader, Payload, StructCodec } from "./payload.ts";
import { writeByte, writeBytes } from "./put.ts";
import { SchemaCompiler } from "./schema_compiler.ts";
import { malformed } from "./underrun.ts";
import { thriftPayload } from "./thrift_payload.ts";

/** Options of `json`. */
export interface JsonOptions {
  /** Limits on what is read. */
  readonly limits?: Limits | undefined;
}

/** The version of the protocol, which every message begins with. */
const VERSION = 1;

/** The JSON payload. Names of methods are written and handed on as they are, escapes included: no IDL name has any. */
export function json(options: JsonOptions = {}): Payload {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const compiler = new SchemaCompiler(jsonParts);
  const payload: Payload = thriftPayload({
    name: "json",
    firstByte: undefined,
    codec<T>(schema: StructSchema<T>): StructCodec<T> {
      return isCustomStruct(schema) ? schema.codecFor(payload) : compiler.codec(schema);
    },
    writeMessageBegin(w: WriteBuffer, name: Uint8Array, type: number, seqid: number): void {
      writeAscii(w, `[${VERSION},"`);
      writeBytes(w, name);
      writeAscii(w, `",${type},${seqid},`);
    },
    writeMessageEnd: (w: WriteBuffer): void => writeByte(w, CLOSE_LIST),
    readMessageBegin(r: ReadBuffer, header: MessageHeader): void {
      applyLimits(r, limits);
      expect(r, OPEN_LIST);
      const version = readInteger(r, 0, 0x7fff_ffff);
      if (version !== VERSION) throw malformed(r, `bad version ${version}`, r.pos);
      expect(r, COMMA);
      const { start, end } = readRaw(r);
      const max = limits.maxNameBytes;
      if (end - start > max) throw malformed(r, `method name of ${end - start} bytes exceeds ${max}`, start);
      expect(r, COMMA);
      const type = readInteger(r, 0, 0x7f);
      expect(r, COMMA);
      const seqid = readInteger(r, -0x8000_0000, 0x7fff_ffff);
      expect(r, COMMA);
      header.type = type;
      header.seqid = seqid;
      header.nameStart = start;
      header.nameEnd = end;
    },
    readMessageEnd: (r: ReadBuffer): void => expect(r, CLOSE_LIST),
    skipStruct: (r: ReadBuffer): void => skipJsonStruct(r, 0),
    scanner: (limitsOfScan: Limits = limits): JsonScanner => new JsonScanner(limitsOfScan),
    detect,
  });
  return payload;
}

/** `[`, `1` and `,`, perhaps with white space between. */
function detect(bytes: Uint8Array): boolean | null {
  const wanted = [OPEN_LIST, 0x30 + VERSION, COMMA];
  let found = 0;
  for (const byte of bytes) {
    if (isSpace(byte)) continue;
    if (byte !== wanted[found]) return false;
    if (++found === wanted.length) return true;
  }
  return null;
}
