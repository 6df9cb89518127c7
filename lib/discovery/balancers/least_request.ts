/**
 * Least request: the instance with the fewest calls under way for its weight.
 *
 * @module
 */
import type { Balancer, PickCall, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { NOTHING, usable } from "./drawing.ts";
import { type LoadKeeper, loadsOf, type LoadTable } from "./load_table.ts";

/**
 * `least_request`: an instance for which `(calls under way + 1) / weight` is least; of several such, the one that was
 * chosen longest ago. O(1) to find and O(log n) to note each begin and end.
 */
export function leastRequest(): Balancer {
  return {
    name: "least_request",
    picker(all, { random }, previous): Picker {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      return new LeastRequestPicker(instances, random, loadsOf(instances, previous));
    },
  };
}

/** A heap of indexes of instances; the one to choose next is on top. */
class LeastRequestPicker implements LoadKeeper {
  readonly loads: LoadTable;
  readonly #instances: readonly Instance[];
  readonly #indexes = new Map<string, number>();
  readonly #heap: Uint32Array;
  readonly #places: Uint32Array;
  readonly #costs: Float64Array;
  readonly #chosen: Float64Array;
  #picks = 0;

  constructor(instances: readonly Instance[], random: () => number, loads: LoadTable) {
    const size = instances.length;
    this.#instances = instances;
    this.loads = loads;
    this.#heap = Uint32Array.from(instances.keys());
    this.#places = this.#heap.slice();
    this.#costs = new Float64Array(size);
    this.#chosen = new Float64Array(size);
    const first = Math.floor(random() * size);
    for (const [i, { address }] of instances.entries()) {
      this.#indexes.set(address, i);
      this.#costs[i] = this.#cost(i);
      this.#chosen[i] = (i - first + size) % size - size; // before all that will be chosen, beginning at a random one
    }
    for (let place = size >>> 1; place-- > 0;) this.#sink(place);
  }

  pick(_call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const index = tried.size === 0 ? this.#heap[0]! : this.#leastUntried(tried);
    this.#chosen[index] = this.#picks++;
    this.#sink(this.#places[index]!);
    return this.#instances[index];
  }

  begun(instance: Instance): void {
    this.loads.begun(instance);
    this.#moved(instance);
  }

  ended(instance: Instance): void {
    this.loads.ended(instance);
    this.#moved(instance);
  }

  #cost(index: number): number {
    const instance = this.#instances[index]!;
    return (this.loads.of(instance).running + 1) / instance.weight;
  }

  /** Only a retry looks for one that is not on top, and looks at all. */
  #leastUntried(tried: ReadonlySet<Instance>): number {
    let least = -1;
    for (let i = 0; i < this.#instances.length; i++) {
      if (!tried.has(this.#instances[i]!) && (least < 0 || this.#before(i, least))) least = i;
    }
    return least < 0 ? this.#heap[0]! : least;
  }

  #moved({ address }: Instance): void {
    const index = this.#indexes.get(address);
    if (index === undefined) return;
    this.#costs[index] = this.#cost(index);
    this.#rise(this.#places[index]!);
    this.#sink(this.#places[index]!);
  }

  #before(a: number, b: number): boolean {
    const difference = this.#costs[a]! - this.#costs[b]!;
    return difference === 0 ? this.#chosen[a]! < this.#chosen[b]! : difference < 0;
  }

  #rise(place: number): void {
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!this.#before(this.#heap[place]!, this.#heap[parent]!)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(place: number): void {
    const heap = this.#heap;
    for (;;) {
      let least = place;
      for (let child = 2 * place + 1; child <= 2 * place + 2 && child < heap.length; child++) {
        if (this.#before(heap[child]!, heap[least]!)) least = child;
      }
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const index = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = index;
    this.#places[heap[a]!] = a;
    this.#places[index] = b;
  }
}
