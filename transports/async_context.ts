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

/**
 * The one of this process, since servers and clients have to meet in it; `undefined` where there is none, in browsers for
 * example: calls then take over what their `context` option names. Keeps nothing until it is first asked for the current call, as
 * every client does when it is made: keeping is not cheap, and in a process without clients nobody asks.
 */
export const asyncContext: AsyncContext | undefined = makeAsyncContext();

/** Makes one; `undefined` where the runtime cannot. */
export function makeAsyncContext(): AsyncContext | undefined {
  const storage = makeStorage();
  if (storage === undefined) return undefined;
  let asked = false;
  /** The call whose handler runs right now, while nothing is kept: for whoever is the first to ask. */
  let running: Call | undefined;
  return {
    run(call, fn) {
      if (asked) return storage.run(call, fn);
      const before = running;
      running = call;
      try {
        return fn();
      } finally {
        running = before;
      }
    },
    current() {
      asked = true;
      return storage.getStore() ?? running;
    },
  };
}

function makeStorage(): Storage | undefined {
  // No import, so that a bundle for a browser can hold this file.
  const hooks = (globalThis as Runtime).process?.getBuiltinModule?.("node:async_hooks");
  return hooks === undefined ? undefined : new hooks.AsyncLocalStorage();
}
