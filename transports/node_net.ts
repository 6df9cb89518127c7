/**
 * A transport over `node:net` and `node:tls`: all of the Node adapter, and what the adapters of the other runtimes need
 * where their own sockets cannot do something.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Transport } from "../lib/io/raw.ts";
import type { ReadHandle } from "./node_conn.ts";
import { dialNode } from "./node_dial.ts";
import { secureOpener } from "./node_dial_tls.ts";
import { listenNode } from "./node_listen.ts";
import { resolveHost } from "./node_resolve.ts";

const READ_BUFFER_BYTES = 64 * 1024;

/** How `createNodeTransport` is set up for a runtime. */
export interface NodeNetOptions {
  /** The transport's name. */
  readonly name: string;
  /** True if a read and its callback are one step, so that one buffer serves all sockets. */
  readonly sharedBuffer: boolean;
  /** True if a paused TLS socket reads on without limit, so that the socket below has to be stopped. */
  readonly tlsReadsOn?: boolean;
}

/** What dialling and listening know of the runtime. */
export interface NodeNet {
  /** The buffer that a new socket reads into. */
  readBuffer(): Uint8Array;
  /** What has to be stopped and started with a TLS socket over `raw`, if anything. */
  handleOf(raw: Socket): ReadHandle | undefined;
}

/** What dialling and listening know of a runtime set up so. */
export function nodeNet(setup: NodeNetOptions): NodeNet {
  const shared = setup.sharedBuffer ? new Uint8Array(READ_BUFFER_BYTES) : undefined;
  return {
    readBuffer: () => shared ?? new Uint8Array(READ_BUFFER_BYTES),
    handleOf: (raw) => setup.tlsReadsOn ? (raw as Socket & { _handle?: ReadHandle })._handle : undefined,
  };
}

/** Makes a transport over the runtime's `node:net`. */
export function createNodeTransport(setup: NodeNetOptions): Transport {
  const net = nodeNet(setup);
  return {
    name: setup.name,
    dial: (to, options = {}) => dialNode(to, options, net, secureOpener),
    listen: (on, accept, options = {}) => listenNode(on, accept, options, net),
    resolve: resolveHost,
  };
}
