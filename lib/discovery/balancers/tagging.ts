/**
 * Balancing among the instances that a call asks for by tag.
 *
 * @module
 */
import type { Balancer, BalancerHost, PickCall, Picker, PickOutcome } from "../balancer.ts";
import type { Instance } from "../instance.ts";

/** Options of `tagging`. */
export interface TaggingOptions {
  /** The tag that instances are told apart by: `cluster`, `version` ... Those without it have the value `""`. */
  readonly tag: string;
  /** The value that a call asks for. */
  readonly value: (call: PickCall) => string;
  /** Chooses among the instances with that value. */
  readonly next: Balancer;
}

/**
 * Kitex's `tagging_<next>`: a picker of `next` for each value of a tag; the call says which. A value that no instance
 * has finds none.
 */
export function tagging({ tag, value, next }: TaggingOptions): Balancer {
  return {
    name: `tagging_${next.name}`,
    picker: (instances, host, previous) => new TaggingPicker(instances, host, previous, tag, value, next),
  };
}

class TaggingPicker implements Picker {
  readonly #tag: string;
  readonly #value: (call: PickCall) => string;
  readonly #groups = new Map<string, Picker>();

  constructor(
    instances: readonly Instance[],
    host: BalancerHost,
    previous: Picker | undefined,
    tag: string,
    value: (call: PickCall) => string,
    next: Balancer,
  ) {
    this.#tag = tag;
    this.#value = value;
    const before = previous instanceof TaggingPicker ? previous.#groups : undefined;
    const groups = new Map<string, Instance[]>();
    for (const instance of instances) {
      const key = this.#groupOf(instance);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [instance]);
      else group.push(instance);
    }
    for (const [key, group] of groups) this.#groups.set(key, next.picker(group, host, before?.get(key)));
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    return this.#groups.get(this.#value(call))?.pick(call, tried);
  }

  begun(instance: Instance): void {
    this.#groups.get(this.#groupOf(instance))?.begun?.(instance);
  }

  ended(instance: Instance, outcome: PickOutcome): void {
    this.#groups.get(this.#groupOf(instance))?.ended?.(instance, outcome);
  }

  #groupOf({ tags }: Instance): string {
    return Object.hasOwn(tags, this.#tag) ? tags[this.#tag]! : "";
  }
}
