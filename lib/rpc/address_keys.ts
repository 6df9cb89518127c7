/**
 * Keys of addresses in maps.
 *
 * @module
 */
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";

/** Gives an address's key, made once for each object: a text put together anew would have to be hashed anew. */
export function addressKeys(): (endpoint: Endpoint) => string {
  const known = new WeakMap<Endpoint, string>();
  let last: Endpoint | undefined;
  let key = "";
  return (endpoint) => {
    if (endpoint === last) return key; // most clients have one target
    const found = known.get(endpoint);
    last = endpoint;
    if (found !== undefined) return key = found;
    known.set(endpoint, key = describeEndpoint(endpoint));
    return key;
  };
}
