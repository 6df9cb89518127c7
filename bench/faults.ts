/**
 * What callers get from three servers of which one is behind a bad network: the share of calls that fail and the 99th percentile of the
 * time a call takes, without governance and with it.
 *
 * Run: `npm run bench:faults`, or `bun bench/faults.ts`, `deno run -A bench/faults.ts`, `node bench/faults.ts`. 20 callers each make one
 * call after the other over loopback for 2 s; calls are given up after 500 ms. The network is `faultProxy` of `@updraft/rpc/testing`.
 *
 * @module
 */
import { outlierEjection } from "../lib/discovery/balancers/outlier_ejection.ts";
import { weightedRoundRobin } from "../lib/discovery/balancers/round_robin.ts";
import { faultProxy, type Faults } from "../lib/testing/fault_proxy.ts";
import { createClient, createServer, type FrontClientOptions, RpcError, ttheader } from "../mod.ts";
import { auto } from "../transports/auto.ts";
import { Greeter } from "../examples/gen/greeter.ts";
import { greeter } from "../examples/handlers.ts";

const SERVERS = 3;
const CALLERS = 20;
const FOR_MS = 2_000;
const PATIENCE_MS = 500;
/** Long enough for a narrow network to be felt. */
const NAME = "Ada".padEnd(1_000, " Lovelace");

const FAULTS: Readonly<Record<string, Faults>> = {
  "none": {},
  "delay, 300 ms": { delayMs: 300 },
  "drop, 5 % of chunks": { drop: 0.05 },
  "reset, 5 % of chunks": { reset: 0.05 },
  "half open": { halfOpen: true },
  "throttle, 20 kB/s": { bytesPerSecond: 20_000 },
  "corrupt, 5 % of chunks": { corrupt: 0.05 },
  "refused connections": { refuse: true },
};

const WITHOUT: Partial<FrontClientOptions> = { timeoutMs: PATIENCE_MS };
const WITH: Partial<FrontClientOptions> = {
  protocol: ttheader({ checksum: "crc32c" }),
  timeoutMs: 150,
  retry: { type: "mixed", delayMs: 40, times: 3, breakerErrorRate: 0.3, onError: () => true },
  breaker: { service: false, instance: {} },
  balancer: outlierEjection({ next: weightedRoundRobin(), consecutiveFailures: 3, maxEjectedPercent: 40 }),
};

console.log(`${"one of three servers".padEnd(24)}${"without governance".padStart(24)}${"with it".padStart(24)}`);
for (const [name, faults] of Object.entries(FAULTS)) {
  const [without, governed] = [await measure(faults, WITHOUT), await measure(faults, WITH)];
  console.log(`${name.padEnd(24)}${without.padStart(24)}${governed.padStart(24)}`);
}

async function measure(faults: Faults, options: Partial<FrontClientOptions>): Promise<string> {
  const transport = auto();
  const servers = [];
  const to: string[] = [];
  for (let i = 0; i < SERVERS; i++) {
    const server = await createServer({ transport, exitWaitMs: 0 }).add(Greeter, greeter())
      .listen({ hostname: "127.0.0.1", port: 0 });
    servers.push(await faultProxy({ to: server.address, transport, faults: i === 0 ? faults : {} }), server);
    to.push((servers.at(-2) as { address: string }).address);
  }
  const client = createClient(Greeter, { to, transport, ...options });
  const tookMs: number[] = [];
  let failed = 0;
  const until = performance.now() + FOR_MS;
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    while (performance.now() < until) {
      const began = performance.now();
      try {
        const { text } = await client.hello({ name: NAME }, { timeoutMs: PATIENCE_MS });
        if (text !== `hello ${NAME}`) throw new RpcError("protocol", "another answer");
      } catch {
        failed++;
      }
      tookMs.push(performance.now() - began);
      await new Promise<void>((resolve) => setTimeout(resolve, 2));
    }
  }));
  await client.close();
  for (const each of servers) await each.close();
  tookMs.sort((a, b) => a - b);
  const p99 = tookMs[Math.ceil(tookMs.length * 0.99) - 1]!;
  return `${(failed / tookMs.length * 100).toFixed(1)} % failed, ${p99.toFixed(0)} ms`;
}
