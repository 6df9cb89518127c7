/**
 * The plainest balancer: one instance after the other.
 *
 * @module
 */
import type { Balancer } from "./balancer.ts";

/** Chooses the instances in turn, whatever their weights; begins anywhere. */
export function inTurn(): Balancer {
  return {
    name: "round_robin",
    picker(instances, { random }) {
      let at = Math.floor(random() * instances.length);
      return {
        pick(_call, tried) {
          for (let n = 0; n < instances.length; n++) {
            const instance = instances[at = (at + 1) % instances.length]!;
            if (!tried.has(instance)) return instance;
          }
          return instances[at];
        },
      };
    },
  };
}
