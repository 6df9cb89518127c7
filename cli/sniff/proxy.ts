/**
 * A proxy that lets others look at what passes through it, and never changes it.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Endpoint, RawConn, RawListener, RawSink, Transport } from "../../lib/io/raw.ts";
import { Pipe } from "./pipe.ts";
import type { Direction } from "./sniffed.ts";

/** Looks at one connection. Its methods must not throw. */
export interface Onlooker {
  /** Bytes passed; they are the proxy's again when this returns. */
  bytes(from: Direction, bytes: Uint8Array): void;
  /** A side will send no more. */
  ended(from: Direction): void;
  /** The connection is over; `reason` says why where that was not its end. */
  closed(reason: RpcError | undefined): void;
}

/** Where a proxy stands. */
export interface ProxyOptions {
  /** Opens and accepts connections. */
  readonly transport: Transport;
  /** Where it listens. */
  readonly listen: Endpoint;
  /** Where its connections go. */
  readonly to: Endpoint;
  /** Called for each connection accepted, numbered from 1. */
  readonly look: (connection: number) => Onlooker;
}

/** A proxy at work. */
export interface RunningProxy {
  /** Where it listens. */
  readonly local: Endpoint;
  /** Stops listening, and drops all connections. */
  close(): Promise<void>;
}

/** Starts a proxy. Rejects with kind `"connect"` if the address cannot be had. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const open = new Set<RawConn>();
  const closing = new AbortController();
  let count = 0;
  const accept = async (client: RawConn): Promise<void> => {
    const onlooker = options.look(++count);
    open.add(client);
    let server: RawConn | undefined;
    try {
      server = await options.transport.dial(options.to, { signal: closing.signal });
      closing.signal.throwIfAborted();
    } catch (reason) {
      open.delete(client);
      server?.abort();
      client.abort();
      return onlooker.closed(RpcError.from(reason, "connect"));
    }
    open.add(server);
    const both = [client, server];
    join(client, server, onlooker, () => both.forEach((conn) => open.delete(conn)));
  };
  const listener: RawListener = await options.transport.listen(options.listen, (conn) => void accept(conn));
  return {
    local: listener.local,
    async close() {
      closing.abort();
      await listener.close();
      for (const conn of open) conn.abort();
    },
  };
}

/** Joins two connections until both are gone. */
function join(client: RawConn, server: RawConn, onlooker: Onlooker, done: () => void): void {
  const up = new Pipe(client, server);
  const down = new Pipe(server, client);
  let left = 2;
  let why: RpcError | undefined;
  const sink = (from: Direction, own: Pipe, other: Pipe, peer: RawConn): RawSink => ({
    chunk(bytes, owned) {
      onlooker.bytes(from, bytes);
      own.chunk(bytes, owned);
    },
    end() {
      onlooker.ended(from);
      own.end();
    },
    drain: () => other.drain(),
    close(reason) {
      if (reason !== undefined) why ??= RpcError.from(reason);
      // an end has gone through the pipes already, behind the bytes before it; anything else is handed on as a reset
      if (reason !== undefined) peer.abort();
      if (--left > 0) return;
      done();
      onlooker.closed(why);
    },
  });
  client.start(sink("client", up, down, server));
  server.start(sink("server", down, up, client));
}
