/**
 * Takes a connection that can be used now.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { Call } from "./call.ts";
import type { Pool } from "./pool.ts";
import type { ClientSession } from "./protocol.ts";

/** How often a connection that broke between its dial and its first use is replaced. */
const MAX_LOST = 2;

/**
 * A usable session for `call`; a promise where it must be dialled, within the call's `connectTimeoutMs`. Throws or rejects with an `RpcError` of kind `"invalid"` if
 * there is no address, `"unavailable"` if the one chosen for being ready is so no more, else `"connect"`, or with whatever the pool
 * threw.
 */
export function acquire(pool: Pool, call: Call): ClientSession | Promise<ClientSession> {
  const { peer, ready } = call;
  if (peer === undefined) throw new RpcError("invalid", "the call has no address to go to");
  if (!ready || pool.ready === undefined) return usable(pool, peer, call.connectTimeoutMs, 0);
  const session = pool.ready(peer);
  if (session !== undefined) return session;
  throw new RpcError("unavailable", `${describeEndpoint(peer)} is not ready any more`, { code: 14, retryable: true });
}

function usable(
  pool: Pool,
  peer: Endpoint,
  connectTimeoutMs: number | undefined,
  lost: number,
): ClientSession | Promise<ClientSession> {
  const found = pool.acquire(peer, connectTimeoutMs);
  if (!(found instanceof Promise)) return found;
  return found.then((session) => {
    if (session.usable) return session;
    if (lost < MAX_LOST) return usable(pool, peer, connectTimeoutMs, lost + 1);
    throw new RpcError("connect", `${describeEndpoint(peer)} closes every connection at once`);
  });
}
