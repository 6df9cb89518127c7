/**
 * A service whose instances are looked up: follows their list, chooses one for each call, and another where the first cannot be
 * reached. The rules are Kitex's, but for what is tried twice: an instance that failed is chosen again only when no other is left.
 *
 * @module
 */
import type { Balancer, BalancerHost, Connectivity, Picker } from "../discovery/balancer.ts";
import type { Instance } from "../discovery/instance.ts";
import type { Resolution, ResolutionSink, Resolver } from "../discovery/resolver.ts";
import { RpcError } from "../errors.ts";
import type { Endpoint } from "../io/raw.ts";
import type { TimerWheel } from "../io/timer_wheel.ts";
import type { Call } from "./call.ts";
import { InstanceTry } from "./instance_try.ts";
import { LinkedList } from "./linked_list.ts";
import { type Handler, runFollowed } from "./middleware.ts";
import { Waiter } from "./waiter.ts";

/** Instances that one try of a call may be sent to in all, one after the other (Kitex's). */
export const MAX_PICKS = 6;

/** How long a call waits for the first list where its own deadline is later: every wait has an end. */
const FIRST_LIST_MS = 10_000;

/** What a destination is made of. */
export interface DestinationInit {
  /** Finds the instances. */
  readonly resolver: Resolver;
  /** Chooses among them. */
  readonly balancer: Balancer;
  /** What the resolver looks for. */
  readonly name: string;
  /** What instances are chosen by. */
  readonly tags: Readonly<Record<string, string>>;
  /** The client's timers. */
  readonly wheel: TimerWheel;
  /** What the balancer learns of the client. */
  readonly host: BalancerHost;
  /** Sends a call whose peer is chosen. */
  readonly next: Handler;
  /** Told of addresses that left the list. */
  readonly onGone: (endpoint: Endpoint) => void;
  /** What the last connection to an address failed with, where that is known. */
  readonly errorOf: (endpoint: Endpoint) => Error | undefined;
  /** Told that `state` may have changed. Must not throw. */
  readonly onState: () => void;
}

/** One service as one client follows it. */
export class Destination implements ResolutionSink {
  readonly #init: DestinationInit;
  readonly #resolution: Resolution;
  readonly #waiting = new LinkedList<Waiter>();
  #instances: readonly Instance[] = [];
  #picker: Picker | undefined;
  #error: RpcError | undefined;
  #closed = false;

  /** Begins to follow it. Throws an `RpcError` of kind `"invalid"` for a name that the resolver cannot read. */
  constructor(init: DestinationInit) {
    this.#init = init;
    const { resolver, name, tags, wheel } = init;
    this.#resolution = resolver.resolve({ name, tags }, this, wheel);
  }

  /** The instances there are now, as far as they are known. */
  get instances(): readonly Instance[] {
    return this.#instances;
  }

  /** Do calls wait for the list, or for a connection? */
  get waited(): boolean {
    return this.#waiting.size > 0;
  }

