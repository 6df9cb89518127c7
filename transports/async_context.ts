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

/** The two ends at which calls are kept and found. */
export interface AsyncContexts {
  /** For servers: what they serve is kept from the first client on; until then nobody can ask, and keeping is not cheap. */
  readonly ofServers: AsyncContext;
  /** For a client. What was being served, and waiting for something, when the first one was made is not found by it. */
  ofClient(): AsyncContext;
}

/**
 * Those of this process, since servers and clients have to meet; `undefined` where there are none, in browsers for example: calls then
 * take over what their `context` option names.
 */
export const asyncContexts: AsyncContexts | undefined = makeAsyncContexts();

/** Makes a pair of ends; `undefined` where the runtime cannot. */
export function makeAsyncContexts(): AsyncContexts | undefined {
  const storage = makeStorage();
  if (storage === undefined) return undefined;
  /** Is there a client? */
  let asked = false;
  /** The call whose handler runs right now, while nothing is kept: for a client that this handler makes. */
  let running: Call | undefined;
  const context: AsyncContext = {
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
    current: () => storage.getStore() ?? running,
  };
  return {
    ofServers: context,
    ofClient() {
      asked = true;
      return context;
    },
  };
}

function makeStorage(): Storage | undefined {
  // No import, so that a bundle for a browser can hold this file.
  const hooks = (globalThis as Runtime).process?.getBuiltinModule?.("node:async_hooks");
  return hooks === undefined ? undefined : new hooks.AsyncLocalStorage();
}
