/**
 * A list of instances that never changes (Kitex's `WithHostPorts`).
 *
 * @module
 */
import type { Endpoint } from "../io/raw.ts";
import { createInstance, havingTags, type Instance, type InstanceInit } from "./instance.ts";
import type { Resolver } from "./resolver.ts";

/**
 * Gives the same instances whatever is looked for; those without all the tags that are asked for are left out.
 * Throws an `RpcError` of kind `"invalid"` for an address or weight that cannot be used.
 */
export function staticResolver(instances: readonly (string | Endpoint | InstanceInit)[]): Resolver {
  const list = instances.map(toInstance);
  return {
    name: "static",
    resolve({ tags }, sink) {
      let open = true;
      const found = list.filter(havingTags(tags));
      queueMicrotask(() => {
        if (open) sink.update(found);
      });
      return {
        refresh: () => {},
        close: () => {
          open = false;
        },
      };
    },
  };
}

function toInstance(given: string | Endpoint | InstanceInit): Instance {
  return createInstance(typeof given === "object" && "address" in given ? given : { address: given });
}
