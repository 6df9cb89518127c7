/**
 * What every client does, whatever it is made of: makes calls, sends each through its middleware to a connection, and ends them all
 * when it is closed.
 *
 * What only some clients have (streams, several instances, kinds of pools) is given to it, so that a bundle has only what its client
 * uses: see `createClient` and `createDirectClient`.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { parseTarget } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import type { AsyncContext } from "./async_context.ts";
import { Attempt } from "./attempt.ts";
import { Call, type CallContext, type CallOptions } from "./call.ts";
import { abortWith, metadataFor } from "./caller_context.ts";
import { checkNumbers, deadlineAfter } from "./check_numbers.ts";
import type { Invoker } from "./client_methods.ts";
import { CLIENT_DEFAULTS } from "./defaults.ts";
import type { FallbackOptions } from "./fallback.ts";
import type { Connections, ConnectionsOptions, Route } from "./connections.ts";
import { LinkedList } from "./linked_list.ts";
import { compose, type Handler, type Middleware, promiseOf, tellServices } from "./middleware.ts";
import type { BegunCall } from "./stream/replies.ts";
import type { WarmedUp, WarmUp, WarmUpOptions } from "./warm_up.ts";

/** Options that every client has. */
export interface CoreOptions extends ConnectionsOptions {
  /** Milliseconds a call may take in all, dialling included; 0: no limit (Kitex's default). */
  readonly timeoutMs?: number | undefined;
  /** Middleware around every call; the first is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Name of the calling service, told to servers where the protocol carries it. Default: none. */
  readonly caller?: string | undefined;
  /** Name the called service is registered under (Kitex's destination service). Default: its name in the IDL. */
  readonly destService?: string | undefined;
  /** Finds the call being served that a call is made for. In the front door `createClient` the runtime's own. */
  readonly asyncContext?: AsyncContext | undefined;
}

/** What a client is made of. */
export interface CoreParts {
  /** Its connections. */
  readonly connections: Connections;
  /** Those that calls with one answer go by. */
  readonly calls: Route;
  /** The address of calls that have none of their own. Default: `destination` gives them one. */
  readonly to?: Endpoint | undefined;
  /** Makes what gives each call its address; `send` sends a call that has one. Default: nothing does. */
  readonly destination?: ((send: Handler) => CallDestination) | undefined;
  /** Makes calls as streams. Default: methods that stream cannot be called. */
  readonly streams?: StreamCaller | undefined;
  /** Middleware around every try on an instance; the first is the outermost. Default: none. */
  readonly instanceUse?: readonly Middleware[] | undefined;
  /** Milliseconds that a stream may leave its reader waiting for a message; 0: any. Default 0. */
  readonly recvTimeoutMs?: number | undefined;
  /** Whether calls wait while no connection can be made. Default: that is not said. */
  readonly waitForReady?: boolean | undefined;
  /** Runs a call that names what stands in for its error. Default: that is not heeded. */
  readonly fallback?: ((options: FallbackOptions, next: Handler, call: Call) => unknown) | undefined;
  /** Opens connections beforehand. Default: nothing to do. */
  readonly warmUp?: WarmUp | undefined;
}

/** Where the calls of a client go. */
export interface CallDestination {
  /** Sends a call to an address. */
  send(call: Call): unknown;
  /** Looks for no more of them. */
  close(): void;
}

/** Makes calls as streams. */
export interface StreamCaller {
  /** Is the call made as a stream? */
  takes(call: Call): boolean;
  /** One try of such a call: what its handler gives. Never throws: rejects. */
  open(call: Call): Promise<unknown>;
  /** What a caller holds of a method that streams to it; `begin` makes the call when the first message is asked for. */
  messages(begin: () => BegunCall): AsyncIterable<unknown>;
  /** Ends all under way. */
  abort(error: RpcError): void;
}

/** The heart of a client. */
export class ClientCore implements Invoker {
  readonly #service: ServiceSchema;
  readonly #options: CoreOptions;
  readonly #parts: CoreParts;
  readonly #destination: CallDestination | undefined;
  readonly #handler: Handler;
  readonly #attempts = new LinkedList<Attempt>();
  #closing: Promise<void> | undefined;

