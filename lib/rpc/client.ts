/**
 * A client of one service: an object with the service's methods.
 *
 * @module
 */
import type { Compressor } from "../compressor.ts";
import type { Balancer } from "../discovery/balancer.ts";
import { weightedRoundRobin } from "../discovery/balancers/round_robin.ts";
import type { Resolver } from "../discovery/resolver.ts";
import { RpcError } from "../errors.ts";
import type { Clock } from "../io/clock.ts";
import { parseTarget } from "../io/endpoint.ts";
import { checkRetryPolicy } from "../governance/retry_policy.ts";
import type { ClientTls, Endpoint, Transport } from "../io/raw.ts";
import { TimerWheel } from "../io/timer_wheel.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import { Attempt } from "./attempt.ts";
import type { AsyncContext } from "./async_context.ts";
import { Call, type CallContext, type CallOptions } from "./call.ts";
import { type Client, type Invoker, methodsOf } from "./client_methods.ts";
import { ConnectivityTable } from "./connectivity.ts";
import { Destinations, parseDestination } from "./destinations.ts";
import { Dialer } from "./dialer.ts";
import { LinkedList } from "./linked_list.ts";
import { Metadata } from "./metadata.ts";
import { compose, type Handler, type Middleware } from "./middleware.ts";
import { createPool, type Pool, type PoolOptions } from "./pool.ts";
import { carries, type ClientProtocol } from "./protocol.ts";
import { Replies } from "./stream/replies.ts";
import { StreamAttempt } from "./stream/stream_attempt.ts";

