/**
 * The adapter of whatever runtime this is, loaded at the first use.
 *
 * @module
 */
import type { Transport } from "../lib/io/raw.ts";
import { runtimeName } from "./runtime.ts";

/** Sockets of this runtime. */
export function auto(): Transport {
  const name = runtimeName();
  let loaded: Promise<Transport> | undefined;
  const load = (): Promise<Transport> => loaded ??= loaders[name]();
  return {
    name,
    dial: async (to, options) => await (await load()).dial(to, options),
    listen: async (on, accept, options) => await (await load()).listen(on, accept, options),
    resolve: async (hostname) => await (await load()).resolve!(hostname),
  };
}

const loaders: Readonly<Record<ReturnType<typeof runtimeName>, () => Promise<Transport>>> = {
  deno: async () => (await import("./deno.ts")).deno(),
  bun: async () => (await import("./bun.ts")).bun(),
  node: async () => (await import("./node.ts")).node(),
};
