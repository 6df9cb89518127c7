/**
 * The Node adapter: `node:net` and `node:tls`. Works under Deno and Bun too, where their own adapters are faster.
 *
 * @module
 */
import type { Dialing, Transport } from "../lib/io/raw.ts";
import { dialNode } from "./node_dial.ts";
import { createNodeTransport, nodeNet, type NodeNetOptions } from "./node_net.ts";
import { runtimeName } from "./runtime.ts";

/** Sockets of Node. */
export function node(): Transport {
  return createNodeTransport(setup());
}

/**
 * Sockets of Node for clients without TLS, over TCP and unix sockets: a bundle has neither listening nor `node:tls`. Rejects TLS
 * options with kind `"invalid"`.
 */
export function nodeTcp(): Dialing {
  const net = nodeNet(setup());
  return { name: "node", dial: (to, options = {}) => dialNode(to, options, net) };
}

function setup(): NodeNetOptions {
  const runtime = runtimeName();
  return { name: "node", sharedBuffer: runtime === "node", tlsReadsOn: runtime === "deno" };
}
