/**
 * Keys of addresses in a pool's maps.
 *
 * @module
 */
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";

/** Gives an address's key; the last one is remembered, because most clients have one target. */
export function addressKeys(): (endpoint: Endpoint) => string {
  let last: Endpoint | undefined;
  let key = "";
  return (endpoint) => {
    if (endpoint !== last) {
      last = endpoint;
      key = describeEndpoint(endpoint);
    }
    return key;
  };
}
