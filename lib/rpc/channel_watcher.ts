/**
 * Who follows a client whose connections are managed as gRPC does, to report on it: what channelz is made of on the client's side.
 *
 * Changes of channels and connections are told as they happen; they are rare. Calls are not looked at unless somebody watches.
 *
 * @module
 */
import type { ChannelState } from "../discovery/balancer.ts";
import type { Endpoint } from "../io/raw.ts";
import type { Channel } from "./channel.ts";
import type { Middleware } from "./middleware.ts";
import type { ClientSession } from "./protocol.ts";

/** An address of a channel. The same object from its first use until it is left. */
export interface WatchedSubchannel {
  /** The address. */
  readonly endpoint: Endpoint;
  /** How things stand with it. */
  readonly state: ChannelState;
  /** What the last dial failed with, if none went well since. */
  readonly error: Error | undefined;
}

/** Is told of one client. Its methods must not throw, and may come in any turn. */
export interface ChannelWatcher {
  /** Stands around every call of the client, outside of all other middleware. */
  readonly use: Middleware;
  /** The client was made; first, once. Its end is the state `"shutdown"` of the channel. */
  opened(channel: Channel): void;
  /** The state of an address has changed; the first one that comes tells that it came into use. */
  changed(subchannel: WatchedSubchannel): void;
  /** A connection to an address is open and may take calls. */
  connected(subchannel: WatchedSubchannel, session: ClientSession): void;
  /** An address is used no more. Its connection may go on for the calls it has. */
  left(subchannel: WatchedSubchannel): void;
}
