/**
 * Thriftgo's plugin protocol as bytes: one request in, one response out, each a struct in the Binary protocol.
 *
 * Thriftgo 0.4.2 and newer may write an included file once and then refer to it by name, and say so behind the request; the
 * reader takes both forms, the writer writes the first.
 *
 * @module
 */
import { MAX_WRITE_DEPTH } from "../../codecs/thrift/invalid.ts";
import type { ThriftStruct } from "../../codecs/thrift/thrift_struct.ts";
import { UNDERRUN } from "../../codecs/thrift/underrun.ts";
import { RpcError } from "../../lib/errors.ts";
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { AstFile, PluginRequest, PluginResponse } from "./gen/protocol.ts";

/** Longest request or response, in bytes. */
export const MAX_PLUGIN_BYTES: number = 256 * 1024 * 1024;

/** How deep structs and lists may nest: each level of includes takes three. */
const MAX_DEPTH = 960;

/** How many structs may be in lists: a byte can stand for one. */
const MAX_STRUCTS = 8 * 1024 * 1024;

/** Bytes of a request. Throws an `RpcError` of kind `"invalid"` if a value does not fit, or if files include each other too deep. */
export function encodeRequest(request: PluginRequest): Uint8Array {
  return encode(PluginRequest, request);
}

/**
 * Reads a request; files that it names twice are one object. Throws an `RpcError` of kind `"protocol"` that says what is wrong
 * with the bytes.
 */
export function decodeRequest(bytes: Uint8Array): PluginRequest {
  const request = decode(PluginRequest, bytes);
  const files = new Map<string, AstFile>();
  const pending = [request.ast];
  const seen = new Set<AstFile | undefined>();
  const includes = [];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (!files.has(file.filename)) files.set(file.filename, file);
    for (const include of file.includes) {
      includes.push(include);
      const { reference } = include;
      if (reference === undefined || reference.filename.startsWith(REFERENCE) || seen.has(reference)) continue;
      seen.add(reference);
      pending.push(reference);
    }
  }
  for (const include of includes) {
    const { reference } = include;
    if (reference === undefined) continue;
    const name = reference.filename.startsWith(REFERENCE)
      ? reference.filename.slice(REFERENCE.length)
      : reference.filename;
    const file = files.get(name);
    if (file === undefined) throw new RpcError("protocol", `the request refers to ${name}, which is not in it`);
    include.reference = file;
  }
  return request;
}

/** Bytes of a response. Throws an `RpcError` of kind `"invalid"` if a value does not fit. */
export function encodeResponse(response: PluginResponse): Uint8Array {
  return encode(PluginResponse, response);
}

/** Reads a response; what follows it is ignored. Throws an `RpcError` of kind `"protocol"` that says what is wrong with the bytes. */
export function decodeResponse(bytes: Uint8Array): PluginResponse {
  return decode(PluginResponse, bytes);
}

/** Bytes of a file in a request, without those it includes. Throws as `encodeRequest`. */
export function sizeOfFile(file: AstFile): number {
  return encode(AstFile, { ...file, includes: [] }).length;
}

/** What stands before the name of a file that is elsewhere in the request; spelled as Thriftgo does. */
const REFERENCE = "THRIFGO_REF:";

function encode<T>(schema: ThriftStruct<T>, value: T): Uint8Array {
  const w = new WriteBuffer(64 * 1024);
  try {
    // the codec's own limit is for messages; a request nests as deep as files include each other
    w.pos = schema.write(w, 0, value, MAX_WRITE_DEPTH - MAX_DEPTH);
  } catch (cause) {
    throw new RpcError("invalid", `${schema.name} cannot be written, or nests deeper than ${MAX_DEPTH}`, { cause });
  }
  if (w.pos > MAX_PLUGIN_BYTES) throw tooLarge(w.pos, "invalid");
  return w.written();
}

function decode<T>(schema: ThriftStruct<T>, bytes: Uint8Array): T {
  if (bytes.length > MAX_PLUGIN_BYTES) throw tooLarge(bytes.length, "protocol");
  const r = new ReadBuffer();
  r.maxDepth = MAX_DEPTH;
  r.maxStringBytes = MAX_PLUGIN_BYTES;
  r.maxNested = MAX_STRUCTS;
  r.reset(bytes);
  r.nestedLeft = MAX_STRUCTS;
  try {
    return schema.decode(r);
  } catch (reason) {
    if (reason === UNDERRUN) throw new RpcError("protocol", `the data ends in the middle, after ${bytes.length} bytes`);
    throw reason;
  }
}

function tooLarge(length: number, kind: "invalid" | "protocol"): RpcError {
  return new RpcError(kind, `${length} bytes for a plugin exceed ${MAX_PLUGIN_BYTES}`);
}
