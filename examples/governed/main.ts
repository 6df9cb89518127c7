/**
 * Governance: of three servers one is slow, one fails and one is fine. The same calls, with one policy more each time.
 *
 * @module
 */
import { createClient, createServer, type FrontClientOptions, RpcError, type RunningServer } from "@updraft/rpc";
import { outlierEjection, peakEwma, weightedRoundRobin } from "@updraft/rpc/discovery";
import { createLimiter, limit } from "@updraft/rpc/middleware";
import { Greeter } from "../gen/greeter.ts";
import { greeter } from "../handlers.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const hello = {
  slow: async () => (await sleep(60), { text: "slow" }),
  failing: () => Promise.reject(new Error("out of order")),
  fine: () => Promise.resolve({ text: "fine" }),
};

const servers: RunningServer[] = [];
for (const handle of Object.values(hello)) {
  const server = createServer().add(Greeter, { ...greeter(), hello: handle });
  servers.push(await server.listen({ hostname: "127.0.0.1", port: 0 }));
}
const to = servers.map(({ address }) => address);

/** Makes 30 calls, one after the other, and tells what became of them. */
async function run(title: string, policies: Partial<FrontClientOptions>): Promise<void> {
  await using client = createClient(Greeter, { to, timeoutMs: 1_000, ...policies });
  const count: Record<string, number> = {};
  for (let i = 0; i < 30; i++) {
    const outcome = await client.hello({ name: "Ada" }).then(({ text }) => text, (error) => RpcError.from(error).kind);
    count[outcome] = (count[outcome] ?? 0) + 1;
  }
  const told = Object.entries(count).sort().map(([outcome, times]) => `${times} ${outcome}`).join(", ");
  console.log(`${title.padEnd(18)} ${told}`);
}

const retry = { times: 2, onError: () => true, breakerErrorRate: 0.3 } as const;
const next = weightedRoundRobin();
await run("round robin:", {});
await run("timeout:", { timeouts: { "*": 25 } });
await run("breaker:", { breaker: { service: { minSamples: 5, errorRate: 0.2 } } });
await run("peak EWMA:", { balancer: peakEwma() });
await run("ejection:", { balancer: outlierEjection({ next, consecutiveFailures: 2 }) });
await run("retry, ejection:", { retry, balancer: outlierEjection({ next, consecutiveFailures: 2 }) });
await run("limit:", { use: [limit(createLimiter({ qps: 10, concurrency: 1 }))] });
await run("fallback:", { fallback: { run: () => ({ text: "stand-in" }) } });

for (const server of servers) await server.close();
