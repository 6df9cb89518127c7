/**
 * One instance for all calls, as gRPC's clients do it unless told otherwise.
 *
 * @module
 */
import type { Balancer, BalancerHost, Connectivity, PickCall, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { NOTHING, usable } from "./drawing.ts";

/** Options of `pickFirst`. */
export interface PickFirstOptions {
  /** True to go through each new list in a random order (gRFC A62's `shuffleAddressList`). Default `false`. */
  readonly shuffle?: boolean | undefined;
}

/**
 * gRPC's `pick_first`: the first instance of the list that can be reached, and the same for every call until its connection is
 * lost or it leaves the list; then the list is gone through from its beginning.
 *
 * Where connections are managed (pool `"channel"`, which `grpc()` has), instances are connected to one after the other, and calls
 * wait until one is ready. Once all have failed calls fail at once, or wait if they say so (`waitForReady`), while all are tried
 * again as their waits allow. Elsewhere each call tries the next instance itself, and those that could not be reached come last.
 */
export function pickFirst(options: PickFirstOptions = {}): Balancer {
  return {
    name: "pick_first",
    picker(all, host, previous) {
      const list = usable(all);
      const instances = options.shuffle ? shuffled(list, host.random) : list;
      if (host.connect !== undefined) {
        return new ReadyPicker(instances, host, previous instanceof ReadyPicker ? previous : undefined);
      }
      if (instances.length === 0) return NOTHING;
      const before = previous instanceof FirstPicker ? previous.current?.address : undefined;
      return new FirstPicker(instances, host, instances.find(({ address }) => address === before));
    },
  };
}

/** Over managed connections. */
class ReadyPicker implements Picker {
  readonly #instances: readonly Instance[];
  readonly #host: BalancerHost;
  /** The one in use. */
  #current: Instance | undefined;
  /** Which one is being connected to. */
  #at = 0;
  #state: Connectivity = "idle";

  constructor(instances: readonly Instance[], host: BalancerHost, previous: ReadyPicker | undefined) {
    this.#instances = instances;
    this.#host = host;
    const before = previous === undefined ? undefined : previous.#current?.address;
    const kept = instances.find(({ address, endpoint }) => {
      return address === before && host.connectivity(endpoint) === "ready";
    });
    if (kept !== undefined) this.#use(kept);
    else if (previous === undefined || previous.#state !== "idle" || before !== undefined) this.#begin();
    // After failures calls go on failing at once until one can be reached.
    const failing = previous !== undefined && previous.#state === "transient-failure";
    if (failing && this.#state === "connecting") this.#state = "transient-failure";
  }

  get state(): Connectivity {
    return this.#state;
  }

  pick(): Instance | undefined {
    this.connect();
    return this.#current;
  }

  connect(): void {
    if (this.#state === "idle") this.#begin();
  }

  changed(address: string): void {
    const instance = this.#instances.find((each) => each.address === address);
    if (instance === undefined || this.#state === "idle") return;
    const state = this.#host.connectivity(instance.endpoint);
    if (this.#current !== undefined) {
      if (instance !== this.#current || state === "ready") return;
      this.#current = undefined;
      this.#state = "idle"; // until a call asks
      return;
    }
    if (state === "ready") this.#use(instance);
    else if (this.#at < this.#instances.length) {
      if (this.#instances[this.#at] === instance && state !== "connecting") this.#advance();
    } else if (state === "idle") this.#host.connect!(instance.endpoint);
  }

  /** Goes through the list from its beginning. */
  #begin(): void {
    this.#state = "connecting";
    this.#at = -1;
    this.#advance();
  }

  /** Connects to the next one that did not fail just now; when there is none, to all of them as soon as that may be. */
  #advance(): void {
    while (++this.#at < this.#instances.length) {
      const instance = this.#instances[this.#at]!;
      const at = this.#at;
      this.#host.connect!(instance.endpoint);
      // Connecting may have told of changes already.
      if (this.#current !== undefined || this.#at !== at) return;
      const state = this.#host.connectivity(instance.endpoint);
      if (state === "ready") return this.#use(instance);
      if (state === "connecting") return;
    }
    this.#state = "transient-failure";
    for (const { endpoint } of this.#instances) this.#host.connect!(endpoint);
  }

  #use(instance: Instance): void {
    this.#current = instance;
    this.#state = "ready";
  }
}

/** Over connections that are made when calls need them. */
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

function shuffled(list: readonly Instance[], random: () => number): readonly Instance[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
