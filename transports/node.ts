/**
 * The Node adapter: `node:net` and `node:tls`. Works under Deno and Bun too, where their own adapters are faster.
 *
 * @module
 */
import type { Transport } from "../lib/io/raw.ts";
import { createNodeTransport } from "./node_net.ts";
import { runtimeName } from "./runtime.ts";

/** Sockets of Node. */
export function node(): Transport {
  const runtime = runtimeName();
  return createNodeTransport({
    name: "node",
    sharedBuffer: runtime === "node",
    tlsReadsOn: runtime === "deno",
  });
}
