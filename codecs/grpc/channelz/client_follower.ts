/**
 * Follows one client for channelz: its calls, its state, its addresses and their connections.
 *
 * @module
 */
import { describeEndpoint } from "../../../lib/io/endpoint.ts";
import type { Call } from "../../../lib/rpc/call.ts";
import type { Channel } from "../../../lib/rpc/channel.ts";
import type { ChannelWatcher, WatchedSubchannel } from "../../../lib/rpc/channel_watcher.ts";
import { isDeclared } from "../../../lib/rpc/declared.ts";
import { type Handler, type Middleware, policy, runFollowed } from "../../../lib/rpc/middleware.ts";
import type { ClientSession } from "../../../lib/rpc/protocol.ts";
import { messagesOf } from "../../../lib/rpc/stream/pump.ts";
import { CallCounts } from "./call_counts.ts";
import type { ChannelEntry, SubchannelEntry } from "./entries.ts";
import { FollowedMessages } from "./followed_messages.ts";
import type { Registry } from "./registry.ts";

/** Follows one client. */
export class ClientFollower implements ChannelWatcher {
  readonly use: Middleware;
  readonly #registry: Registry;
  readonly #calls = new CallCounts();
  #entry: ChannelEntry | undefined;

  /** Tells `registry` of it. */
  constructor(registry: Registry) {
    this.#registry = registry;
    this.use = policy("channelz", (next) => (call) => this.#count(next, call));
  }

  opened(channel: Channel): void {
    const entry = this.#entry = this.#registry.addChannel(channel, this.#calls);
    channel.onStateChange((state) => {
      entry.trace.add(`is ${state}`, { warning: state === "transient-failure" });
      if (state === "shutdown") this.#forget(entry);
    });
  }

  changed(subchannel: WatchedSubchannel): void {
    const entry = this.#of(subchannel);
    const { state, error } = subchannel;
    if (state === "transient-failure") entry?.trace.add(`is ${state}: ${error?.message}`, { warning: true });
    else entry?.trace.add(`is ${state}`);
  }

  connected(subchannel: WatchedSubchannel, session: ClientSession): void {
    const entry = this.#of(subchannel);
    const socket = this.#registry.socketOf(session.conn);
    if (entry === undefined || socket === undefined) return;
    socket.calls = entry.calls;
    entry.sockets.set(socket.id, socket);
    entry.trace.add(`has connection ${socket.id}, ${socket.name}`);
    socket.onClosed(() => {
      entry.sockets.delete(socket.id);
      entry.trace.add(`lost connection ${socket.id}`);
    });
  }

  left(subchannel: WatchedSubchannel): void {
    const channel = this.#entry;
    const entry = channel?.subchannels.get(subchannel);
    if (channel === undefined || entry === undefined) return;
    channel.subchannels.delete(subchannel);
    this.#registry.subchannels.delete(entry.id);
    channel.trace.add(`left address ${entry.name}`, { subchannel: refOf(entry) });
  }

  #of(subchannel: WatchedSubchannel): SubchannelEntry | undefined {
    const channel = this.#entry;
    if (channel === undefined) return undefined;
    let entry = channel.subchannels.get(subchannel);
    if (entry !== undefined) return entry;
    const registry = this.#registry;
    entry = {
      id: registry.nextId(),
      name: describeEndpoint(subchannel.endpoint),
      subchannel,
      calls: new CallCounts(),
      trace: registry.newTrace(),
      sockets: new Map(),
    };
    channel.subchannels.set(subchannel, entry);
    registry.subchannels.set(entry.id, entry);
    channel.trace.add(`uses address ${entry.name}`, { subchannel: refOf(entry) });
    return entry;
  }

  #forget(entry: ChannelEntry): void {
    this.#entry = undefined;
    this.#registry.channels.delete(entry.id);
    for (const { id } of entry.subchannels.values()) this.#registry.subchannels.delete(id);
  }

  #count(next: Handler, call: Call): unknown {
    const calls = this.#calls;
    const { streaming } = call.method;
    calls.begin(this.#registry.now());
    if (streaming === "server" || streaming === "bidi") return this.#countStream(next, call);
    return runFollowed(next, call, {
      succeeded: () => calls.end(true),
      // A declared exception is an answer, with the status OK.
      failed: (error) => calls.end(isDeclared(call.method, error)),
    });
  }

  /** Such a call ends with its messages. */
  async #countStream(next: Handler, call: Call): Promise<AsyncIterable<unknown>> {
    const calls = this.#calls;
    try {
      const messages = messagesOf(await next(call), `the outcome of ${call.method.name}`);
      return new FollowedMessages(messages, (ok) => calls.end(ok));
    } catch (error) {
      calls.end(false);
      throw error;
    }
  }
}

/** What a trace may keep of a subchannel after its end. */
function refOf({ id, name }: SubchannelEntry): { id: number; name: string } {
  return { id, name };
}
