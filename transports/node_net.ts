/**
 * A transport over `node:net` and `node:tls`: all of the Node adapter, and what the adapters of the other runtimes need
 * where their own sockets cannot do something.
 *
 * @module
 */
import type { Transport } from "../lib/io/raw.ts";
import { dialNode } from "./node_dial.ts";
import { listenNode } from "./node_listen.ts";

const READ_BUFFER_BYTES = 64 * 1024;

/** How `createNodeTransport` is set up for a runtime. */
export interface NodeNetOptions {
  /** The transport's name. */
  readonly name: string;
  /** True if a read and its callback are one step, so that one buffer serves all sockets. */
  readonly sharedBuffer: boolean;
}

/** Makes a transport over the runtime's `node:net`. */
export function createNodeTransport(setup: NodeNetOptions): Transport {
  const shared = setup.sharedBuffer ? new Uint8Array(READ_BUFFER_BYTES) : undefined;
  const readBuffer = (): Uint8Array => shared ?? new Uint8Array(READ_BUFFER_BYTES);
  return {
    name: setup.name,
    dial: (to, options = {}) => dialNode(to, options, readBuffer),
    listen: (on, accept, options = {}) => listenNode(on, accept, options, readBuffer),
  };
}
