/**
 * Any balancer over those instances alone whose connection is ready, as gRPC's balancers choose.
 *
 * @module
 */
import type { Balancer, BalancerHost, Connectivity, PickCall, Picker, PickOutcome } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { usable } from "./drawing.ts";

/**
 * Connects to all instances, keeps the connections up, and lets `balancer` choose among those that are ready. Calls wait while
 * none is and one may be soon; when all have failed they fail at once, or wait too if they say so (`waitForReady`).
 *
 * This needs connections that are managed (pool `"channel"`, which `grpc()` has); with others it is `balancer` itself.
 */
export function readyOnly(balancer: Balancer): Balancer {
  return {
    name: balancer.name,
    picker(instances, host, previous) {
      const before = previous instanceof ReadyPicker ? previous : undefined;
      if (host.connect === undefined) return balancer.picker(instances, host, previous);
      return new ReadyPicker(balancer, usable(instances), host, before);
    },
  };
}

class ReadyPicker implements Picker {
  readonly #balancer: Balancer;
  readonly #instances: readonly Instance[];
  readonly #host: BalancerHost;
  /** Addresses that failed and were not ready since: that they are dialled again does not make them better. */
  readonly #failing: Set<string>;
  #inner: Picker | undefined;
  #ready: readonly Instance[] = [];
  #state: Connectivity = "connecting";

  constructor(
    balancer: Balancer,
    instances: readonly Instance[],
    host: BalancerHost,
    before: ReadyPicker | undefined,
  ) {
    this.#balancer = balancer;
    this.#instances = instances;
    this.#host = host;
    this.#failing = new Set(before === undefined ? [] : before.#failing);
    if (before !== undefined) {
      this.#inner = before.#inner;
      this.#ready = before.#ready;
    }
    this.#look();
    for (const { endpoint } of instances) host.connect!(endpoint);
    this.#look();
  }

  get state(): Connectivity {
    return this.#state;
  }

  changed(address: string): void {
    const instance = this.#instances.find((each) => each.address === address);
    if (instance === undefined) return;
    // A connection that went is made anew without being asked for.
    if (this.#host.connectivity(instance.endpoint) === "idle") this.#host.connect!(instance.endpoint);
    this.#look();
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    return this.#ready.length === 0 ? undefined : this.#inner!.pick(call, tried);
  }

  begun(instance: Instance): void {
    this.#inner?.begun?.(instance);
  }

  ended(instance: Instance, outcome: PickOutcome): void {
    this.#inner?.ended?.(instance, outcome);
  }

  /** Looks how things stand with all of them. */
  #look(): void {
    let connecting = false;
    const ready = this.#instances.filter(({ address, endpoint }) => {
      const state = this.#host.connectivity(endpoint);
      if (state === "transient-failure") this.#failing.add(address);
      else if (state === "ready") this.#failing.delete(address);
      else if (!this.#failing.has(address)) connecting = true;
      return state === "ready";
    });
    this.#state = ready.length > 0 ? "ready" : connecting ? "connecting" : "transient-failure";
    if (this.#inner !== undefined && sameList(ready, this.#ready)) return;
    this.#ready = ready;
    this.#inner = this.#balancer.picker(ready, this.#host, this.#inner);
  }
}

function sameList(a: readonly Instance[], b: readonly Instance[]): boolean {
  return a.length === b.length && a.every((instance, i) => instance === b[i]);
}
