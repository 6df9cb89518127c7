/**
 * Slow start: an instance that has just begun to serve gets fewer calls, until it is warm.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Balancer, PickCall, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { NestedPicker } from "./nested.ts";

/** Options of `slowStart`. */
export interface SlowStartOptions {
  /** Milliseconds from an instance's `startedAtMs` to its full share. */
  readonly windowMs: number;
  /** The part of its share that it begins with. Default 0.1. */
  readonly leastShare?: number | undefined;
  /** Chooses. */
  readonly next: Balancer;
  /** Milliseconds since 1970, as `startedAtMs` counts; for tests. Default `Date.now`. */
  readonly epochMs?: (() => number) | undefined;
}

/**
 * `slow_start_<next>`: of the calls that `next` would give it, a new instance takes the part `age / windowMs`, at least
 * `leastShare`; the others go where `next` sends calls that have tried it. Instances whose start is not known are warm.
 *
 * Throws an `RpcError` of kind `"invalid"` for options out of range.
 */
export function slowStart(options: SlowStartOptions): Balancer {
  const { windowMs, leastShare = 0.1, next, epochMs = Date.now } = options;
  if (!(windowMs > 0)) throw new RpcError("invalid", `windowMs ${windowMs} is not above 0`);
  if (!(leastShare > 0 && leastShare <= 1)) {
    throw new RpcError("invalid", `leastShare ${leastShare} is not above 0 and up to 1`);
  }
  return {
    name: `slow_start_${next.name}`,
    picker(instances, host, previous): Picker {
      const inner = next.picker(instances, host, previous instanceof SlowStartPicker ? previous.inner : previous);
      const madeAt = epochMs();
      // A start that lies ahead is another machine's clock that is wrong.
      const startOf = ({ startedAtMs = -Infinity }: Instance): number => Math.min(startedAtMs, madeAt);
      const warmAtMs = instances.reduce((last, instance) => Math.max(last, startOf(instance)), -Infinity) + windowMs;
      if (warmAtMs <= madeAt) return inner;
      return new SlowStartPicker(inner, instances.length, warmAtMs, {
        random: host.random,
        epochMs,
        share: (instance, now) => Math.min(1, Math.max(leastShare, (now - startOf(instance)) / windowMs)),
      });
    },
  };
}

interface Warming {
  readonly random: () => number;
  readonly epochMs: () => number;
  share(instance: Instance, now: number): number;
}

class SlowStartPicker extends NestedPicker {
  readonly inner: Picker;
  readonly #size: number;
  readonly #warmAtMs: number;
  readonly #warming: Warming;
  /** Kept between picks, so that a pick makes none. */
  readonly #passed = new Set<Instance>();

  constructor(inner: Picker, size: number, warmAtMs: number, warming: Warming) {
    super();
    this.inner = inner;
    this.#size = size;
    this.#warmAtMs = warmAtMs;
    this.#warming = warming;
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const { random, epochMs, share } = this.#warming;
    const now = epochMs();
    const first = this.inner.pick(call, tried);
    if (first === undefined || now >= this.#warmAtMs) return first;
    const passed = this.#passed;
    let chosen = first;
    // One that was passed over or tried comes again only when nothing else is left.
    while (passed.size < this.#size && !passed.has(chosen) && !tried.has(chosen) && random() >= share(chosen, now)) {
      if (passed.size === 0) { for (const instance of tried) passed.add(instance); }
      passed.add(chosen);
      chosen = this.inner.pick(call, passed) ?? first;
    }
    const allPassed = passed.has(chosen);
    passed.clear();
    return allPassed ? first : chosen;
  }
}
