/**
 * What SRV records (RFC 2782) say of the servers of a service.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { DnsAddress, DnsService } from "../platform.ts";
import { DEFAULT_WEIGHT } from "./instance.ts";

/** Most records of a service that are used. */
const MAX_RECORDS = 1_000;
/** Hosts that are looked up at once. */
const AT_ONCE = 16;

/** A server, before it is an instance. */
export interface SrvServer extends DnsAddress {
  /** Its port. */
  readonly port: number;
  /** Its share of the calls; `undefined` if nobody said so. */
  readonly weight: number | undefined;
}

/**
 * The servers of the lowest priority that has any. The share of a host is divided among its addresses; where none of the hosts has
 * a weight, all have the same, and one without beside others with it has the least.
 * Rejects with an `RpcError` of kind `"unavailable"` where there is no server, else with what `addresses` rejects with.
 */
export async function srvServers(
  name: string,
  records: readonly DnsService[],
  addresses: (hostname: string) => Promise<readonly DnsAddress[]>,
): Promise<SrvServer[]> {
  if (records.length > MAX_RECORDS) {
    throw new RpcError("protocol", `${name} has ${records.length} records, more than ${MAX_RECORDS}`);
  }
  // The root as a target says that there is decidedly no such service.
  const real = records.filter(({ target, port }) => target !== "" && target !== "." && port > 0);
  let failure: unknown;
  for (const priority of [...new Set(real.map((record) => record.priority))].sort((a, b) => a - b)) {
    const same = real.filter((record) => record.priority === priority);
    const weighted = same.some(({ weight }) => weight > 0);
    const servers: SrvServer[] = [];
    for (let at = 0; at < same.length; at += AT_ONCE) {
      const some = same.slice(at, at + AT_ONCE);
      const answers = await Promise.allSettled(some.map(({ target }) => addresses(target.replace(/\.$/, ""))));
      for (const [i, answer] of answers.entries()) {
        if (answer.status === "rejected") {
          failure ??= answer.reason;
          continue;
        }
        const { port, weight } = some[i]!;
        const share = weighted ? Math.max(weight, 1) : DEFAULT_WEIGHT;
        for (const each of answer.value) servers.push({ ...each, port, weight: share / answer.value.length });
      }
    }
    if (servers.length > 0) return servers;
  }
  throw failure ?? new RpcError("unavailable", `${name} has no server`);
}
