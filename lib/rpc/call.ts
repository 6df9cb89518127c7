/**
 * One call, as middleware, handlers and protocols see it: the same class on both sides.
 *
 * Calls have a fixed shape and are never changed; `with` makes a changed copy. Nothing that costs is made before it is
 * asked for: the `AbortSignal`, the metadata maps, the listeners.
 *
 * @module
 */
import type { Instance } from "../discovery/instance.ts";
import { RpcError } from "../errors.ts";
import type { CallLimits } from "../governance/call_limits.ts";
import type { FallbackOptions } from "./fallback.ts";
import type { RetryPolicy } from "../governance/retry_policy.ts";
import type { Clock } from "../io/clock.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";

/** What a handler learns of its call. */
export interface CallContext {
  /** The service called. */
  readonly service: ServiceSchema;
  /** The method called. */
  readonly method: MethodSchema;
  /** Aborts when the caller is gone, gave up, or the deadline passed. Made when first read. */
  readonly signal: AbortSignal;
  /** When the call must be over, in milliseconds of the monotonic clock (`performance.now()`); `Infinity` if never. */
  readonly deadline: number;
  /** Metadata that came with the call, and what goes back. */
  readonly meta: Metadata;
  /** Name of the calling service, where the protocol carries it. */
  readonly caller: string | undefined;
  /** The caller's own method that makes this call, where the protocol carries it. */
  readonly callerMethod: string | undefined;
  /** Address of the other side. */
  readonly peer: Endpoint | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call; it then rejects with kind `"canceled"` (`"timeout"` for a `TimeoutError`). */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds the call may take in all; 0 or less: no limit. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /**
   * Milliseconds that a stream may leave its reader waiting for a message; 0 or less: any. The call then ends with kind
   * `"timeout"`. Default: the client's.
   */
  readonly recvTimeoutMs?: number | undefined;
  /** Metadata for the server. A `Metadata` of the caller's own also takes what the server sends back. */
  readonly meta?: MetadataInit | Metadata | undefined;
  /**
   * The call being served for which this one is made: it takes over its deadline, its persistent metadata and its end.
   * Default: found by itself, on runtimes with `AsyncLocalStorage`.
   */
  readonly context?: CallContext | undefined;
  /** Where to send this call instead of the client's target; nothing is looked up then. */
  readonly to?: string | Endpoint | undefined;
  /** When it is sent again, on a client that retries; `false`: never. Default: the client's policy. */
  readonly retry?: RetryPolicy | false | undefined;
  /** What stands in for its error, instead of what the client has for that; `false`: nothing. Streams pass by. Default: the client's. */
  readonly fallback?: FallbackOptions | false | undefined;
  /** Which instances may take it: those that the resolver finds for these tags (Kitex's `WithTag`). Added to the client's. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * True waits while no connection can be made, as long as the call may take; false fails at once. For clients whose connections
   * are managed (`grpc()`), with a balancer that looks at them. Default: the client's.
   */
  readonly waitForReady?: boolean | undefined;
}

/** What a `Call` is made of. */
export interface CallInit {
  /** The service called. */
  readonly service: ServiceSchema;
  /** The method called. */
  readonly method: MethodSchema;
  /** The arguments by parameter. */
  readonly args: Record<string, unknown>;
  /** Which side this is. */
  readonly side: "client" | "server";
  /** Tells the time for `deadline`. */
  readonly clock: Clock;
  /** When it must be over; default `Infinity`. */
  readonly deadline?: number;
  /** Milliseconds that a stream may leave its reader waiting for a message; default 0: any. */
  readonly recvTimeoutMs?: number;
  /** Address of the other side, as far as it is known. */
  readonly peer?: Endpoint | undefined;
  /** Metadata. */
  readonly meta?: Metadata | undefined;
  /** Name of the calling service. */
  readonly caller?: string | undefined;
  /** The caller's own method that makes this call. */
  readonly callerMethod?: string | undefined;
  /** Name the called service is registered under; default the service's own. */
  readonly destService?: string | undefined;
  /** Milliseconds that opening a connection for it may take, if the client was told. */
  readonly connectTimeoutMs?: number | undefined;
  /** What its instance is chosen by; default nothing. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** When it is sent again; default: as the client is told. */
  readonly retry?: RetryPolicy | false | undefined;
  /** What stands in for its error; default: what the client has. */
  readonly fallback?: FallbackOptions | false | undefined;
  /** Whether it waits until there is a connection; default: that was not said. */
  readonly waitForReady?: boolean | undefined;
  /** How large its messages may be; default: as its protocol was told. */
  readonly limits?: CallLimits | undefined;
  /** Tries of the call before this one; default 0. */
  readonly previousTries?: number;
}

