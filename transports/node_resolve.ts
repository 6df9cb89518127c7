/**
 * Addresses of host names by Node's way to the system's resolver; Bun and Deno have it too.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { RpcError } from "../lib/errors.ts";

/** Addresses of a host name, as the system's resolver (hosts file included) gives them. Rejects with kind `"connect"`. */
export async function resolveHost(hostname: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true });
    return [...new Set(found.map((entry) => entry.address))];
  } catch (cause) {
    throw new RpcError("connect", `cannot resolve ${hostname}: ${(cause as Error).message}`, { cause });
  }
}