/** Options of `createClient`. */
export interface ClientOptions {
  /**
   * Where the service is: `host:port`, `[ipv6]:port`, `unix:/path`, an `Endpoint`, or a list of these (Kitex's `WithHostPorts`); with
   * `resolver` the name it looks up; with a scheme of `resolvers` in front, `dns:///host:port`, what that one looks up.
   */
  readonly to: string | Endpoint | readonly (string | Endpoint)[];
  /** Finds the instances of the service that `to` names. Default: `to` is an address. */
  readonly resolver?: Resolver | undefined;
  /** Finds the instances for targets that begin with a scheme, by scheme. Default: none. */
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
  /** Chooses an instance for each call where there are several. Default: `weightedRoundRobin()` (Kitex's). */
  readonly balancer?: Balancer | undefined;
  /** Which instances may be chosen, as far as the resolver knows tags (Kitex's `WithTag`). Default: all. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Middleware around every try on an instance, whose address is the call's `peer` (Kitex's `WithInstanceMW`); the first is the outermost. */
  readonly instanceUse?: readonly Middleware[] | undefined;
  /** Opens connections. In the front door `createClient` the runtime's own is found if left out. */
  readonly transport: Transport | (() => Promise<Transport>);
  /** What is spoken. */
  readonly protocol: ClientProtocol;
  /** What methods that stream are spoken in, where `protocol` does not stream. Default: nothing, they cannot be called. */
  readonly streaming?: ClientProtocol | undefined;
  /** Set to connect by TLS. */
  readonly tls?: ClientTls | undefined;
  /** Milliseconds a call may take in all, dialling included; 0: no limit (Kitex's default). */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds that a stream may leave its reader waiting for a message; 0: any. Default 0 (Kitex's). */
  readonly recvTimeoutMs?: number | undefined;
  /** Milliseconds that opening a connection may take. Default 1,000 (Kitex: 50). */
  readonly connectTimeoutMs?: number | undefined;
  /** Where connections come from. Default `{ type: "long" }`, of a protocol that streams `{ type: "mux" }`. */
  readonly pool?: PoolOptions | undefined;
  /** Where the connections of `streaming` come from. Default `{ type: "mux" }`. */
  readonly streamPool?: PoolOptions | undefined;
  /** Middleware around every call; the first is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Name of the calling service, told to servers where the protocol carries it. Default: none. */
  readonly caller?: string | undefined;
  /** Name the called service is registered under (Kitex's destination service). Default: its name in the IDL. */
  readonly destService?: string | undefined;
  /** Ways to compress that the protocol may use. In the front door `createClient` the runtime's gzip. */
  readonly compressors?: readonly Compressor[] | undefined;
  /** Finds the call being served that a call is made for. In the front door `createClient` the runtime's own. */
  readonly asyncContext?: AsyncContext | undefined;
  /** Tells the time; for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1; for tests. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes a client from parts; nothing is found by itself and nothing is dialled before the first call.
 * Throws an `RpcError` of kind `"invalid"` for a target or option that cannot be used.
 */
export function createClient<C>(service: ServiceSchema<unknown, C>, options: ClientOptions): Client<C> {
  return methodsOf(service, new ClientCore(service, options));
}

/** A protocol and the connections that speak it. */
interface Route {
  readonly protocol: ClientProtocol;
  readonly pool: Pool;
}

class ClientCore implements Invoker {
  readonly #service: ServiceSchema;
  readonly #options: ClientOptions;
  readonly #wheel: TimerWheel;
  readonly #dialer: Dialer;
  /** The one address of the client, unless instances are looked up. */
  readonly #to: Endpoint | undefined;
  readonly #destinations: Destinations | undefined;
  readonly #calls: Route;
  /** How streams go; `undefined` if they cannot. */
  readonly #streams: Route | undefined;
  readonly #handler: Handler;
  readonly #attempts = new LinkedList<Attempt>();
  readonly #streamAttempts = new LinkedList<StreamAttempt>();
  #closing: Promise<void> | undefined;

  constructor(service: ServiceSchema, options: ClientOptions) {
    const { protocol, streaming, pool, streamPool, transport, tls, connectTimeoutMs = 1_000 } = options;
    this.#service = service;
    this.#options = options;
    const wheel = this.#wheel = new TimerWheel(options.clock);
    const destination = parseDestination(options);
    const connectivity = "address" in destination ? undefined : new ConnectivityTable();
    this.#dialer = new Dialer({
      transport,
      tls,
      connectTimeoutMs,
      service,
      wheel,
      compressors: options.compressors,
      connectivity,
    });
    this.#calls = this.#route(protocol, pool);
    if (protocol.streams) this.#streams = this.#calls;
    else if (streaming?.streams) this.#streams = this.#route(streaming, streamPool);
    let send = compose(options.instanceUse ?? [], (call) => this.#send(call));
    if ("address" in destination) this.#to = destination.address;
    else {
      const { balancer = weightedRoundRobin(), random = Math.random } = options;
      const destinations = this.#destinations = new Destinations({
        ...destination,
        balancer,
        wheel,
        host: { clock: wheel, random, connectivity: (endpoint) => connectivity!.of(endpoint) },
        next: send,
        onGone: (endpoint) => {
          for (const { pool } of new Set([this.#calls, this.#streams ?? this.#calls])) pool.leave(endpoint);
          connectivity!.forget(endpoint);
        },
      });
      send = (call) => destinations.send(call);
    }
    this.#handler = compose(options.use ?? [], send);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    const error = new RpcError("canceled", "the client was closed");
    this.#destinations?.close();
    this.#dialer.close();
    for (const attempt of [...this.#attempts.all(), ...this.#streamAttempts.all()]) attempt.aborted(error);
    await Promise.all([this.#calls.pool.close(), this.#streams?.pool.close()]);
    this.#wheel.close();
  }

  invoke(method: MethodSchema, args: Record<string, unknown>, options?: CallOptions): Promise<unknown> {
    try {
      const parent = options?.context ?? this.#options.asyncContext?.current();
      const call = this.#call(method, args, options, parent);
      const signal = options?.signal;
      if (signal !== undefined || parent instanceof Call) return this.#invokeUntil(signal, parent, call);
      const outcome = this.#handler(call);
      return outcome instanceof Promise ? outcome : Promise.resolve(outcome);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  stream(method: MethodSchema, args: Record<string, unknown>, options?: CallOptions): AsyncIterable<unknown> {
    return new Replies(() => {
      const parent = options?.context ?? this.#options.asyncContext?.current();
      const call = this.#call(method, args, options, parent);
      const signal = options?.signal;
      const over = signal === undefined && !(parent instanceof Call) ? undefined : abortWith(signal, parent, call);
      return { call, outcome: this.#handler(call), over };
    });
  }

  #call(
    method: MethodSchema,
    args: Record<string, unknown>,
    options: CallOptions | undefined,
    parent: CallContext | undefined,
  ): Call {
    if (this.#closing !== undefined) throw new RpcError("canceled", "the client was closed");
    const { clock } = this.#wheel;
    const timeoutMs = options?.timeoutMs ?? this.#options.timeoutMs ?? 0;
    const own = timeoutMs > 0 ? clock.now() + timeoutMs : Infinity;
    return new Call({
      service: this.#service,
      method,
      args,
      side: "client",
      clock,
      deadline: parent === undefined ? own : Math.min(own, parent.deadline),
      recvTimeoutMs: options?.recvTimeoutMs ?? this.#options.recvTimeoutMs ?? 0,
      peer: options?.to === undefined ? this.#to : parseTarget(options.to),
      meta: metadataFor(options?.meta, parent),
      caller: this.#options.caller,
      callerMethod: parent?.method.name,
      destService: this.#options.destService,
      connectTimeoutMs: this.#options.connectTimeoutMs,
      tags: options?.tags,
      retry: options?.retry === undefined || options.retry === false ? options?.retry : checkRetryPolicy(options.retry),
    });
  }

  async #invokeUntil(
    signal: AbortSignal | undefined,
    parent: CallContext | undefined,
    call: Call,
  ): Promise<unknown> {
    const over = abortWith(signal, parent, call);
    try {
      return await this.#handler(call);
    } finally {
      over();
    }
  }

  /** The innermost handler: one try on one connection. */
  #send(call: Call): Promise<unknown> {
    const unary = call.method.streaming === "unary";
    const route = unary ? this.#calls : this.#streams;
    if (route === undefined) return Promise.reject(this.#cannotStream(call));
    if (route.protocol.streams && !(unary && route.protocol.sends)) {
      return new StreamAttempt(call, route.pool, this.#wheel, this.#streamAttempts).open();
    }
    return new Promise((resolve, reject) => {
      const attempt = new Attempt(call, route.pool, this.#wheel, resolve, reject, this.#attempts);
      attempt.start();
    });
  }

  #cannotStream({ method }: Call): RpcError {
    const { name } = this.#calls.protocol;
    const text = `${method.name} streams, which ${name} cannot carry: give the client a protocol for \`streaming\``;
    return new RpcError("unimplemented", text);
  }

  #route(protocol: ClientProtocol, pool: PoolOptions | undefined): Route {
    const service = this.#service;
    if (!carries(protocol, service)) {
      throw new RpcError(
        "invalid",
        `service ${service.name} speaks ${service.payload}, which ${protocol.name} cannot carry`,
      );
    }
    const which = pool ?? { type: protocol.streams ? "mux" : "long" };
    const shared = which.type === "mux";
    const host = { dial: (to: Endpoint) => this.#dialer.dial(to, protocol, shared), wheel: this.#wheel };
    return { protocol, pool: createPool(which, host) };
  }
}

/** The metadata a call begins with: its own, and what is persistent of the call it is made for. */
export function metadataFor(own: CallOptions["meta"], parent: CallContext | undefined): Metadata | undefined {
  const inherited = parent instanceof Call ? parent.metaIfAny?.persistent : parent?.meta.persistent;
  if (own === undefined && (inherited === undefined || inherited.size === 0)) return undefined;
  const meta = own instanceof Metadata ? own : new Metadata(own);
  for (const [key, value] of inherited ?? []) if (!meta.persistent.has(key)) meta.persistent.set(key, value);
  return meta;
}

/**
 * Ends the call when the signal fires or the call it is made for is ended; gives what ends that. Throws the reason of a
 * signal that has fired.
 */
export function abortWith(signal: AbortSignal | undefined, parent: CallContext | undefined, call: Call): () => void {
  const abort = (): void => call.abort(RpcError.from(signal?.reason, "canceled"));
  if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
  signal?.addEventListener("abort", abort, { once: true });
  if (parent instanceof Call) parent.onAbort(call);
  return () => {
    signal?.removeEventListener("abort", abort);
    if (parent instanceof Call) parent.offAbort(call);
  };
}
