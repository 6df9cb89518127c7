/**
 * Takes a connection that can be used now.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { Pool } from "./pool.ts";
import type { ClientSession } from "./protocol.ts";

/** How often a connection that broke between its dial and its first use is replaced. */
const MAX_LOST = 2;

/**
 * A usable session to `peer`; a promise where it must be dialled. Throws or rejects with an `RpcError` of kind `"invalid"`
 * if there is no address, else of kind `"connect"`, or with whatever the pool threw.
 */
export function acquire(pool: Pool, peer: Endpoint | undefined, lost = 0): ClientSession | Promise<ClientSession> {
  if (peer === undefined) throw new RpcError("invalid", "the call has no address to go to");
  const found = pool.acquire(peer);
  if (!(found instanceof Promise)) return found;
  return found.then((session) => {
    if (session.usable) return session;
    if (lost < MAX_LOST) return acquire(pool, peer, lost + 1);
    throw new RpcError("connect", `${describeEndpoint(peer)} closes every connection at once`);
  });
}
