/**
 * What channelz knows of: servers, channels, subchannels and sockets, each with an id.
 *
 * @module
 */
import type { Channel } from "../../../lib/rpc/channel.ts";
import type { WatchedSubchannel } from "../../../lib/rpc/channel_watcher.ts";
import type { RunningServer } from "../../../lib/rpc/running_server.ts";
import type { CallCounts } from "./call_counts.ts";
import type { EventTrace } from "./event_trace.ts";
import type { SocketEntry } from "./socket_entry.ts";

/** A server. */
export interface ServerEntry {
  /** Its id; 0 until it listens. */
  id: number;
  /** The server; `undefined` until it listens. */
  running: RunningServer | undefined;
  /** The id of the socket it listens on. */
  listenId: number;
  /** Its calls. */
  readonly calls: CallCounts;
  /** What became of it. */
  readonly trace: EventTrace;
  /** Its open connections, by id, in the order of their ids. */
  readonly sockets: Map<number, SocketEntry>;
}

/** A client's channel. */
export interface ChannelEntry {
  readonly id: number;
  /** The channel. */
  readonly channel: Channel;
  /** Its calls, tried once or more. */
  readonly calls: CallCounts;
  /** What became of it. */
  readonly trace: EventTrace;
  /** Its addresses. */
  readonly subchannels: Map<WatchedSubchannel, SubchannelEntry>;
}

/** An address of a channel. */
export interface SubchannelEntry {
  readonly id: number;
  /** The address, as `describeEndpoint` writes it. */
  readonly name: string;
  /** The subchannel. */
  readonly subchannel: WatchedSubchannel;
  /** The calls sent there. */
  readonly calls: CallCounts;
  /** What became of it. */
  readonly trace: EventTrace;
  /** Its open connections, by id. */
  readonly sockets: Map<number, SocketEntry>;
}
