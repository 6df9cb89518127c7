/**
 * What `grpc()` tells channelz: servers, clients and connections as they come, and what happens on a connection.
 *
 * Counters that HTTP/2 keeps anyway are not told but read from the connection when somebody asks.
 *
 * @module
 */
import type { Connection } from "../../../lib/io/connection.ts";
import type { ChannelWatcher } from "../../../lib/rpc/channel_watcher.ts";
import type { ServerHost } from "../../../lib/rpc/protocol.ts";
import type { RunningServer } from "../../../lib/rpc/running_server.ts";
import type { Http2Connection } from "../../http2/connection.ts";

/** Is told of the servers and clients of `grpc({ channelz })`. Made by `createChannelz`; nothing of it must throw. */
export interface Channelz {
  /** A server listens. It is forgotten when it is closed. */
  watchServer(server: RunningServer, host: ServerHost): void;
  /** A client is made. It is forgotten when it is closed. */
  watchClient(): ChannelWatcher;
  /** A connection of the server that `host` belongs to is open: who is told of it. */
  serverSocket(socket: ChannelzSocket, host: ServerHost): SocketRecorder;
  /** A connection of a client is open: who is told of it. */
  clientSocket(socket: ChannelzSocket): SocketRecorder;
}

/** A connection, as channelz reads it. */
export interface ChannelzSocket {
  /** The connection. */
  readonly conn: Connection;
  /** HTTP/2 on it. */
  readonly h2: Http2Connection;
  /** How many keepalive pings were sent. */
  readonly pingsSent: number;
}

/** Is told of what happens on one connection. */
export interface SocketRecorder {
  /** A stream was begun, by the client. */
  streamBegun(): void;
  /** A call began. */
  callBegun(): void;
  /** A call is over, once for each that began; `ok`: with the status OK. */
  callEnded(ok: boolean): void;
  /** A message was sent. */
  messageSent(): void;
  /** A message came. */
  messageReceived(): void;
  /** The connection is gone; once, last. */
  closed(): void;
}
