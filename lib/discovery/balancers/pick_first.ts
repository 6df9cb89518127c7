/**
 * One instance for all calls, as gRPC's clients do it unless told otherwise.
 *
 * @module
 */
import type { Balancer, BalancerHost, PickCall, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { NOTHING, usable } from "./drawing.ts";

/**
 * gRPC's `pick_first`: the first instance of the list that can be reached, and the same for every call until its connection is
 * lost or it leaves the list; then the list is gone through from its beginning. Instances that could not be reached come last.
 */
export function pickFirst(): Balancer {
  return {
    name: "pick_first",
    picker(all, host, previous) {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      const before = previous instanceof FirstPicker ? previous.current?.address : undefined;
      return new FirstPicker(instances, host, instances.find(({ address }) => address === before));
    },
  };
}

class FirstPicker implements Picker {
  current: Instance | undefined;
  readonly #instances: readonly Instance[];
  readonly #host: BalancerHost;

  constructor(instances: readonly Instance[], host: BalancerHost, current: Instance | undefined) {
    this.#instances = instances;
    this.#host = host;
    this.current = current;
  }

  pick(_call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const { current } = this;
    if (current !== undefined && !tried.has(current) && this.#isUp(current)) return current;
    return this.current = this.#first(tried);
  }

  #first(tried: ReadonlySet<Instance>): Instance | undefined {
    let failed: Instance | undefined;
    for (const instance of this.#instances) {
      if (tried.has(instance)) continue;
      if (this.#host.connectivity(instance.endpoint) !== "transient-failure") return instance;
      failed ??= instance;
    }
    return failed ?? this.#instances[0];
  }

  #isUp({ endpoint }: Instance): boolean {
    const standing = this.#host.connectivity(endpoint);
    return standing === "ready" || standing === "connecting";
  }
}
