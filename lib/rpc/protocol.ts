/**
 * What a protocol brings: how its connections are told from others, and what turns their bytes into calls and back.
 *
 * @module
 */
import type { Compressor } from "../compressor.ts";
import type { Resolver } from "../discovery/resolver.ts";
import type { RpcError } from "../errors.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "../http/message.ts";
import type { Connection } from "../io/connection.ts";
import type { Admission } from "./admission.ts";
import type { ChannelWatcher } from "./channel_watcher.ts";
import type { TimerWheel } from "../io/timer_wheel.ts";
import type { PayloadKind, ServiceSchema } from "../schema/service.ts";
import type { Call } from "./call.ts";
import type { MethodEntry, MethodTable } from "./method_table.ts";
import type { Handler } from "./middleware.ts";
import type { PoolOptions } from "./pool.ts";
import type { RunningServer } from "./running_server.ts";
import type { Credit, MessageQueue } from "./stream/message_queue.ts";

/** What a client speaks, as its `protocol` takes it. */
export interface ClientProtocol {
  /** Its name in errors and figures: `"framed"`, `"buffered"` ... */
  readonly name: string;
  /** The payloads it can carry. Default: Thrift alone. */
  readonly payloads?: readonly PayloadKind[];
  /**
   * True if its client sessions make all their calls as streams, many at once on one connection; else they make calls
   * with one answer only. Default `false`.
   */
  readonly streams?: boolean;
  /** On a protocol that streams: true if calls that do not stream go by `send`, false if they are streams too. Default `false`. */
  readonly sends?: boolean;
  /** Where the connections of its clients come from, unless they say so themselves. Default `{ type: "long" }`, of one that streams `{ type: "mux" }`. */
  readonly pool?: PoolOptions;
  /**
   * Finds instances for targets that begin with a scheme, by scheme, unless the client has its own for one; `lookup` gives the
   * addresses of a host. Default: none.
   */
  resolvers?(lookup: (hostname: string) => Promise<readonly string[]>): Readonly<Record<string, Resolver>>;
  /** Its name in ALPN, or its names, the best first; offered in TLS handshakes where nothing else was configured. Default: none. */
  readonly alpn?: string | readonly string[];
  /** Asked once for each client with the pool `"channel"`: who is told of it. Default: nobody. */
  watchClient?(): ChannelWatcher;
  /** Takes an open connection to make calls of `service` on; the session sets itself as its handler. */
  connect(conn: Connection, service: ServiceSchema, options?: ConnectOptions): ClientSession;
}

/** A protocol of servers and clients, as `protocols` of a server and `protocol` of a client take it. */
export interface Protocol extends ClientProtocol {
  /** True if it takes only connections that no other protocol claims. Default `false`. */
  readonly yields?: boolean;
  /** True if it runs calls of methods that no service of the server has. Default `false`. */
  readonly servesUnknown?: boolean;
  /** Do the first bytes of a connection begin this protocol? `null` if there are too few to tell. */
  detect(bytes: Uint8Array): boolean | null;
  /** Serves a connection that was detected; the session sets itself as the connection's handler. */
  serve(conn: Connection, host: ServerHost): ServerSession;
  /** Told of each server that listens; `host` is what `serve` gets for its connections. Must not throw. Default: nobody is told. */
  watchServer?(server: RunningServer, host: ServerHost): void;
  /**
   * Answers a request of HTTP, whatever brought it: a connection of this protocol, one of another that shares HTTP with it, or
   * `Server.fetch`. `undefined` for one that is not for this protocol. Default: it answers none.
   */
  respond?(request: HttpRequest, host: ServerHost): HttpResponse | Promise<HttpResponse> | undefined;
}

/** How a connection is going to be used. */
export interface ConnectOptions {
  /** True if it carries many calls at once. Default `false`. */
  readonly shared?: boolean;
  /** The client's timers and clock. Default: some of the session's own. */
  readonly wheel?: TimerWheel;
  /** The client's ways to compress. Default: none. */
  readonly compressors?: readonly Compressor[] | undefined;
}

/** True if a protocol can carry the messages of a service. */
export function carries(protocol: ClientProtocol, service: ServiceSchema): boolean {
  return protocol.payloads?.includes(service.payload) ?? service.payload === "thrift";
}

