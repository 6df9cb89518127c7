/**
 * What a registry implements: it keeps a server in the list that resolvers read.
 *
 * @module
 */
import type { RpcError } from "../errors.ts";
import type { Endpoint } from "../io/raw.ts";

/** What is registered of a server. */
export interface RegistryInfo {
  /** The name clients look for. */
  readonly service: string;
  /** Where clients reach it: never an unspecified address (`0.0.0.0`, `::`). */
  readonly endpoint: Endpoint;
  /** Its share of the calls; default 10. */
  readonly weight?: number | undefined;
  /** What else is said of it; default nothing. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** When it began to serve, in milliseconds since 1970. */
  readonly startedAtMs?: number | undefined;
}

/** A server's entry in a registry. */
export interface Registration {
  /** Takes the entry out and stops keeping it. Rejects if the registry could not be told; twice is fine. */
  deregister(): Promise<void>;
}

/** How an entry is kept. */
export interface RegisterOptions {
  /** Gives the first attempt up. */
  readonly signal?: AbortSignal | undefined;
  /** Told each time the entry could not be renewed; renewing goes on. Default: nothing. */
  readonly onError?: ((error: RpcError) => void) | undefined;
}

/** Keeps servers registered. */
export interface Registry {
  /** Its name in errors: `"etcd"`, `"consul"` ... */
  readonly name: string;
  /** Registers a server and keeps it registered; resolves when it is in the list. Rejects with an `RpcError`. */
  register(info: RegistryInfo, options?: RegisterOptions): Promise<Registration>;
}
