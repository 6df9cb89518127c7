/**
 * The part of Bun's sockets that the adapter uses, so that every toolchain can check it, and how their events, which
 * are set for a whole listener, find the one connection they are for.
 *
 * @module
 */

/** What a socket's events go to. */
export interface BunEvents {
  /** Bytes came, in a buffer of their own. */
  data(bytes: Uint8Array): void;
  /** There is room again; Bun also says so when nobody waits for it. */
  drain(): void;
  /** The peer's FIN came. */
  end(): void;
  /** The socket is gone. */
  closed(cause: unknown): void;
  /** TLS only: the handshake is over. */
  handshake?(done: boolean, cause: unknown): void;
}

/** A socket of Bun. */
export interface BunSocket {
  data: BunEvents | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly alpnProtocol: string | false | null | undefined;
  readonly authorized: boolean;
  getPeerCertificate(): { readonly raw?: Uint8Array } | undefined;
  /** Gives how many bytes were taken, -1 on a closed socket. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
  /** Sends FIN and closes; `end` would leave a TLS socket half open. */
  close(): void;
  terminate(): void;
  setNoDelay(noDelay: boolean): boolean;
}

/** Event handlers, shared by all sockets of a listener. */
export interface BunHandlers {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  handshake(socket: BunSocket, done: boolean, cause: unknown): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  error(socket: BunSocket, cause: unknown): void;
  close(socket: BunSocket, cause?: unknown): void;
}

/** TLS of both sides. */
export interface BunTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  /** As on the wire; Bun throws on a list of names. */
  readonly ALPNProtocols?: string;
  readonly rejectUnauthorized?: boolean;
  readonly requestCert?: boolean;
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
  readonly tls?: BunTls;
}

/** What `Bun` has for sockets. */
export interface BunNet {
  connect(options: BunSocketOptions & ({ hostname: string; port: number } | { unix: string })): Promise<BunSocket>;
  listen(
    options: BunSocketOptions & ({ hostname: string; port: number; reusePort: boolean } | { unix: string }),
  ): BunServer;
}

/** Handlers that lead each socket's events to its `data`, which `open` sets. */
export function bunEvents(open: (socket: BunSocket) => BunEvents): BunHandlers {
  return {
    binaryType: "uint8array",
    open(socket) {
      socket.data = open(socket);
    },
    handshake: (socket, done, cause) => socket.data?.handshake?.(done, cause),
    data: (socket, bytes) => socket.data?.data(bytes),
    drain: (socket) => socket.data?.drain(),
    end: (socket) => socket.data?.end(),
    error: (socket, cause) => socket.data?.closed(cause),
    close: (socket, cause) => socket.data?.closed(cause),
  };
}
