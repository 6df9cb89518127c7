/**
 * What a resolver implements: it follows the list of instances of a service and tells of every change.
 *
 * A resolver is a plain object that holds no list: each client that uses it gets a `Resolution` of its own, and ends it.
 *
 * @module
 */
import type { RpcError } from "../errors.ts";
import type { Clock } from "../io/clock.ts";
import type { Instance } from "./instance.ts";

/** What is looked for. */
export interface ResolveTarget {
  /** What the client's `to` says: a service's registered name, or whatever else the resolver reads. */
  readonly name: string;
  /** What instances are chosen by, as far as the resolver knows tags (Kitex's `WithTag`). */
  readonly tags: Readonly<Record<string, string>>;
}

/** Where a resolver tells what it found. */
export interface ResolutionSink {
  /** All instances there are now, maybe none. Called once the first list is there and at each change. Must not throw. */
  update(instances: readonly Instance[]): void;
  /**
   * The list could not be had. The last one given stays in use; before the first, calls fail with this error. The resolver goes
   * on trying. Must not throw.
   */
  failed(error: RpcError): void;
}

/** One client's interest in a target. */
export interface Resolution {
  /** An instance of the list cannot be reached: look again soon, if looking is what this resolver does. Never throws. */
  refresh(): void;
  /** Ends it: the sink hears nothing more, timers and requests are gone. Twice is fine. */
  close(): void;
}

/** Finds instances. */
export interface Resolver {
  /** Its name in errors and keys: `"static"`, `"dns"`, `"etcd"` ... */
  readonly name: string;
  /**
   * Throws an `RpcError` of kind `"invalid"` for a name that `resolve` cannot read, so that clients can say so when they are made.
   * Default: every name can be.
   */
  check?(name: string): void;
  /**
   * Begins to follow a target; never waits, never calls the sink before it returned.
   * Throws an `RpcError` of kind `"invalid"` for a name it cannot read.
   */
  resolve(target: ResolveTarget, sink: ResolutionSink, clock: Clock): Resolution;
}
