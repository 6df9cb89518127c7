/**
 * How a client stands with its server: what programs may ask of a client whose connections are managed as gRPC's channels do.
 *
 * Spec: gRPC's connectivity-semantics-and-api.md.
 *
 * @module
 */
import type { ChannelState } from "../discovery/balancer.ts";
import { RpcError } from "../errors.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { TimerWheel } from "../io/timer_wheel.ts";
import type { Call } from "./call.ts";
import { ChannelIdle } from "./channel_idle.ts";
import type { ChannelPool } from "./channel_pool.ts";
import type { Destinations } from "./destinations.ts";

/** One address of a channel. */
export interface SubchannelInfo {
  /** The address: `host:port`, `unix:/path`. */
  readonly address: string;
  /** How things stand with it. */
  readonly state: ChannelState;
}

/** Under which a client has its channel. */
export const CHANNEL: unique symbol = Symbol("channel");

/**
 * The channel of a client. Throws an `RpcError` of kind `"invalid"` for one whose connections are not managed: those are of the
 * pool `"channel"`, which `grpc()` has unless told otherwise.
 */
export function channelOf(client: object): Channel {
  const channel = (client as { readonly [CHANNEL]?: Channel })[CHANNEL];
  if (channel !== undefined) return channel;
  throw new RpcError("invalid", 'the client has no channel: its pool is not of the type "channel"');
}

/** A client's connections as a whole. */
export class Channel {
  /** What the client's `to` says. */
  readonly target: string;
  readonly #pool: ChannelPool;
  readonly #destinations: Destinations;
  readonly #idle: ChannelIdle | undefined;
  readonly #listeners = new Set<(state: ChannelState) => void>();
  #state: ChannelState = "idle";

  /** Made by `createClient`. */
  constructor(target: string, pool: ChannelPool, destinations: Destinations, wheel: TimerWheel) {
    this.target = target;
    this.#pool = pool;
    this.#destinations = destinations;
    if (pool.idleTimeoutMs > 0) {
      const idle = this.#idle = new ChannelIdle(wheel, pool.idleTimeoutMs, {
        get usedMs() {
          return destinations.waited ? Infinity : pool.usedMs;
        },
        rest: () => this.#rest(),
      });
      pool.onWait = () => idle.wake();
    }
    pool.onChange = (endpoint) => destinations.changed(endpoint);
  }

  /**
   * Where it stands. `"idle"` before the first call, where a connection was lost that no call has asked for since, and after a time
   * without calls.
   */
  get state(): ChannelState {
    return this.#state;
  }

  /** Its addresses, as far as they were used. */
  get subchannels(): SubchannelInfo[] {
    return this.#pool.subchannels.map(({ endpoint, state }) => ({ address: describeEndpoint(endpoint), state }));
  }

  /** Connects, if it is idle, as a call would make it do. */
  connect(): void {
    if (this.#state === "shutdown") return;
    this.#idle?.wake();
    this.#destinations.connect();
  }

  /** Ends the waits after dials that failed, for those who know that the network is back. */
  resetBackoff(): void {
    this.#pool.resetBackoff();
  }

  /** Tells of every change of `state` from now on; gives what ends that. What the listener throws is dropped. */
  onStateChange(listener: (state: ChannelState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Waits until the state is another than `from` and gives it; at once if it is already. Rejects with the signal's reason, as
   * kind `"canceled"` or `"timeout"`.
   */
  async waitForStateChange(
    from: ChannelState,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<ChannelState> {
    const { signal } = options;
    if (this.#state !== from) return this.#state;
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
    return await new Promise((resolve, reject) => {
      const end = (): void => {
        stop();
        signal?.removeEventListener("abort", aborted);
      };
      const aborted = (): void => {
        end();
        reject(RpcError.from(signal!.reason, "canceled"));
      };
      const stop = this.onStateChange((state) => {
        if (state === from) return;
        end();
        resolve(state);
      });
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  /** For its client: looks whether the state has changed. */
  look(): void {
    this.#move(this.#destinations.state);
  }

  /** For its client: sends a call. */
  send(call: Call): unknown {
    this.#idle?.wake();
    return this.#destinations.send(call);
  }

  /** For its client, which is closed. */
  close(): void {
    this.#move("shutdown");
    this.#idle?.close();
    this.#destinations.close();
  }

  /** Looks nothing up and keeps no connection until the next call. */
  #rest(): void {
    this.#destinations.rest();
    this.#pool.rest();
    this.look();
  }

  #move(to: ChannelState): void {
    if (to === this.#state || this.#state === "shutdown") return;
    this.#state = to;
    for (const listener of [...this.#listeners]) {
      try {
        listener(to);
      } catch {
        // A listener that fails must not become the failure of a dial; there is nobody else to tell.
      }
    }
  }
}
