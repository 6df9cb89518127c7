/**
 * A client whose calls go by `fetch`: everything of a call but its way over the wire.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type Clock, systemClock } from "../io/clock.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import type { AsyncContext } from "./async_context.ts";
import { Call, type CallContext, type CallOptions } from "./call.ts";
import { abortWith, metadataFor } from "./caller_context.ts";
import { checkNumbers, deadlineAfter } from "./check_numbers.ts";
import { type Client, methodsOf } from "./client_methods.ts";
import { compose, type Middleware, tellServices } from "./middleware.ts";
import { Replies } from "./stream/replies.ts";

/** How calls go over the wire. */
export interface FetchWire {
  /** Makes a call with one answer; rejects if it fails. What ends it early fires its signal. */
  unary(call: Call): Promise<unknown>;
  /** Makes a call of a method whose server streams; left out: such calls fail. */
  stream?(call: Call): AsyncIterable<unknown>;
  /** The error of a method that cannot be called this way. */
  refuse(method: MethodSchema): RpcError;
}

/** Settings of a client. */
export interface FetchClientOptions {
  /** Milliseconds a call may take in all; 0: no limit. Default 0. */
  readonly timeoutMs?: number | undefined;
  /** Middleware around every call; the first is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Tells the time; for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
  /**
   * Finds the call being served that a call is made for, where a server calls others: `asyncContext` of `@updraft/rpc`. Default: none,
   * only the call's own `context` counts.
   */
  readonly asyncContext?: AsyncContext | undefined;
}

/** Throws an `RpcError` of kind `"invalid"` if `to` is no http or https URL. */
export function fetchTarget(to: string | URL): URL {
  const url = URL.canParse(to) ? new URL(to) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new RpcError("invalid", `target "${to}" is no http or https URL`);
}

/** Makes a client of a service. A call's `to` option is not used. */
export function fetchClient<C>(
  service: ServiceSchema<unknown, C>,
  options: FetchClientOptions,
  wire: FetchWire,
): Client<C> {
  const handler = compose(options.use ?? [], (call) => send(call, wire));
  const { clock = systemClock } = options;
  checkNumbers(options, ["timeoutMs"]);
  tellServices(options.use, [service]);
  const calls = new Set<Call>();
  options.asyncContext?.current(); // calls served from now on are kept
  let closed = false;

  /** Begins a call; `end` lets go of what it holds on to. */
  function begin(
    method: MethodSchema,
    args: Record<string, unknown>,
    own: CallOptions | undefined,
  ): { readonly call: Call; readonly end: () => void } {
    if (closed) throw new RpcError("canceled", "the client was closed");
    const parent: CallContext | undefined = own?.context ?? options.asyncContext?.current();
    const timeoutMs = own?.timeoutMs ?? options.timeoutMs ?? 0;
    const ends = deadlineAfter(timeoutMs, clock);
    const call = new Call({
      service,
      method,
      args,
      side: "client",
      clock,
      deadline: parent === undefined ? ends : Math.min(ends, parent.deadline),
      meta: metadataFor(own?.meta, parent),
      callerMethod: parent?.method.name,
    });
    const letGo = abortWith(own?.signal, parent, call);
    calls.add(call);
    return {
      call,
      end() {
        calls.delete(call);
        letGo();
      },
    };
  }

  return methodsOf(service, {
    async invoke(method, args, own) {
      if (method.streaming !== "unary") throw wire.refuse(method);
      const { call, end } = begin(method, args, own);
      try {
        return await handler(call);
      } finally {
        end();
      }
    },
    stream: (method, args, own) =>
      new Replies(() => {
        if (method.streaming !== "server" || wire.stream === undefined) throw wire.refuse(method);
        const { call, end } = begin(method, args, own);
        return { call, outcome: handler(call), over: end };
      }),
    close() {
      closed = true;
      for (const call of [...calls]) call.abort(new RpcError("canceled", "the client was closed"));
      return Promise.resolve();
    },
  });
}

/** Sends a call, and gives it up at its deadline. */
function send(call: Call, wire: FetchWire): Promise<unknown> | AsyncIterable<unknown> {
  const limited = call.with({});
  return call.method.streaming === "server" && wire.stream !== undefined
    ? untilDeadlineAll(limited, wire.stream(limited))
    : untilDeadline(limited, () => wire.unary(limited));
}

async function untilDeadline<T>(call: Call, step: () => Promise<T>): Promise<T> {
  const stop = watch(call);
  try {
    return await step();
  } finally {
    stop();
  }
}

async function* untilDeadlineAll(call: Call, messages: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const stop = watch(call);
  try {
    yield* messages;
  } finally {
    stop();
  }
}

/** Ends the call at its deadline. Throws if that has passed. */
function watch(call: Call): () => void {
  if (call.deadline === Infinity) return () => {};
  const left = call.deadline - call.clock.now();
  if (left <= 0) throw call.timeoutError();
  return call.clock.after(left, () => call.abort(call.timeoutError()));
}
