/**
 * The part of Deno's sockets that the adapter uses, so that every toolchain can check it.
 *
 * @module
 */

/** An address as Deno tells it. */
export type DenoAddr =
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string | null };

/** `Deno.Conn`. */
export interface DenoSocket {
  readonly localAddr: DenoAddr;
  readonly remoteAddr: DenoAddr;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(noDelay?: boolean): void;
}

/** `Deno.Listener`. */
export interface DenoServer {
  readonly addr: DenoAddr;
  accept(): Promise<DenoSocket>;
  close(): void;
}

/** What `Deno` has for sockets. */
export interface DenoNet {
  connect(options: { hostname: string; port: number; signal?: AbortSignal }): Promise<DenoSocket>;
  connect(options: { transport: "unix"; path: string }): Promise<DenoSocket>;
  listen(options: { hostname: string; port: number; tcpBacklog: number }): DenoServer;
  listen(options: { transport: "unix"; path: string }): DenoServer;
  lstat(path: string): Promise<{ readonly isSocket: boolean | null; readonly ino: number | null }>;
  remove(path: string): Promise<void>;
  readonly errors: {
    readonly AddrInUse: new () => Error;
    readonly ConnectionRefused: new () => Error;
    readonly NotFound: new () => Error;
  };
}
