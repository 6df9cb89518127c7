/**
 * A client whose calls run in this process: through the middleware of a server to its handlers, without a protocol and its
 * copies (Kitex's local caller). What runs together today can be taken apart tomorrow: callers do not see the difference.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type Clock, systemClock } from "../io/clock.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import { type AsyncContext, hasContext, runInContext } from "./async_context.ts";
import { type AbortListener, Call, type CallContext, type CallOptions } from "./call.ts";
import { abortWith, metadataFor } from "./caller_context.ts";
import { checkNumbers, deadlineAfter } from "./check_numbers.ts";
import { type Client, type Invoker, methodsOf } from "./client_methods.ts";
import { isDeclared } from "./declared.ts";
import type { Metadata } from "./metadata.ts";
import { compose, type Handler, isPromise, type Middleware, tellServices } from "./middleware.ts";
import { handlersOf } from "./server.ts";
import { messagesOf } from "./stream/pump.ts";
import { Replies } from "./stream/replies.ts";

/** Options of `createLocalClient`. */
export interface LocalClientOptions {
  /** Middleware around every handler, as a server has it; the first is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Milliseconds a call may take; 0: no limit. Default 0. */
  readonly timeoutMs?: number | undefined;
  /** Name of the calling service, as handlers see it. Default: none. */
  readonly caller?: string | undefined;
  /** Finds the call being served that a call is made for. In the front door `createLocalClient` the runtime's own. */
  readonly asyncContext?: AsyncContext | undefined;
  /** Tells the time; for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * Makes a client of handlers in this process. Arguments, values and messages are handed over as they are, not copied.
 * Deadlines, metadata, signals, exceptions and errors are as from a server; `to`, `tags`, `retry` and `fallback` of a call have no effect.
 * Throws an `RpcError` of kind `"invalid"` if a handler is missing.
 */
export function createLocalClient<H, C>(
  service: ServiceSchema<H, C>,
  handlers: NoInfer<H>,
  options: LocalClientOptions = {},
): Client<C> {
  return methodsOf(service, new LocalInvoker(service, handlers, options));
}

class LocalInvoker implements Invoker {
  readonly #service: ServiceSchema;
  readonly #options: LocalClientOptions;
  readonly #handlers = new Map<MethodSchema, Handler>();
  readonly #running = new Set<Call>();
  #closed = false;

  constructor(service: ServiceSchema, handlers: unknown, options: LocalClientOptions) {
    checkNumbers(options, ["timeoutMs"]);
    tellServices(options.use, [service]);
    this.#service = service;
    this.#options = options;
    options.asyncContext?.current(); // calls served from now on are kept
    const handlerOf = handlersOf(service, handlers);
    for (const method of service.methods) this.#handlers.set(method, compose(options.use ?? [], handlerOf(method)));
  }

  async invoke(method: MethodSchema, args: Record<string, unknown>, options?: CallOptions): Promise<unknown> {
    const { call, meta, over } = this.#begin(method, args, options);
    try {
      const outcome = this.#run(call);
      if (method.oneway) {
        if (isPromise(outcome)) outcome.then(undefined, () => {}); // nobody hears of it, as from a server
        return undefined;
      }
      return isPromise(outcome) ? await untilAborted(call, outcome) : outcome;
    } catch (error) {
      if (method.oneway) return undefined;
      throw isDeclared(method, error) ? error : RpcError.from(error, "internal");
    } finally {
      if (call.metaIfAny !== undefined) meta?.receiveAll(call.metaIfAny);
      over();
    }
  }

  stream(method: MethodSchema, args: Record<string, unknown>, options?: CallOptions): AsyncIterable<unknown> {
    return new Replies(() => {
      const { call, over } = this.#begin(method, args, options);
      return { call, outcome: this.#run(call), over };
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    const error = new RpcError("canceled", "the client was closed");
    for (const call of this.#running) call.abort(error);
    return Promise.resolve();
  }

  #begin(
    method: MethodSchema,
    args: Record<string, unknown>,
    options: CallOptions | undefined,
  ): { call: Call; meta: Metadata | undefined; over: () => void } {
    if (this.#closed) throw new RpcError("canceled", "the client was closed");
    const { asyncContext, caller, clock = systemClock } = this.#options;
    const parent: CallContext | undefined = options?.context ?? asyncContext?.current();
    const timeoutMs = options?.timeoutMs ?? this.#options.timeoutMs ?? 0;
    const own = deadlineAfter(timeoutMs, clock);
    const meta = metadataFor(options?.meta, parent);
    const call = new Call({
      service: this.#service,
      method,
      args: withMessages(method, args),
      side: "server",
      clock,
      deadline: parent === undefined ? own : Math.min(own, parent.deadline),
      meta: meta?.copy(),
      caller,
      callerMethod: parent?.method.name,
    });
    const letGo = abortWith(options?.signal, parent, call);
    this.#running.add(call);
    return {
      call,
      meta,
      over: () => {
        this.#running.delete(call);
        letGo();
      },
    };
  }

  #run(call: Call): unknown {
    const { asyncContext } = this.#options;
    const handler = this.#handlers.get(call.method)!;
    if (asyncContext === undefined || !hasContext(call)) return handler(call);
    return runInContext(asyncContext, call, () => handler(call));
  }
}

/** What a caller streams, as a handler reads it. */
function withMessages(method: MethodSchema, args: Record<string, unknown>): Record<string, unknown> {
  if (method.streaming !== "client" && method.streaming !== "bidi") return args;
  const key = method.args.fields[0]!.key;
  return { [key]: messagesOf(args[key], `what ${method.name} is given`) };
}

/** The outcome, or the reason of the call's end if that comes first: a handler that does not listen holds up nobody. */
function untilAborted(call: Call, outcome: PromiseLike<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const listener: AbortListener = { aborted: reject };
    call.onAbort(listener);
    outcome.then((value) => {
      call.offAbort(listener);
      resolve(value);
    }, (error: unknown) => {
      call.offAbort(listener);
      reject(error);
    });
  });
}
