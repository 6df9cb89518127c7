/**
 * What a transport adapter implements: bytes in by callback, bytes out by count. No queue, no protocol.
 *
 * Everything else (buffering, batching, backpressure, timeouts) is written once over it, in `lib/io`.
 *
 * @module
 */

/** A TCP address. */
export interface TcpEndpoint {
  /** Host name or IP address. */
  readonly hostname: string;
  /** Port, 0 to 65535; 0 lets the system choose when listening. */
  readonly port: number;
}

/** A unix socket's address. */
export interface UnixEndpoint {
  /** Path of the socket; at most 107 bytes on Linux. */
  readonly path: string;
}

/** Where to dial or to listen. */
export type Endpoint = TcpEndpoint | UnixEndpoint;

/**
 * What the adapter reports. Calls come from the event loop and from inside `start` and `resume` of the same connection,
 * never from inside another method of it. After this side's `close` or `abort` only `close` comes. They must not throw.
 */
export interface RawSink {
  /**
   * Bytes arrived. Unless `owned`, they are the adapter's again as soon as this returns: copy what must stay.
   * With `owned` they may be kept and sliced, never written to. Never empty.
   */
  chunk(bytes: Uint8Array, owned: boolean): void;
  /** The peer will send no more (FIN); all chunks came before. Once at most; writing may go on. */
  end(): void;
  /** The adapter can take more after a short `write`, or gives back a lent buffer. Never comes unless owed. */
  drain(): void;
  /**
   * The connection is gone, both ways. Exactly once, last. Without a reason both sides sent FIN or this one closed; else
   * the reason is what `abort` was given, or an `RpcError` of kind `"transport"` (reset by the peer, `abort` without one).
   */
  close(reason?: unknown): void;
}

/** What TLS agreed on. */
export interface TlsState {
  /** The protocol chosen by ALPN, or `undefined` if none was. */
  readonly alpn: string | undefined;
  /** The peer's certificate in DER, if it sent one and it was verified. */
  readonly peerCertificate: Uint8Array | undefined;
}

/** One open connection as the runtime gives it. */
export interface RawConn {
  /** This side's address. */
  readonly local: Endpoint;
  /** The peer's address; a unix peer's path is often `""`. */
  readonly remote: Endpoint;
  /** What TLS agreed on; `undefined` on a plain connection. */
  readonly tls: TlsState | undefined;
  /** Begins delivery; once. Nothing is delivered, and nothing lost, before it. May deliver before it returns. */
  start(sink: RawSink): void;
  /**
   * Takes bytes to send and says how many it took. Fewer than given (also none): `drain` follows, and the rest
   * must be offered again. After it, `lent` says whether the buffer is still in use; while it is, nothing is taken.
   * After `closeWrite`, `close` and `abort` it takes none and owes no `drain`.
   */
  write(bytes: Uint8Array): number;
  /** True while the adapter still reads the buffer of the last `write`; `drain` follows when it no longer does. */
  readonly lent: boolean;
  /** Stops delivery: no chunk comes until `resume`, while `end` and `close` still may. */
  pause(): void;
  /** Goes on delivering. */
  resume(): void;
  /**
   * Sends what was taken, then FIN: this side will write no more. When the peer's FIN is there as well, the connection
   * closes by itself. Twice is fine.
   */
  closeWrite(): void;
  /**
   * Sends what was taken, if the peer reads it, and closes both ways. Twice is fine. `close` of the sink follows. Input
   * not read may turn this into a reset for the peer: who must be read to the end calls `closeWrite` and awaits `end`.
   */
  close(): void;
  /** Drops the connection now (RST where the runtime can). Twice is fine. `close` of the sink follows. */
  abort(reason?: unknown): void;
}

/** A listening socket. */
export interface RawListener {
  /** Where it listens, with the real port. */
  readonly local: Endpoint;
  /** Stops accepting and frees the address (a unix socket's file is removed); open connections stay. Twice is fine. */
  close(): Promise<void>;
}

/** TLS of a client. PEM texts throughout. */
export interface ClientTls {
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string;
  /** This client's certificate chain, for servers that ask for one. */
  readonly cert?: string;
  /** The private key of `cert`. */
  readonly key?: string;
  /** Name to verify and to send as SNI (an IP address is not sent). Default: the host dialled; `localhost` for a path. */
  readonly serverName?: string;
  /** Protocols offered by ALPN, best first. Default none. */
  readonly alpn?: readonly string[];
  /** False skips verification of the server: for tests only. Default `true`. */
  readonly verify?: boolean;
}

/** TLS of a server. PEM texts throughout. */
export interface ServerTls {
  /** The certificate chain, leaf first. */
  readonly cert: string;
  /** The private key of `cert`. */
  readonly key: string;
  /** Authorities that client certificates are checked against. */
  readonly ca?: string;
  /** `"require"` refuses clients without a valid certificate, `"request"` asks only. Default `"none"`. */
  readonly clientCertificate?: "none" | "request" | "require";
  /** Protocols accepted by ALPN, best first. Default none. */
  readonly alpn?: readonly string[];
  /**
   * True also serves plain connections on the port: TLS is told by its first byte (0x16), so a connection is accepted
   * once it has sent one. Default `false`.
   */
  readonly detect?: boolean;
  /** How long the handshake may take, and with `detect` the wait for the first byte. Default 10 000. */
  readonly handshakeTimeoutMs?: number;
}

/** Options of `Transport.dial`. */
export interface DialOptions {
  /** Gives up dialling. Its reason is wrapped as kind `"canceled"`, a `TimeoutError` as `"timeout"`. */
  readonly signal?: AbortSignal;
  /** Set for a TLS connection. */
  readonly tls?: ClientTls;
}

/** Options of `Transport.listen`. */
export interface ListenOptions {
  /** Set to serve TLS. */
  readonly tls?: ServerTls;
  /** Lets several processes share the port. Rejects with kind `"invalid"` where the runtime cannot. Default `false`. */
  readonly reusePort?: boolean;
  /** Length of the accept queue, where the runtime lets it be set. Default 511. */
  readonly backlog?: number;
}

/** Opens connections: all that a client needs of a transport. */
export interface Dialing {
  /** `"deno"`, `"bun"`, `"node"` or `"memory"`. */
  readonly name: string;
  /**
   * Opens a connection (TLS handshake included), trying all addresses of a host name. Rejects with an `RpcError` of kind
   * `"connect"`, with the signal's reason when it fired, or with kind `"invalid"` for options it cannot honour.
   */
  dial(to: Endpoint, options?: DialOptions): Promise<RawConn>;
  /**
   * Addresses of a host name, as the system's resolver (hosts file included) gives them. Rejects with kind `"connect"`. Left out by
   * transports that know no names.
   */
  resolve?(hostname: string): Promise<readonly string[]>;
}

/** Opens and accepts connections: one per runtime, and one in memory. */
export interface Transport extends Dialing {
  /**
   * Listens; calls `accept` for each connection (after its TLS handshake). A failed handshake closes that connection
   * alone, and so does an exception out of `accept`; the listener goes on, also when it is out of descriptors for a
   * while. Rejects with kind `"connect"` if the address cannot be had, `"invalid"` for options it cannot honour. The
   * file of a unix socket on which nobody listens any more is replaced.
   */
  listen(on: Endpoint, accept: (conn: RawConn) => void, options?: ListenOptions): Promise<RawListener>;
}