  /** How the client stands with all of them together. */
  get state(): Connectivity {
    const picker = this.#picker;
    if (picker === undefined) return this.#error === undefined ? "connecting" : "transient-failure";
    if (picker.state !== undefined) return picker.state;
    const states = new Set(this.#instances.map(({ endpoint }) => this.#init.host.connectivity(endpoint)));
    return (["ready", "connecting", "idle"] as const).find((state) => states.has(state)) ?? "transient-failure";
  }

  /** Sends a call to an instance: what `next` gives for it. */
  send(call: Call): unknown {
    return this.#picker === undefined && this.#error === undefined
      ? this.#later(call, undefined, 1)
      : this.#try(call, undefined, 1);
  }

  /** How things stand with an address has changed. */
  changed(address: string): void {
    const picker = this.#picker;
    if (picker?.changed === undefined) return;
    const before = picker.state;
    picker.changed(address);
    if (picker.state !== before && (picker.state === "idle" || picker.state === "transient-failure")) {
      this.#resolution.refresh();
    }
    this.#wake();
  }

  /** Connects, if it is idle, to what its balancer would choose. */
  connect(): void {
    this.#picker?.connect?.();
    this.#wake();
  }

  update(instances: readonly Instance[]): void {
    if (this.#closed) return;
    const { balancer, host, onGone } = this.#init;
    const before = this.#instances;
    const first = this.#picker === undefined;
    const stays = new Set(instances.map(({ address }) => address));
    this.#instances = instances;
    this.#picker = balancer.picker(instances, host, this.#picker);
    this.#error = undefined;
    if (first) { for (const waiter of this.#waiting.all()) waiter.listed(); }
    for (const { address, endpoint } of before) if (!stays.has(address)) onGone(endpoint);
    this.#wake();
  }

  failed(error: RpcError): void {
    if (this.#closed || this.#picker !== undefined) return;
    this.#error = error;
    for (const waiter of this.#waiting.all()) if (!waiter.patient) waiter.fail(this.#notFound(error));
    this.#init.onState();
  }

  /** Ends it; calls that wait for the list are ended by their client. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resolution.close();
    const error = new RpcError("canceled", "the client was closed");
    for (const waiter of this.#waiting.all()) waiter.fail(error);
  }

  /** Lets calls go on that have something to go on with. */
  #wake(): void {
    const state = this.#picker?.state;
    if (state !== "idle" && state !== "connecting") {
      const all = state !== "transient-failure";
      for (const waiter of this.#waiting.all()) if (all || !waiter.patient) waiter.go();
    }
    this.#init.onState();
  }

  /** Sends when there is a list, or another state. */
  #later(call: Call, last: RpcError | undefined, picks: number, tried?: Set<Instance>): Promise<unknown> {
    return this.#changed(call).then(() => this.#try(call, last, picks, tried));
  }

  /** Waits for a list, or another state. */
  #changed(call: Call): Promise<void> {
    const patienceMs = this.#picker === undefined && call.waitForReady !== true ? FIRST_LIST_MS : Infinity;
    return new Promise<void>((resolve, reject) => {
      new Waiter(call, this.#init.wheel, this.#waiting, patienceMs, resolve, reject).start();
    });
  }

  /** Sends to the instance chosen; `picks` counts those of this call so far. */
  #try(call: Call, last: RpcError | undefined, picks: number, tried?: Set<Instance>): unknown {
    const picker = this.#picker;
    if (picker === undefined) {
      return call.waitForReady ? this.#later(call, last, picks, tried) : Promise.reject(this.#notFound(this.#error));
    }
    const instance = picker.pick(call, tried ?? call.tried);
    const { state } = picker;
    const ready = state !== undefined;
    if (instance === undefined && ready) {
      const fails = state === "transient-failure" && call.waitForReady !== true;
      return fails ? Promise.reject(this.#unreachable()) : this.#later(call, last, picks, tried);
    }
    if (instance === undefined || (!ready && last !== undefined && tried?.has(instance))) {
      return Promise.reject(last ?? this.#noInstance());
    }
    const attempt = new InstanceTry(this, call, instance, this.begun(instance), picks, tried);
    return runFollowed(this.#init.next, call.sentTo(instance, ready, attempt), attempt);
  }

  /** A call is sent to `instance`. Gives when that was, as far as its balancer wants to know. */
  begun(instance: Instance): number {
    const picker = this.#picker;
    picker?.begun?.(instance);
    return picker?.ended === undefined ? 0 : this.#init.wheel.clock.now();
  }

  /** A call was sent to `instance` at `begunMs`, and ended. */
  ended(instance: Instance, begunMs: number, error: unknown): void {
    // The picker there is now: what the one that chose had learned, it took over.
    const picker = this.#picker;
    if (picker?.ended === undefined) return;
    const business = error instanceof RpcError && error.kind === "business";
    const elapsedMs = this.#init.wheel.clock.now() - begunMs;
    try {
      picker.ended(instance, { elapsedMs, error: business ? undefined : error });
    } catch {
      // A balancer of the program's own that fails must not become the call's failure; there is nobody else to tell.
    }
  }

  /** Sends to another instance what the `picks`th one cannot have run; throws the error of one that may have. */
  elsewhere(call: Call, error: unknown, instance: Instance, picks: number, tried: Set<Instance> | undefined): unknown {
    if (!isUnreached(error)) throw error;
    this.#resolution.refresh();
    // What a caller streams may be read by now, and is read once.
    if (sendsMessages(call) && error.kind !== "connect") throw error;
    if (picks >= MAX_PICKS || call.reason !== undefined || call.deadline <= call.clock.now()) throw error;
    return this.#try(call, error, picks + 1, (tried ?? new Set(call.tried)).add(instance));
  }

  /**
   * An instance for a call that failed with `reason` and that its server had not seen, and whether it was chosen for being ready.
   * Rejects with an `RpcError` if there is none.
   */
  async another(call: Call, reason: RpcError): Promise<{ readonly instance: Instance; readonly ready: boolean }> {
    this.#resolution.refresh();
    for (;;) {
      const picker = this.#picker;
      if (picker === undefined) throw this.#notFound(this.#error ?? reason);
      const instance = picker.pick(call, call.tried);
      const { state } = picker;
      if (instance !== undefined) return { instance, ready: state !== undefined };
      if (state === undefined) throw reason;
      if (state === "transient-failure" && call.waitForReady !== true) throw this.#unreachable();
      await this.#changed(call);
    }
  }

  #noInstance(): RpcError {
    const { name, resolver, tags } = this.#init;
    const wanted = Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(", ");
    const which = wanted === "" ? "" : ` with ${wanted}`;
    return new RpcError("unavailable", `${resolver.name} knows no instance of ${name}${which} that takes calls`);
  }

  #unreachable(): RpcError {
    if (this.#instances.length === 0) return this.#noInstance();
    const { name, errorOf } = this.#init;
    const cause = this.#instances.map(({ endpoint }) => errorOf(endpoint)).filter((error) => error !== undefined).at(
      -1,
    );
    const why = cause === undefined ? "" : `: ${cause.message}`;
    return new RpcError("unavailable", `no connection to ${name}${why}`, { cause, code: 14, retryable: true });
  }

  #notFound(cause: RpcError | undefined): RpcError {
    const { name, resolver } = this.#init;
    const why = cause === undefined ? "" : `: ${cause.message}`;
    return new RpcError("unavailable", `${resolver.name} cannot find ${name}${why}`, { cause });
  }
}

/** Did the instance provably not run the call, so that another may? A refusal of its own it speaks for itself. */
function isUnreached(error: unknown): error is RpcError {
  return error instanceof RpcError && error.retryable && (error.kind === "connect" || error.kind === "unavailable");
}

function sendsMessages({ method: { streaming } }: Call): boolean {
  return streaming === "client" || streaming === "bidi";
}