/** What may differ in a copy. */
export interface CallChange {
  /** Other arguments. */
  readonly args?: Record<string, unknown>;
  /** Another deadline. */
  readonly deadline?: number;
  /** Another address. */
  readonly peer?: Endpoint;
  /** Another time that opening a connection for it may take. */
  readonly connectTimeoutMs?: number;
  /** Metadata of its own instead of that it shares. */
  readonly meta?: Metadata;
  /** Whether it waits until there is a connection. */
  readonly waitForReady?: boolean;
  /** True if `peer` was chosen because its connection is ready: where it is no more, the call is not sent there. */
  readonly ready?: boolean;
  /** How large its messages may be. */
  readonly limits?: CallLimits;
  /** Tries of the call before this one, of a copy that is a further try: where it goes is chosen anew. */
  readonly previousTries?: number;
}

/** Hears that a call was ended early. */
export interface AbortListener {
  /** The call was ended for this reason. Called once at most; must not throw. */
  aborted(reason: RpcError): void;
}

/** Chooses where calls go. */
export interface CallRouter {
  /**
   * The call as it goes to an instance again, maybe another one, after it failed with `reason` and its server had not seen it. Rejects
   * with an `RpcError` if there is none.
   */
  again(call: Call, reason: RpcError): Promise<Call>;
}

const NO_INSTANCES: ReadonlySet<Instance> = new Set();

/** One call. */
export class Call implements CallContext, AbortListener {
  /** The service called. */
  readonly service: ServiceSchema;
  /** The method called. */
  readonly method: MethodSchema;
  /** The arguments by parameter. */
  readonly args: Record<string, unknown>;
  /** Which side this is. */
  readonly side: "client" | "server";
  /** Tells the time for `deadline`. */
  readonly clock: Clock;
  /** When the call must be over, in the clock's milliseconds; `Infinity` if never. */
  readonly deadline: number;
  /** Milliseconds that a stream may leave its reader waiting for a message; 0: any. */
  readonly recvTimeoutMs: number;
  /** Name of the calling service, where the protocol carries it. */
  readonly caller: string | undefined;
  /** The caller's own method that makes this call, where the protocol carries it. */
  readonly callerMethod: string | undefined;
  /** Name the called service is registered under. */
  readonly destService: string;
  /** Milliseconds that opening a connection for it may take, if the client was told: what TTHeader tells proxies. */
  readonly connectTimeoutMs: number | undefined;
  /** What its instance is chosen by. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** When it is sent again, if its caller said so. */
  readonly retry: RetryPolicy | false | undefined;
  /** What stands in for its error, if its caller said so. */
  readonly fallback: FallbackOptions | false | undefined;
  /** Whether it waits until there is a connection, if that was said. */
  readonly waitForReady: boolean | undefined;
  /** How large its messages may be, beside what its protocol was told. */
  readonly limits: CallLimits | undefined;
  /** Tries of the call before this one. */
  readonly previousTries: number;
  #meta: Metadata | undefined;
  #parent: Call | undefined;
  #reason: RpcError | undefined;
  #controller: AbortController | undefined;
  /** Where it was told to go, or came from. */
  readonly #address: Endpoint | undefined;
  /** Where it was sent. */
  #sentTo: Endpoint | undefined;
  #ready: boolean;
  /** Who chose that. */
  #router: CallRouter | undefined;
  /** Most calls are sent to one instance, so that no set is made. */
  #tried: Instance | Set<Instance> | undefined;
  /** The first listener: most calls have no other, so that no list is made. */
  #listener: AbortListener | undefined;
  #more: AbortListener[] | undefined;

  /** Makes a call. */
  constructor(init: CallInit, parent?: Call, change?: CallChange) {
    this.service = init.service;
    this.method = init.method;
    this.args = change?.args ?? init.args;
    this.side = init.side;
    this.clock = init.clock;
    this.deadline = change?.deadline ?? init.deadline ?? Infinity;
    this.recvTimeoutMs = init.recvTimeoutMs ?? 0;
    this.caller = init.caller;
    this.callerMethod = init.callerMethod;
    this.destService = init.destService ?? init.service.name;
    this.connectTimeoutMs = change?.connectTimeoutMs ?? init.connectTimeoutMs;
    this.tags = init.tags;
    this.retry = init.retry;
    this.fallback = init.fallback;
    this.waitForReady = change?.waitForReady ?? init.waitForReady;
    this.limits = change?.limits ?? init.limits;
    this.previousTries = change?.previousTries ?? init.previousTries ?? 0;
    this.#meta = parent === undefined ? init.meta : change?.meta;
    this.#parent = parent;
    this.#reason = parent === undefined ? undefined : parent.#reason;
    this.#controller = undefined;
    this.#listener = undefined;
    this.#more = undefined;
    this.#address = change?.peer ?? (parent === undefined ? init.peer : parent.#address);
    // Copies made on the way to an instance go there; for a further try another one is chosen.
    const same = parent !== undefined && change?.peer === undefined && change?.previousTries === undefined;
    this.#sentTo = same ? parent.#sentTo : undefined;
    this.#ready = change?.ready ?? (same && parent.#ready);
    this.#router = undefined;
    this.#tried = undefined;
  }

