/**
 * A server: services with their handlers, and the listeners that serve them.
 *
 * @module
 */
import type { Compressor } from "../compressor.ts";
import { RpcError } from "../errors.ts";
import { type Clock, turnNow } from "../io/clock.ts";
import type { Endpoint, ServerTls, Transport } from "../io/raw.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import type { Admission } from "./admission.ts";
import type { AsyncContext } from "./async_context.ts";
import type { Call } from "./call.ts";
import { checkNumbers } from "./check_numbers.ts";
import type { LifeCycleOptions } from "./life_cycle.ts";
import { LimitedOutcome } from "./limited_outcome.ts";
import { MethodTable } from "./method_table.ts";
import { compose, type Handler, isPromise, type Middleware, tellServices } from "./middleware.ts";
import { carries, type Protocol } from "./protocol.ts";
import { RunningServer } from "./running_server.ts";

/** Options of `createServer`. */
export interface ServerOptions extends LifeCycleOptions {
  /** Opens the listeners. In the front door `createServer` the runtime's own is found if left out; without one, only `fetch` serves. */
  readonly transport?: Transport | (() => Promise<Transport>) | undefined;
  /** Protocols served on every port, told apart by a connection's first bytes; the first that claims them wins. */
  readonly protocols: readonly Protocol[];
  /** Middleware around every handler; the first is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Milliseconds without a byte after which a connection is closed; 0: never. Default 600,000 (Kitex's). */
  readonly idleTimeoutMs?: number | undefined;
  /** Milliseconds the rest of a message may take once its first byte came; 0: any. Default 5,000 (Kitex's). */
  readonly readTimeoutMs?: number | undefined;
  /** Milliseconds that written bytes may wait for a peer that reads nothing; 0: any. Default 5,000 (Kitex's). */
  readonly writeTimeoutMs?: number | undefined;
  /** Milliseconds a closing server waits for calls under way before it ends them. Default 5,000 (Kitex's). */
  readonly exitWaitMs?: number | undefined;
  /** Calls that one connection may have running at once; it is not read above that. Default 1,000. */
  readonly maxConcurrentCalls?: number | undefined;
  /** Open connections; further ones are closed at once. Default 0: no limit. */
  readonly maxConnections?: number | undefined;
  /** Which calls and connections are taken: `createLimiter()`. What it refuses is answered before arguments are decoded. Default: all. */
  readonly limit?: Admission | undefined;
  /** Told of every handler that failed with an error the IDL does not declare, and of every connection refused for what it sent. */
  readonly onError?: ((error: RpcError, call: Call | undefined) => void) | undefined;
  /** Ways to compress that protocols may use. In the front door `createServer` the runtime's gzip. */
  readonly compressors?: readonly Compressor[] | undefined;
  /** Keeps the call being served for the calls its handler makes. In the front door `createServer` the runtime's own. */
  readonly asyncContext?: AsyncContext | undefined;
  /** Tells the time; for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Options of `Server.add`. */
export interface ServiceOptions {
  /** Middleware around this service's handlers, inside the server's. */
  readonly use?: readonly Middleware[] | undefined;
  /** True to answer where two services share a method name and the caller names no service. */
  readonly fallback?: boolean | undefined;
  /** True to answer only callers that name the service; its methods may then have names of other services' methods. */
  readonly named?: boolean | undefined;
}

/** Where and how to listen. */
export type ListenTarget =
  & ({
    /** Port; 0 lets the system choose. */
    readonly port: number;
    /** Address to listen on. Default `"0.0.0.0"`: all of IPv4. */
    readonly hostname?: string;
  } | {
    /** Path of a unix socket. */
    readonly path: string;
  })
  & {
    /** Set to serve TLS; with `detect`, plain connections on the same port too. */
    readonly tls?: ServerTls;
    /** Lets several processes share the port. */
    readonly reusePort?: boolean;
    /** Closes the server, as `close()` does, when it fires. */
    readonly signal?: AbortSignal;
  };

/** A server that can still be given services. */
export class Server {
  readonly #options: ServerOptions;
  readonly #methods = new MethodTable();
  #fetched: RunningServer | undefined;

  /** Made by `createServer`. */
  constructor(options: ServerOptions) {
    if (options.protocols.length === 0) throw new RpcError("invalid", "a server needs at least one protocol");
    checkNumbers(options, [
      "idleTimeoutMs",
      "readTimeoutMs",
      "writeTimeoutMs",
      "exitWaitMs",
      "drainDelayMs",
      "maxConnections",
    ]);
    checkNumbers(options, ["maxConcurrentCalls"], 1);
    const { protocols } = options;
    const inOrder = [...protocols.filter(({ yields }) => !yields), ...protocols.filter(({ yields }) => yields)];
    this.#options = { ...options, protocols: inOrder };
  }

