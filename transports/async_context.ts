/**
 * Where calls being served are kept: `AsyncLocalStorage`, on runtimes that have it.
 *
 * @module
 */
import type { AsyncContext } from "../lib/rpc/async_context.ts";
import type { Call } from "../lib/rpc/call.ts";

interface Storage {
  run<T>(call: Call, fn: () => T): T;
  getStore(): Call | undefined;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new () => Storage;
}

/** The part in use of what Node, Deno and Bun have as `process`. */
interface Runtime {
  readonly process?: { getBuiltinModule?(name: "node:async_hooks"): AsyncHooks | undefined };
}

const storage = makeStorage();

/**
 * The one of this process, since servers and clients have to meet in it; `undefined` where there is none, in browsers for
 * example: calls then take over what their `context` option names.
 */
export const asyncContext: AsyncContext | undefined = storage === undefined ? undefined : {
  run: (call, fn) => storage.run(call, fn),
  current: () => storage.getStore(),
};

function makeStorage(): Storage | undefined {
  // No import, so that a bundle for a browser can hold this file.
  const hooks = (globalThis as Runtime).process?.getBuiltinModule?.("node:async_hooks");
  return hooks === undefined ? undefined : new hooks.AsyncLocalStorage();
}
