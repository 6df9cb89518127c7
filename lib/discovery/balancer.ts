/**
 * What a balancer implements: it chooses one instance of many for each call.
 *
 * @module
 */
import type { Clock } from "../io/clock.ts";
import type { Endpoint } from "../io/raw.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import type { Instance } from "./instance.ts";

/** What a balancer may know of the call it chooses for. A client's `Call` is one. */
export interface PickCall {
  /** The service called. */
  readonly service: ServiceSchema;
  /** The method called. */
  readonly method: MethodSchema;
  /** The arguments by parameter. */
  readonly args: Record<string, unknown>;
  /** Name of the calling service, if it has one. */
  readonly caller: string | undefined;
  /** When the call must be over, in the clock's milliseconds; `Infinity` if never. */
  readonly deadline: number;
  /** The metadata if there is any, as maps by key. */
  readonly metaIfAny:
    | { readonly transient: ReadonlyMap<string, string>; readonly persistent: ReadonlyMap<string, string> }
    | undefined;
}

/** How a call to an instance ended, for balancers that learn from it. */
export interface PickOutcome {
  /** Milliseconds from the pick to the end. */
  readonly elapsedMs: number;
  /** The error, or `undefined` if it ended well. A business status is an ordinary answer and not told as an error. */
  readonly error: unknown;
}

/**
 * Chooses from one list of instances. It is made anew when the list changes; `begun` and `ended` go to the newest, which so may
 * hear of calls that its predecessor chose for, and of instances that it does not have.
 */
export interface Picker {
  /**
   * An instance for this call, or `undefined` if none can take it. `tried` has those that this call was sent to already: they
   * are chosen only if nothing else is left to choose. Must not throw.
   */
  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined;
  /**
   * Where it stands, of a picker that chooses among connections that are ready and asks the host to make them. While that is
   * `"idle"` or `"connecting"`, a call for which it has none waits for the next change; while it is `"transient-failure"`, the call
   * fails, or waits too if its caller said so. Left out by pickers that leave connections to the pool.
   */
  readonly state?: Connectivity;
  /** Begins to connect, if it is idle: what a call would make it do. */
  connect?(): void;
  /** How things stand with an address, as instances have it, has changed. Must not throw. */
  changed?(address: string): void;
  /** A call that was sent to `instance` began; left out by balancers that do not count. */
  begun?(instance: Instance): void;
  /** It ended; comes once for each `begun`. */
  ended?(instance: Instance, outcome: PickOutcome): void;
}

/** What a client gives its balancer. */
export interface BalancerHost {
  /** Tells the time. */
  readonly clock: Clock;
  /** A number from 0 up to but not including 1. Tests give one that is known. */
  readonly random: () => number;
  /** The connection to an address as it stands: open, being opened, not tried, or failed and waiting to be tried again. */
  connectivity(endpoint: Endpoint): Connectivity;
  /**
   * Begins to connect to an address that is idle. Left out where connections are made when calls need them, so that they have no
   * state to choose by.
   */
  connect?(endpoint: Endpoint): void;
}

/** How a client stands with an address. The words are gRPC's connectivity states, for what they mean there. */
export type Connectivity = "idle" | "connecting" | "ready" | "transient-failure";

/** How a client as a whole stands, or one of its addresses: `"shutdown"` once it was closed. */
export type ChannelState = Connectivity | "shutdown";

/** A way to choose. */
export interface Balancer {
  /** Its name; Kitex's where Kitex has it: `"weight_round_robin"`, `"consist"` ... */
  readonly name: string;
  /** A picker for a list. `previous` is the one it replaces, for what it has learned of instances that stay. */
  picker(instances: readonly Instance[], host: BalancerHost, previous?: Picker): Picker;
}