  /**
   * Answers a Web-standard request: give it to `Deno.serve`, `Bun.serve`, hono, or export it from a Worker. It needs no
   * `listen`, and may be passed on by itself. It takes what the protocols with `respond` take: Connect and gRPC-Web, over
   * `connect()`. gRPC itself ends with HTTP trailers, which a `Response` cannot have. Rejects with kind `"invalid"` if the
   * server has no such protocol.
   */
  get fetch(): (request: Request) => Promise<Response> {
    return async (request) => await (this.#fetched ??= this.#begin()).fetch(request);
  }

  /**
   * Adds a service. `handlers` has a function for each method and is `this` in them.
   * Throws an `RpcError` of kind `"invalid"` if a handler is missing, the service is there already, no protocol of the
   * server can carry it, one of its methods cannot be told from another service's, or `use` is not for it.
   */
  add<H>(service: ServiceSchema<H, unknown>, handlers: NoInfer<H>, options: ServiceOptions = {}): this {
    const { protocols } = this.#options;
    if (!protocols.some((protocol) => carries(protocol, service))) {
      const names = protocols.map((protocol) => protocol.name).join(", ");
      throw new RpcError("invalid", `service ${service.name} speaks ${service.payload}, which ${names} cannot carry`);
    }
    const handlerOf = handlersOf(service, handlers);
    tellServices(options.use, [service]);
    const use = [...this.#options.use ?? [], ...options.use ?? []];
    this.#methods.add(service, (method) => compose(use, handlerOf(method)), options);
    return this;
  }

  /** The services added so far, in their order. */
  get services(): ServiceSchema[] {
    return this.#methods.services;
  }

  /**
   * Begins to serve on one address; may be called again for others. Resolves when the server is ready: it listens, its start hooks are
   * done, and it is in its registry.
   * Rejects with what a hook or the registry failed with; else with kind `"connect"` if the address cannot be had, `"invalid"` for what
   * this runtime cannot do, and for middleware and limits by names that no service of the server has.
   */
  async listen(on: ListenTarget): Promise<RunningServer> {
    const { tls, reusePort, signal } = on;
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
    const { transport: given } = this.#options;
    if (given === undefined) throw new RpcError("invalid", "a server without a transport cannot listen");
    const transport = typeof given === "function" ? await given() : given;
    const endpoint: Endpoint = "path" in on ? { path: on.path } : { hostname: on.hostname ?? "0.0.0.0", port: on.port };
    const running = this.#begin();
    await running.open(transport, endpoint, {
      ...(tls === undefined ? {} : { tls: this.#withAlpn(tls) }),
      ...(reusePort === undefined ? {} : { reusePort }),
    });
    if (signal !== undefined) running.closeOn(signal);
    return running;
  }

  /** Nobody is served yet. Throws an `RpcError` of kind `"invalid"` for options that name what no service has. */
  #begin(): RunningServer {
    const { use, limit, protocols } = this.#options;
    if (!protocols.some(({ servesUnknown }) => servesUnknown)) {
      tellServices(use, this.services);
      limit?.serves?.(this.services);
    }
    return new RunningServer(this.#methods, this.#options);
  }

  #withAlpn(tls: ServerTls): ServerTls {
    const names = [...new Set(this.#options.protocols.flatMap(({ alpn }) => alpn ?? []))];
    return names.length === 0 || tls.alpn !== undefined ? tls : { ...tls, alpn: names };
  }
}

/** Makes a server from parts; nothing is found by itself. */
export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** Gives each method's handler. Throws an `RpcError` of kind `"invalid"` if one is missing. */
export function handlersOf(service: ServiceSchema, handlers: unknown): (method: MethodSchema) => Handler {
  if (service.functions !== undefined) throw new RpcError("invalid", `service ${service.name} is for clients alone`);
  const functions = handlers as Record<string, unknown>;
  const missing = service.methods.filter((method) => typeof functions[method.key] !== "function");
  if (missing.length > 0) {
    const names = missing.map((method) => method.key).join(", ");
    throw new RpcError("invalid", `service ${service.name} has no handler for ${names}`);
  }
  return (method) => handlerOf(functions, method);
}

/** Calls the user's function with the arguments in order and the call as its context. */
function handlerOf(handlers: Record<string, unknown>, method: MethodSchema): Handler {
  const handle = handlers[method.key] as (...args: unknown[]) => unknown;
  const keys = method.args.fields.map((field) => field.key);
  const [first = "", second = ""] = keys;
  const invoke: Handler = keys.length === 0
    ? (call) => handle.call(handlers, call)
    : keys.length === 1
    ? (call) => handle.call(handlers, call.args[first], call)
    : keys.length === 2
    ? (call) => handle.call(handlers, call.args[first], call.args[second], call)
    : (call) => handle.call(handlers, ...keys.map((key) => call.args[key]), call);
  return (call) => {
    if (call.deadline === Infinity) return invoke(call);
    if (call.deadline <= turnNow(call.clock)) throw call.timeoutError();
    const value = invoke(call);
    return isPromise(value) ? new LimitedOutcome(call, value) : value;
  };
}
