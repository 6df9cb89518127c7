/**
 * What the policies around a call cost: processor time of whole calls, client and server in this process, with the default
 * pipeline (a limit of time, retries, breakers at both levels, a list of instances with its balancer) and without any policy.
 *
 * `pipeline.ts [--rounds 15] [--calls 10000] [--at-once 50] [--only TEXT]`, unchanged on Deno, Bun and Node: over memory, and over loopback sockets.
 * Both sides of a pair take turns in every round, and the median of the rounds' ratios is printed, as the machine may be busy.
 * The target is 1.10 over loopback.
 *
 * @module
 */
import process from "node:process";
import { type ClientOptions, createClient, createServer, type PolicyOptions, ttheader } from "../mod.ts";
import { staticResolver } from "../lib/discovery/static.ts";
import { memory } from "../transports/memory.ts";
import { EchoService } from "../tests/interop/gen/echo.ts";
import { echoHandlers } from "../tests/interop/handlers.ts";

type Options = Partial<ClientOptions> & PolicyOptions;

/** Does `calls` calls. */
type Work = (calls: number) => Promise<void>;

const rounds = Number(option("rounds", "15"));
const calls = Number(option("calls", "10000"));
const atOnce = Number(option("at-once", "50"));
const text = "x".repeat(100);
const LIMIT: Options = { timeoutMs: 60_000 };
/** What is held against a client without policies; and whether its instance is looked up and chosen. */
const CASES: readonly (readonly [name: string, policies: Options, looksUp: boolean])[] = [
  ["everything", { ...LIMIT, retry: {}, breaker: true }, true],
  ["timeout", LIMIT, false],
  ["retry", { retry: {} }, false],
  ["backup requests", { retry: { type: "backup", delayMs: 60_000 } }, false],
  ["breakers", { breaker: true }, false],
  ["balancer", {}, true],
];
const only = option("only", "");

for (const where of ["memory", "loopback"] as const) {
  for (const pool of ["mux", "long"] as const) {
    for (const [name, policies, looksUp] of CASES) {
      if (!`${where} ${pool} ${name}`.includes(only)) continue;
      await using bare = await side(where, pool, {}, false);
      await using full = await side(where, pool, policies, looksUp);
      await bare.work(calls); // gets hot
      await full.work(calls);
      const pairs: [number, number][] = [];
      for (let round = 0; round < rounds; round++) {
        // Who goes first takes turns too.
        const first = round % 2 === 0 ? await cost(bare.work) : 0;
        const second = await cost(full.work);
        pairs.push([first === 0 ? await cost(bare.work) : first, second]);
      }
      const ratio = median(pairs.map(([a, b]) => b / a));
      const [a, b] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
      console.log(
        `${where.padEnd(9)} ${pool.padEnd(5)} ${name.padEnd(16)} x ${ratio.toFixed(3)}   ${a.toFixed(0)} -> ${
          b.toFixed(0)
        } ns a call`,
      );
    }
  }
}

/** A server, and a client of it. One instance is in the list: with more, fewer calls would share a write, which is another matter. */
async function side(
  where: "memory" | "loopback",
  pool: "mux" | "long",
  policies: Options,
  looksUp: boolean,
): Promise<AsyncDisposable & { work: Work }> {
  const transport = where === "memory" ? { transport: memory() } : {};
  const server = await createServer(transport)
    .add(EchoService, { ...echoHandlers(), echo: ({ msg }) => ({ msg }) })
    .listen(where === "memory" ? { path: "bench" } : { hostname: "127.0.0.1", port: 0 });
  const client = createClient(EchoService, {
    ...transport,
    ...policies,
    ...(looksUp ? { to: "bench", resolver: staticResolver([server.address]) } : { to: server.address }),
    protocol: ttheader(),
    pool: pool === "mux" ? { type: "mux" } : { type: "long", maxIdlePerAddress: atOnce },
  });
  return {
    async work(calls) {
      const one = async (): Promise<void> => {
        for (let i = 0; i < calls / atOnce; i++) await client.echo({ msg: text });
      };
      await Promise.all(Array.from({ length: atOnce }, one));
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

/** Nanoseconds of processor time that a call takes. */
async function cost(work: Work): Promise<number> {
  const before = process.cpuUsage();
  await work(calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1e3 / calls;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1] ?? fallback;
}
