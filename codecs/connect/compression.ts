/**
 * Which compression a message or content has, and which an answer gets.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";

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

  /** The first that is known of a peer's list. */
  choose(accepted: string | undefined): Compressor | undefined {
    for (const part of (accepted ?? "").split(",")) {
      const [name = "", ...parameters] = part.split(";").map((word) => word.trim());
      const found = this.#known.get(name);
      if (found !== undefined && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return found;
    }
    return undefined;
  }
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