  /** Sends nothing yet. Throws an `RpcError` of kind `"invalid"` for a time that is none, and for middleware that is not for the service. */
  constructor(service: ServiceSchema, options: CoreOptions, parts: CoreParts) {
    checkNumbers(options, ["timeoutMs", "connectTimeoutMs"]);
    this.#service = service;
    this.#options = options;
    this.#parts = parts;
    options.asyncContext?.current(); // calls served from now on are kept
    tellServices([...options.use ?? [], ...parts.instanceUse ?? []], [service]);
    const send = compose(parts.instanceUse ?? [], (call) => this.#send(call));
    const destination = this.#destination = parts.destination?.(send);
    this.#handler = compose(options.use ?? [], destination === undefined ? send : (call) => destination.send(call));
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  #close(): Promise<void> {
    const { connections, streams } = this.#parts;
    const error = new RpcError("canceled", "the client was closed");
    this.#destination?.close();
    this.#parts.warmUp?.close();
    connections.stopDialling();
    for (const attempt of this.#attempts.all()) attempt.aborted(error);
    streams?.abort(error);
    return connections.close();
  }

  async warmUp(options: WarmUpOptions = {}): Promise<readonly WarmedUp[]> {
    if (this.#closing !== undefined) throw new RpcError("canceled", "the client was closed");
    return await this.#parts.warmUp?.run(options) ?? [];
  }

  invoke(method: MethodSchema, args: Record<string, unknown>, options?: CallOptions): Promise<unknown> {
    try {
      const parent = this.#parentOf(options);
      const call = this.#call(method, args, options, parent);
      const signal = options?.signal;
      if (signal !== undefined || parent instanceof Call) return this.#invokeUntil(signal, parent, call);
      return promiseOf(this.#run(call));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  stream(method: MethodSchema, args: Record<string, unknown>, options?: CallOptions): AsyncIterable<unknown> {
    const { streams } = this.#parts;
    if (streams === undefined) return failing(this.#cannotStream(method));
    return streams.messages(() => {
      const parent = this.#parentOf(options);
      const call = this.#call(method, args, options, parent);
      const signal = options?.signal;
      const over = signal === undefined && !(parent instanceof Call) ? undefined : abortWith(signal, parent, call);
      return { call, outcome: promiseOf(this.#handler(call)), over };
    });
  }

  #parentOf(options: CallOptions | undefined): CallContext | undefined {
    return options?.context ?? this.#options.asyncContext?.current();
  }

  #call(
    method: MethodSchema,
    args: Record<string, unknown>,
    options: CallOptions | undefined,
    parent: CallContext | undefined,
  ): Call {
    if (this.#closing !== undefined) throw new RpcError("canceled", "the client was closed");
    const { connections: { clock }, to, recvTimeoutMs = CLIENT_DEFAULTS.recvTimeoutMs, waitForReady } = this.#parts;
    const timeoutMs = options?.timeoutMs ?? this.#options.timeoutMs ?? CLIENT_DEFAULTS.timeoutMs;
    const own = deadlineAfter(timeoutMs, clock);
    return new Call({
      service: method.service ?? this.#service,
      method,
      args,
      side: "client",
      clock,
      deadline: parent === undefined ? own : Math.min(own, parent.deadline),
      recvTimeoutMs: options?.recvTimeoutMs ?? recvTimeoutMs,
      peer: options?.to === undefined ? to : parseTarget(options.to),
      meta: metadataFor(options?.meta, parent),
      caller: this.#options.caller,
      callerMethod: parent?.method.name,
      destService: this.#options.destService,
      connectTimeoutMs: this.#options.connectTimeoutMs,
      tags: options?.tags,
      retry: options?.retry,
      fallback: options?.fallback,
      waitForReady: options?.waitForReady ?? waitForReady,
    });
  }

  async #invokeUntil(
    signal: AbortSignal | undefined,
    parent: CallContext | undefined,
    call: Call,
  ): Promise<unknown> {
    const over = abortWith(signal, parent, call);
    try {
      return await promiseOf(this.#run(call));
    } finally {
      over();
    }
  }

  #run(call: Call): unknown {
    const { fallback } = call;
    return fallback === undefined || fallback === false || this.#parts.fallback === undefined
      ? this.#handler(call)
      : this.#parts.fallback(fallback, this.#handler, call);
  }

  /** The innermost handler: one try on one connection. */
  #send(call: Call): PromiseLike<unknown> {
    const { calls, connections, streams } = this.#parts;
    if (streams?.takes(call)) return streams.open(call);
    if (call.method.streaming !== "unary") return Promise.reject(this.#cannotStream(call.method));
    const attempt = new Attempt(call, calls.pool, connections.wheel, this.#attempts);
    attempt.start();
    return attempt;
  }

  #cannotStream({ name }: MethodSchema): RpcError {
    const { protocol } = this.#parts.calls;
    return new RpcError("unimplemented", `${name} streams, which this client of ${protocol.name} cannot`);
  }
}

/** Messages of a call that cannot be made. */
function failing(error: RpcError): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
