/**
 * What balancers are tested with: a client that is not there, with a known random and a clock that stands still.
 *
 * @module
 */
import type { BalancerHost, Connectivity, PickCall, Picker } from "../../../../lib/discovery/balancer.ts";
import type { Endpoint } from "../../../../lib/io/raw.ts";
import { createInstance, type Instance, type InstanceInit } from "../../../../lib/discovery/instance.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { seeded } from "../../io/random.ts";

/** Nothing was tried yet. */
export const FRESH: ReadonlySet<Instance> = new Set();

/** A host whose clock a test moves. */
export interface TestHost extends BalancerHost {
  readonly clock: ManualClock;
}

/** A host with numbers that are known by their seed. */
export function testHost(seed = 7): TestHost {
  return { clock: new ManualClock(), random: randomOf(seed), connectivity: () => "ready" };
}

/** A host whose connections are managed, by the test: what was connected to is connecting until it says otherwise. */
export function managed(): {
  readonly host: BalancerHost;
  /** How things stand with a port from now on; the picker hears of it. */
  set(picker: Picker, port: number, state: Connectivity): void;
  /** The ports connected to, in order. */
  connected(): number[];
} {
  const states = new Map<number, Connectivity>();
  const asked: number[] = [];
  const portAt = (endpoint: Endpoint): number => "port" in endpoint ? endpoint.port : 0;
  const host: BalancerHost = {
    ...testHost(),
    connectivity: (endpoint) => states.get(portAt(endpoint)) ?? "idle",
    connect(endpoint) {
      const port = portAt(endpoint);
      if ((states.get(port) ?? "idle") !== "idle") return;
      asked.push(port);
      states.set(port, "connecting");
    },
  };
  return {
    host,
    set(picker, port, state) {
      states.set(port, state);
      picker.changed?.(instance(port).address);
    },
    connected: () => [...asked],
  };
}

/** Numbers from 0 up to 1 that are known by their seed. */
export function randomOf(seed: number): () => number {
  const next = seeded(seed);
  return () => next(2 ** 32) / 2 ** 32;
}

/** Instances at ports 1, 2, ... with these weights. */
export function weighted(...weights: number[]): Instance[] {
  return weights.map((weight, i) => instance(i + 1, { weight }));
}

/** One at a port. */
export function instance(port: number, init: Omit<InstanceInit, "address"> = {}): Instance {
  return createInstance({ address: `10.0.0.1:${port}`, ...init });
}

/** A call, as far as balancers look at it; `key` is an argument. */
export function callOf(key = ""): PickCall {
  const method = { name: "echo" } as PickCall["method"];
  const service = { name: "Echo" } as PickCall["service"];
  return { service, method, args: { key }, caller: undefined, deadline: Infinity, metaIfAny: undefined };
}

/** How often each instance was picked, by port. */
export function tally(picker: Picker, times: number, tried: ReadonlySet<Instance> = FRESH): Map<number, number> {
  const counts = new Map<number, number>();
  const call = callOf();
  for (let i = 0; i < times; i++) {
    const port = portOf(picker.pick(call, tried));
    counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

/** The port of a picked instance; 0 if there is none. */
export function portOf(instance: Instance | undefined): number {
  return instance !== undefined && "port" in instance.endpoint ? instance.endpoint.port : 0;
}

/** How far counts may be from `times * share` for a binomial one to be suspected no more than once in a million. */
export function within(count: number, times: number, share: number): boolean {
  return Math.abs(count - times * share) <= 5 * Math.sqrt(times * share * (1 - share)) + 1;
}
