import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { srvServers } from "../../../lib/discovery/srv.ts";
import { RpcError } from "../../../lib/errors.ts";
import type { DnsAddress, DnsService } from "../../../lib/platform.ts";

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  "one.test": ["10.0.0.1"],
  "two.test": ["10.0.0.2", "10.0.0.3"],
  "none.test": [],
};

async function addresses(hostname: string): Promise<DnsAddress[]> {
  await Promise.resolve();
  const found = HOSTS[hostname];
  if (found === undefined) throw new RpcError("connect", `cannot resolve ${hostname}`);
  return found.map((address) => ({ address, ttlSeconds: 60 }));
}

/** Records as `priority weight port target`; servers as `address:port weight`. */
async function servers(...records: string[]): Promise<string[]> {
  const list = records.map((record): DnsService => {
    const [priority, weight, port, target] = record.split(" ");
    return { priority: Number(priority), weight: Number(weight), port: Number(port), target: target! };
  });
  const found = await srvServers("_rpc._tcp.test", list, addresses);
  return found.map(({ address, port, weight }) => `${address}:${port} ${weight}`);
}

describe("srvServers", () => {
  it("takes the lowest priority alone, and divides a host's share among its addresses", async () => {
    assertEquals(await servers("20 5 80 one.test", "10 30 81 one.test", "10 60 82 two.test"), [
      "10.0.0.1:81 30",
      "10.0.0.2:82 30",
      "10.0.0.3:82 30",
    ]);
  });

  it("takes the next priority where no host of the lowest has an address or can be resolved", async () => {
    assertEquals(await servers("1 1 80 none.test", "1 1 80 lost.test", "2 7 80 one.test"), ["10.0.0.1:80 7"]);
  });

  it("gives all the same where nobody has a weight, and the least to one without beside others", async () => {
    assertEquals(await servers("1 0 80 one.test", "1 0 81 one.test"), ["10.0.0.1:80 10", "10.0.0.1:81 10"]);
    assertEquals(await servers("1 0 80 one.test", "1 9 81 one.test"), ["10.0.0.1:80 1", "10.0.0.1:81 9"]);
  });

  it("says why there is none: no record, none decidedly, hosts that cannot be resolved", async () => {
    await assertRejects(() => servers(), RpcError, "_rpc._tcp.test has no server");
    await assertRejects(() => servers("0 0 0 ."), RpcError, "has no server");
    await assertRejects(() => servers("1 1 80 lost.test"), RpcError, "cannot resolve lost.test");
  });

  it("takes no more records than its limit", async () => {
    const many = Array.from({ length: 1_001 }, (_, i) => `1 1 ${i + 1} one.test`);
    await assertRejects(() => servers(...many), RpcError, "1001 records, more than 1000");
    assertEquals((await servers(...many.slice(1))).length, 1_000);
  });
});
