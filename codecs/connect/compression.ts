/**
 * Which compression a message or content has, and which an answer gets.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";

/** Shorter messages are sent as they are: compressing them costs more than it saves. */
const MIN_COMPRESSED_BYTES = 1024;

/** The ways to compress that a server knows, beside none. */
export class Compression {
  /** Their names, as fields list them. */
  readonly names: string;
  readonly #known: ReadonlyMap<string, Compressor>;

  /** `identity` is always among them. */
  constructor(compressors: readonly Compressor[]) {
    this.#known = new Map(compressors.map((compressor) => [compressor.name, compressor]));
    this.names = [...this.#known.keys(), "identity"].join(",");
  }

  /** The one of that name; `undefined` for none. Throws a `GrpcError` if it is not known. */
  find(name: string | undefined): Compressor | undefined {
    if (name === undefined || name === "" || name === "identity") return undefined;
    const found = this.#known.get(name);
    if (found !== undefined) return found;
    throw new GrpcError(
      GrpcStatus.UNIMPLEMENTED,
      `unknown compression ${JSON.stringify(name)}: supported are ${this.names}`,
    );
  }

  /**
   * What an answer is compressed with: by what its metadata say, if the caller accepts that, else the first of the caller's
   * list that is known. Throws an `RpcError` of kind `"invalid"` for metadata with a name that is not known.
   */
  choose(accepted: string | undefined, meta: Metadata): Compressor | undefined {
    const wanted = meta.compression;
    if (wanted === "identity") return undefined;
    if (wanted !== undefined && !this.#known.has(wanted)) {
      throw new RpcError("invalid", `no compressor ${JSON.stringify(wanted)} is installed, only ${this.names}`);
    }
    for (const part of (accepted ?? "").split(",")) {
      const [name = "", ...parameters] = part.split(";").map((word) => word.trim());
      if (wanted !== undefined && name !== wanted) continue;
      const found = this.#known.get(name);
      if (found !== undefined && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return found;
    }
    return undefined;
  }
}

/** Is a message of so many bytes to be compressed? Short ones only if a handler asked for it. */
export function worthCompressing(bytes: number, meta: Metadata): boolean {
  return meta.compress && (meta.compression !== undefined || bytes >= MIN_COMPRESSED_BYTES);
}

/** The content of `bytes`. Throws a `GrpcError`, also as soon as more than `maxBytes` would come out. */
export function inflate(compressor: Compressor, bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return compressor.decompress(bytes, maxBytes);
  } catch (reason) {
    const { kind, message } = RpcError.from(reason, "protocol");
    if (kind === "overload") {
      throw new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `message of more than ${maxBytes} bytes`);
    }
    throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, `a message cannot be decompressed: ${message}`);
  }
}
