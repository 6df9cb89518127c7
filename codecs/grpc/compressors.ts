/**
 * The ways to compress that one side knows, and which of them a call uses.
 *
 * A message is compressed if its flag says so, in the way that `grpc-encoding` names for the whole call. What a peer may be
 * sent it lists in `grpc-accept-encoding`.
 *
 * Spec: gRPC's compression.md and PROTOCOL-HTTP2, "Message-Encoding".
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";

/** The name of not compressing. */
export const IDENTITY = "identity";

/** The ways to compress that one side knows. */
export class Compressors {
  /** Their names, as `grpc-accept-encoding` lists them. */
  readonly names: string;
  readonly #byName: ReadonlyMap<string, Compressor>;

  /** `identity` is always among them. */
  constructor(compressors: readonly Compressor[]) {
    this.#byName = new Map(compressors.map((compressor) => [compressor.name, compressor]));
    this.names = [IDENTITY, ...this.#byName.keys()].join(",");
  }

  /** One by its name; `undefined` if it is not there. */
  find(name: string): Compressor | undefined {
    return this.#byName.get(name);
  }

  /** Can messages of this `grpc-encoding` be read? */
  reads(encoding: string | undefined): boolean {
    return encoding === undefined || encoding === IDENTITY || this.#byName.has(encoding);
  }

  /**
   * What a call's messages are compressed with: by what its metadata say, else by `usual`. Throws an `RpcError` of kind
   * `"invalid"` for a name that is not there.
   */
  choose(meta: Metadata | undefined, usual: string | undefined): Compressor | undefined {
    const name = meta?.compression ?? usual;
    if (name === undefined || name === IDENTITY) return undefined;
    const found = this.#byName.get(name);
    if (found !== undefined) return found;
    throw new RpcError("invalid", `no compressor ${JSON.stringify(name)} is installed, only ${this.names}`);
  }
}

/** Does a list of `grpc-accept-encoding` have a name? */
export function accepts(list: string | undefined, name: string): boolean {
  return list !== undefined && list.split(",").some((entry) => entry.trim() === name);
}
