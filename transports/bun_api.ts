/**
 * The part of Bun's sockets that the adapter uses, so that every toolchain can check it.
 *
 * @module
 */
import type { BunConn } from "./bun_conn.ts";

/** A socket of Bun. */
export interface BunSocket {
  data: BunConn | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** Gives how many bytes were taken, -1 on a closed socket. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
  end(): void;
  terminate(): void;
  setNoDelay(noDelay: boolean): boolean;
}

/** Event handlers, shared by all sockets of a listener. */
export interface BunHandlers {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  error(socket: BunSocket, cause: Error): void;
  close(socket: BunSocket, cause?: Error): void;
}

/** A listening socket of Bun. */
export interface BunServer {
  readonly hostname: string;
  readonly port: number;
  stop(closeConnections?: boolean): void;
}

/** Options of both. */
export interface BunSocketOptions {
  readonly allowHalfOpen: boolean;
  readonly socket: BunHandlers;
}

/** What `Bun` has for sockets. */
export interface BunNet {
  connect(options: BunSocketOptions & ({ hostname: string; port: number } | { unix: string })): Promise<BunSocket>;
  listen(
    options: BunSocketOptions & ({ hostname: string; port: number; reusePort: boolean } | { unix: string }),
  ): BunServer;
}
