/**
 * The object a caller holds: one function for each method of the service.
 *
 * @module
 */
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import type { CallOptions } from "./call.ts";
import type { WarmedUp, WarmUpOptions } from "./warm_up.ts";

/** What every client has beside its methods; a method of the service with the same name hides one of these. */
export interface ClientHandle {
  /**
   * Ends the client: calls under way reject with kind `"canceled"`, what was sent is flushed, connections are closed.
   * Twice is fine.
   */
  close(): Promise<void>;
  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Opens connections before the first call (Kitex's `WithWarmingUp`), to all instances where they are looked up; tells how it went with
   * each address. Rejects with kind `"unavailable"` if no list of instances is found. Clients in this process or over `fetch` have
   * nothing to open.
   */
  warmUp(options?: WarmUpOptions): Promise<readonly WarmedUp[]>;
}

/** A client of the service whose methods are `C`. */
export type Client<C> = C & Omit<ClientHandle, Extract<keyof C, keyof ClientHandle>>;

/** Makes calls. */
export interface Invoker {
  /** Makes one call with one answer. Never throws: rejects. */
  invoke(method: MethodSchema, args: Record<string, unknown>, options: CallOptions | undefined): Promise<unknown>;
  /** One call of a method that streams to its caller; it is made when the first message is asked for. Never throws. */
  stream(
    method: MethodSchema,
    args: Record<string, unknown>,
    options: CallOptions | undefined,
  ): AsyncIterable<unknown>;
  /** Opens connections beforehand; left out: there are none. */
  warmUp?(options?: WarmUpOptions): Promise<readonly WarmedUp[]>;
  /** Ends it; twice is fine. */
  close(): Promise<void>;
}

/** The methods of `service`, each a function of its arguments and then options. */
export function methodsOf<C>(service: ServiceSchema<unknown, C>, invoker: Invoker): Client<C> {
  const client: Record<string | symbol, unknown> = Object.create(null);
  client.close = () => invoker.close();
  client.warmUp = (options?: WarmUpOptions) => invoker.warmUp?.(options) ?? Promise.resolve([]);
  client[Symbol.asyncDispose] = () => invoker.close();
  for (const method of service.methods) client[method.key] = functionOf(method, invoker);
  const more = service.functions?.((method, args, options) => invoker.stream(method, args, options as CallOptions));
  return Object.assign(client, more) as Client<C>;
}

function functionOf(method: MethodSchema, invoker: Invoker): (...values: unknown[]) => unknown {
  const make = method.streaming === "server" || method.streaming === "bidi" ? "stream" : "invoke";
  const keys = method.args.fields.map((field) => field.key);
  if (keys.length === 0) return (options) => invoker[make](method, {}, options as CallOptions | undefined);
  if (keys.length === 1) {
    const [key] = keys as [string];
    return (value, options) => {
      const args: Record<string, unknown> = {};
      args[key] = value; // V8 takes several times as long for `{ [key]: value }`
      return invoker[make](method, args, options as CallOptions | undefined);
    };
  }
  return (...values) => {
    const args: Record<string, unknown> = {};
    for (let i = 0; i < keys.length; i++) args[keys[i]!] = values[i];
    return invoker[make](method, args, values[keys.length] as CallOptions | undefined);
  };
}
