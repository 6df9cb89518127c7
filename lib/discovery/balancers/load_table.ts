/**
 * What balancers that learn know of each address: the calls under way and how long calls take.
 *
 * Known by address, so that it outlives pickers: a new picker takes over the entries of addresses that stay, and calls that
 * were begun under the old one end in the same entry.
 *
 * @module
 */
import type { Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";

/** What is known of one address. */
export interface Load {
  /** Calls under way. */
  running: number;
  /** Milliseconds that a call takes, as an average that decays; 0 while nothing is known. */
  costMs: number;
  /** When `costMs` was last set. */
  costAt: number;
}

/** A picker that keeps loads. */
export interface LoadKeeper extends Picker {
  /** Its loads. */
  readonly loads: LoadTable;
}

/** The loads of the instances of one list. */
export class LoadTable {
  readonly #byAddress: Map<string, Load>;
  #total = 0;

  /** Takes over what `previous` knows of the same addresses. */
  constructor(instances: readonly Instance[], previous?: LoadTable) {
    this.#byAddress = new Map();
    for (const { address } of instances) {
      const load = (previous === undefined ? undefined : previous.#byAddress.get(address)) ??
        { running: 0, costMs: 0, costAt: 0 };
      this.#byAddress.set(address, load);
      this.#total += load.running;
    }
  }

  /** Calls under way in all. */
  get total(): number {
    return this.#total;
  }

  /** The load of an instance of the list. */
  of({ address }: Instance): Load {
    return this.#byAddress.get(address)!;
  }

  /** A call to the instance began. */
  begun(instance: Instance): void {
    const load = this.#byAddress.get(instance.address);
    if (load === undefined) return;
    load.running++;
    this.#total++;
  }

  /** A call to the instance ended; gives its load, if the instance is still in the list. */
  ended(instance: Instance): Load | undefined {
    const load = this.#byAddress.get(instance.address);
    if (load === undefined || load.running === 0) return load;
    load.running--;
    this.#total--;
    return load;
  }
}

/** The loads for a new picker, with what the one it replaces had learned. */
export function loadsOf(instances: readonly Instance[], previous: Picker | undefined): LoadTable {
  return new LoadTable(instances, keepsLoads(previous) ? previous.loads : undefined);
}

function keepsLoads(picker: Picker | undefined): picker is LoadKeeper {
  return picker !== undefined && "loads" in picker && picker.loads instanceof LoadTable;
}
