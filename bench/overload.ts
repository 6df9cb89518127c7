/**
 * What a server answers in time when more comes than it can do, with the adaptive limit and without.
 *
 * Run: `bun bench/overload.ts`, `deno run -A bench/overload.ts`, `node bench/overload.ts`. The handler waits for one of 8 workers, and
 * then 20 ms: 400 calls a second is all it can do. Calls come evenly over loopback, whatever became of those before, and are given up
 * after 250 ms.
 *
 * @module
 */
import { createLimiter } from "../lib/limits/limiter.ts";
import { createClient, createServer } from "../mod.ts";
import { Greeter } from "../examples/gen/greeter.ts";
import { greeter } from "../examples/handlers.ts";

const WORKERS = 8;
const WORK_MS = 20;
const CAPACITY = WORKERS * 1_000 / WORK_MS;
const WARM_MS = 2_000;
const FOR_MS = 5_000;
const PATIENCE_MS = 250;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

console.log(
  `${"load".padEnd(10)}${"without a limit".padStart(20)}${"adaptive".padStart(20)}   (calls a second in time)`,
);
for (const times of [0.8, 1, 2, 5]) {
  const [without, adaptive] = [await goodput(times, false), await goodput(times, true)];
  console.log(`${`${times} x`.padEnd(10)}${without.toFixed(0).padStart(20)}${adaptive.toFixed(0).padStart(20)}`);
}

async function goodput(times: number, adaptive: boolean): Promise<number> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  const work = async (): Promise<void> => {
    if (busy === WORKERS) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy++;
    await sleep(WORK_MS);
    const next = waiting.shift();
    if (next === undefined) busy--;
    else next();
  };
  const server = await createServer({ limit: createLimiter({ adaptive }), exitWaitMs: 0 }).add(Greeter, {
    ...greeter(),
    hello: async ({ name }) => {
      await work();
      return { text: name };
    },
  }).listen({ hostname: "127.0.0.1", port: 0 });
  const client = createClient(Greeter, { to: server.address, pool: { type: "mux" }, timeoutMs: PATIENCE_MS });
  const began = performance.now();
  let sent = 0;
  let good = 0;
  for (let now = 0; now < WARM_MS + FOR_MS; now = performance.now() - began) {
    for (; sent < now / 1_000 * CAPACITY * times; sent++) {
      client.hello({ name: "Ada" }).then(() => {
        if (performance.now() - began > WARM_MS) good++;
      }, () => {});
    }
    await sleep(1);
  }
  await client.close();
  await server.close();
  return good * 1_000 / FOR_MS;
}