  /** Metadata of the call, shared with its copies unless they were given some of their own. */
  get meta(): Metadata {
    return this.#meta ?? (this.#parent === undefined ? this.#meta = new Metadata() : this.#parent.meta);
  }

  /** The metadata if there is any yet, so that asking makes none. */
  get metaIfAny(): Metadata | undefined {
    return this.#meta ?? this.#parent?.metaIfAny;
  }

  /** The signal of this call: aborts with it, and with the call it was copied from. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      const reason = this.reason;
      if (reason !== undefined) this.#controller.abort(reason);
      else this.#parent?.onAbort(this);
    }
    return this.#controller.signal;
  }

  /** Why the call was ended early, or `undefined` while it was not. */
  get reason(): RpcError | undefined {
    return this.#reason ?? (this.#parent === undefined ? undefined : this.#parent.reason);
  }

  /** A copy that differs as told; aborting this call aborts the copy, not the other way round. */
  with(change: CallChange): Call {
    return new Call(this, this, change);
  }

  /** A copy that is over at `deadline`, or when this one is if that is sooner. */
  withDeadline(deadline: number): Call {
    return deadline < this.deadline ? new Call(this, this, { deadline }) : this;
  }

  /** Instances that this call, what it was copied from and other copies of that were sent to: they come last where one is chosen. */
  get tried(): ReadonlySet<Instance> {
    if (this.#parent !== undefined) return this.#parent.tried;
    const tried = this.#tried;
    return tried === undefined ? NO_INSTANCES : tried instanceof Set ? tried : new Set([tried]);
  }

  /** Address of the other side: on a client where the call goes, once that is known. */
  get peer(): Endpoint | undefined {
    return this.#sentTo ?? this.#address;
  }

  /** True if it goes to an address that it was given: no instance is chosen. */
  get hasAddress(): boolean {
    return this.#address !== undefined;
  }

  /** True if `peer` was chosen because its connection is ready: where it is no more, the call is not sent there. */
  get ready(): boolean {
    return this.#ready;
  }

  /**
   * The call as it is sent to `instance`, chosen by `router` because it is `ready` or not: this one, or if it was sent before, a
   * copy.
   */
  sentTo(instance: Instance, ready = false, router?: CallRouter): Call {
    this.#try(instance);
    this.#router = router;
    if (this.#sentTo !== undefined) return this.with({ peer: instance.endpoint, ready });
    this.#sentTo = instance.endpoint;
    this.#ready = ready;
    return this;
  }

  /** The call as it goes to an instance again whose like did not see it: see `CallRouter.again`. Aborting this one ends the wait. */
  elsewhere(reason: RpcError): Promise<Call> {
    const router = this.#chosenBy;
    return router === undefined ? Promise.resolve(this) : router.again(this, reason);
  }

  get #chosenBy(): CallRouter | undefined {
    return this.#router ?? (this.#parent === undefined ? undefined : this.#parent.#chosenBy);
  }

  #try(instance: Instance): void {
    if (this.#parent !== undefined) return this.#parent.#try(instance);
    const tried = this.#tried;
    if (tried === undefined) this.#tried = instance;
    else if (tried instanceof Set) tried.add(instance);
    else this.#tried = new Set([tried, instance]);
  }

  /** Ends the call early; the first reason stays. What was started for it hears of it. */
  abort(reason: RpcError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listener = this.#listener;
    const more = this.#more;
    this.#listener = this.#more = undefined;
    listener?.aborted(reason);
    if (more !== undefined) { for (const each of more) each.aborted(reason); }
    this.#controller?.abort(reason);
  }

  /** Tells `listener` once if the call is ended early; at once, if it already was. */
  onAbort(listener: AbortListener): void {
    const reason = this.reason;
    if (reason !== undefined) return listener.aborted(reason);
    if (this.#listener === undefined) {
      this.#listener = listener;
      this.#parent?.onAbort(this);
    } else if (this.#listener !== listener) {
      if (this.#more === undefined) this.#more = [listener];
      else if (!this.#more.includes(listener)) this.#more.push(listener);
    }
  }

  /** Takes a listener of `onAbort` back. */
  offAbort(listener: AbortListener): void {
    if (this.#listener === listener) {
      this.#listener = this.#more?.shift();
      return;
    }
    const at = this.#more?.indexOf(listener) ?? -1;
    if (at >= 0) this.#more?.splice(at, 1);
  }

  /** The call this one was copied from was ended: so is this one. */
  aborted(reason: RpcError): void {
    this.abort(reason);
  }

  /** The error of a call whose deadline passed. */
  timeoutError(): RpcError {
    const to = this.peer === undefined ? "" : ` to ${describeEndpoint(this.peer)}`;
    return new RpcError("timeout", `${this.service.name}.${this.method.name}${to} passed its deadline`);
  }
}
