/**
 * Balancers around balancers: what passes through them.
 *
 * @module
 */
import type { PickCall, Picker, PickOutcome } from "../balancer.ts";
import type { Instance } from "../instance.ts";

/** A picker around another; what it does not change passes through. */
export abstract class NestedPicker implements Picker {
  /** The picker inside. */
  abstract readonly inner: Picker;

  /** Chooses. */
  abstract pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined;

  /** A call began: tells the picker inside. */
  begun(instance: Instance): void {
    this.inner.begun?.(instance);
  }

  /** A call ended: tells the picker inside. */
  ended(instance: Instance, outcome: PickOutcome): void {
    this.inner.ended?.(instance, outcome);
  }
}