/** What a server gives its sessions. */
export interface ServerHost {
  /** The methods served. */
  readonly methods: MethodTable;
  /** The server's timers and clock. */
  readonly wheel: TimerWheel;
  /** Answers a request of HTTP by the first protocol that takes it; 404 if none does. `undefined` if none of them answers any. */
  readonly respond?: HttpHandler | undefined;
  /** Calls that one connection may have running at once; the session stops reading above it. */
  readonly maxConcurrentCalls: number;
  /** The server's ways to compress. */
  readonly compressors: readonly Compressor[];
  /**
   * Decides which calls are taken, if some may not be. A session asks once for each call before it decodes arguments, answers what
   * is refused with the error, and tells the ticket when the call is over. `ServedStream` does so for streams.
   */
  readonly admission?: Admission | undefined;
  /** Puts the server's middleware around what runs calls of no service. Costs as much as adding a service: once a server. */
  wrap(handler: Handler): Handler;
  /**
   * Runs a call: its value, or a promise of it; throws or rejects with whatever the handler did. The value of a method
   * that streams to its caller is an iterable of messages. Streams are run by `ServedStream`.
   */
  run(entry: MethodEntry, call: Call): unknown;
  /** A call whose `run` gave a promise, or did not throw and streams, is over: its answer was written, or it wants none. */
  done(): void;
  /** A handler failed with an error the IDL does not declare. Counted and reported, never thrown. */
  failed(error: RpcError, call: Call): void;
  /** Bytes came that make no sense, or a call that cannot be served. Counted and reported, never thrown. */
  refused(error: RpcError): void;
}

/** One connection of a server. */
export interface ServerSession {
  /**
   * The server begins to close: tells a peer that understands it to send no more calls here, and takes those that still come.
   * `shutdown` follows soon. Left out: there is no way to say it.
   */
  announce?(): void;
  /** Answers what was received, then closes the connection. Twice is fine. */
  shutdown(): void;
  /** Ends the calls still running, answers them with `error`, and closes the connection. */
  abort(error: RpcError): void;
}

/** The caller's end of a call under way; settled once, later ones have no effect. */
export interface Pending {
  /** The call. */
  readonly call: Call;
  /** The id the session gave it; 0 before. */
  seqid: number;
  /** Ends it well. */
  resolve(value: unknown): void;
  /** Ends it with an error. */
  reject(error: unknown): void;
}

/** One connection of a client. */
export interface ClientSession {
  /** Its connection. */
  readonly conn: Connection;
  /** True while it can take a call. */
  readonly usable: boolean;
  /** Calls under way. */
  readonly pendingCount: number;
  /**
   * Sends a call. `pending` is settled when the answer came or the connection broke; a oneway call, when it was
   * handed on. Throws an `RpcError` of kind `"invalid"` if the arguments cannot be encoded: then nothing was sent.
   * Protocols that stream need none.
   */
  send?(pending: Pending): void;
  /** Forgets a call that its caller gave up; its answer is dropped when it comes. */
  cancel?(pending: Pending): void;
  /**
   * Begins a stream, on a protocol whose `streams` is true: `messages` gets what the server sends, then the end. Throws an
   * `RpcError` if it cannot be begun. A method that does not stream is a stream of one message each way.
   *
   * A protocol that keeps what a stream sent until its server has seen it asks `messages.recover` when it failed unseen. If that
   * gives true the stream goes on by a call of this with itself as `again`, mostly of another session: it sends there what it
   * kept, and what it was given since. `messages` are the same.
   */
  openStream?(call: Call, messages: MessageQueue, again?: WireStream): WireStream;
  /** Called when the connection is gone or can take no more calls. */
  onUnusable: (() => void) | undefined;
  /**
   * Resolves when the server has said its first words, so that it is known to be there; rejects if the connection is lost
   * before. Left out by protocols in which servers say nothing before they are asked.
   */
  readonly greeted?: Promise<void> | undefined;
}

/**
 * This side's end of a stream, as its protocol gives it. Once the stream is over, by this side or the other, none of it has
 * an effect.
 */
export interface WireStream extends Credit {
  /**
   * Sends a message. Gives a promise only where the peer has to catch up first; it rejects if the stream ends before.
   * Throws an `RpcError` of kind `"invalid"` for a message that cannot be encoded: then it was not sent, and the stream goes on.
   */
  send(message: unknown): void | Promise<void>;
  /**
   * All messages of this side were sent. On a server the call is answered with that; throws an `RpcError` if metadata of its own
   * cannot be sent: then it is to fail with that.
   */
  end(): void;
  /**
   * Ends the stream both ways. A server's client is told of the error; a client's server, that the call is given up. Never
   * throws.
   */
  fail(error: RpcError): void;
}
