/**
 * The Node adapter: `node:net` and `node:tls`. Works under Deno and Bun too, where their own adapters are faster.
 *
 * @module
 */
import process from "node:process";
import type { Transport } from "../lib/io/raw.ts";
import { createNodeTransport } from "./node_net.ts";

/** Sockets of Node. */
export function node(): Transport {
  const onNode = !("bun" in process.versions) && !("deno" in process.versions);
  return createNodeTransport({ name: "node", sharedBuffer: onNode });
}
