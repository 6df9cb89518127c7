/**
 * All that channelz knows of, by id. What is closed is forgotten, so its size is that of the program.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Connection } from "../../../lib/io/connection.ts";
import type { Channel } from "../../../lib/rpc/channel.ts";
import type { ChannelWatcher } from "../../../lib/rpc/channel_watcher.ts";
import type { ServerHost } from "../../../lib/rpc/protocol.ts";
import type { RunningServer } from "../../../lib/rpc/running_server.ts";
import { CallCounts } from "./call_counts.ts";
import { ClientFollower } from "./client_follower.ts";
import type { ChannelEntry, ServerEntry, SubchannelEntry } from "./entries.ts";
import { EventTrace } from "./event_trace.ts";
import type { Channelz, ChannelzSocket, SocketRecorder } from "./recorder.ts";
import { SocketEntry } from "./socket_entry.ts";

/** Options of `createChannelz`. */
export interface ChannelzOptions {
  /** Events kept of each channel, subchannel and server, 0 to 10,000; the oldest go first. Default 30. */
  readonly maxTraceEvents?: number | undefined;
  /** Gives milliseconds of the epoch; for tests. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

const MAX_TRACE_EVENTS = 30;
const MOST_TRACE_EVENTS = 10_000;

/** Servers, channels, subchannels and sockets. The tables are in the order of the ids, which no two things share. */
export class Registry implements Channelz {
  /** Servers that listen. */
  readonly servers: Map<number, ServerEntry> = new Map();
  /** The servers again, by the ids of the sockets they listen on. */
  readonly listeners: Map<number, ServerEntry> = new Map();
  /** Clients that are open. */
  readonly channels: Map<number, ChannelEntry> = new Map();
  /** Their addresses. */
  readonly subchannels: Map<number, SubchannelEntry> = new Map();
  /** Open connections, of both. */
  readonly sockets: Map<number, SocketEntry> = new Map();
  /** Gives milliseconds of the epoch. */
  readonly now: () => number;
  readonly #maxTraceEvents: number;
  readonly #byHost = new WeakMap<ServerHost, ServerEntry>();
  readonly #byConnection = new WeakMap<Connection, SocketEntry>();
  #lastId = 0;

  /** Knows of nothing yet. */
  constructor({ maxTraceEvents = MAX_TRACE_EVENTS, now = Date.now }: ChannelzOptions = {}) {
    if (!(Number.isInteger(maxTraceEvents) && maxTraceEvents >= 0 && maxTraceEvents <= MOST_TRACE_EVENTS)) {
      throw new RpcError("invalid", `maxTraceEvents ${maxTraceEvents} is not 0 to ${MOST_TRACE_EVENTS}`);
    }
    this.now = now;
    this.#maxTraceEvents = maxTraceEvents;
  }

  watchServer(running: RunningServer, host: ServerHost): void {
    const entry = this.#serverOf(host);
    if (entry.running !== undefined) return;
    entry.running = running;
    entry.id = this.nextId();
    entry.listenId = this.nextId();
    entry.trace.add(`listens on ${running.address}`);
    this.servers.set(entry.id, entry);
    this.listeners.set(entry.listenId, entry);
    running.onStateChange((state) => {
      entry.trace.add(`is ${state}`);
      if (state !== "closed") return;
      this.servers.delete(entry.id);
      this.listeners.delete(entry.listenId);
    });
  }

  watchClient(): ChannelWatcher {
    return new ClientFollower(this);
  }

  serverSocket(socket: ChannelzSocket, host: ServerHost): SocketRecorder {
    const { calls, sockets } = this.#serverOf(host);
    const entry = this.#addSocket(socket, calls);
    sockets.set(entry.id, entry);
    entry.onClosed(() => sockets.delete(entry.id));
    return entry;
  }

  clientSocket(socket: ChannelzSocket): SocketRecorder {
    return this.#addSocket(socket, undefined);
  }

  /** The entry of an open connection. */
  socketOf(conn: Connection): SocketEntry | undefined {
    return this.#byConnection.get(conn);
  }

  /** Adds a client. */
  addChannel(channel: Channel, calls: CallCounts): ChannelEntry {
    const entry = { id: this.nextId(), channel, calls, trace: this.newTrace(), subchannels: new Map() };
    this.channels.set(entry.id, entry);
    return entry;
  }

  /** An id that nothing had before. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** A trace that begins now. */
  newTrace(): EventTrace {
    return new EventTrace(this.#maxTraceEvents, this.now);
  }

  #addSocket(socket: ChannelzSocket, calls: CallCounts | undefined): SocketEntry {
    const entry = new SocketEntry(this.nextId(), socket, calls, this.now);
    this.sockets.set(entry.id, entry);
    this.#byConnection.set(socket.conn, entry);
    entry.onClosed(() => this.sockets.delete(entry.id));
    return entry;
  }

  /** A connection may come before `watchServer` does. */
  #serverOf(host: ServerHost): ServerEntry {
    let entry = this.#byHost.get(host);
    if (entry === undefined) {
      entry = {
        id: 0,
        running: undefined,
        listenId: 0,
        calls: new CallCounts(),
        trace: this.newTrace(),
        sockets: new Map(),
      };
      this.#byHost.set(host, entry);
    }
    return entry;
  }
}
