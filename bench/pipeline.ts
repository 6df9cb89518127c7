/**
 * What the policies around a call cost: processor time of whole calls, of the client in this process and the server in another,
 * with the default pipeline (a limit of time, retries, breakers at both levels, a list of instances with its balancer) and without
 * any policy.
 *
 * `pipeline.ts [--rounds 31] [--calls 2000] [--at-once 50] [--only TEXT]`, unchanged on Deno, Bun and Node, over loopback sockets.
 * Both clients of a pair take turns in every round, and the median of the rounds' ratios is printed, as the machine may be busy.
 * The target is 1.10 with the default pool, `long`.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { type ClientOptions, createClient, createServer, type PolicyOptions, ttheader } from "../mod.ts";
import { staticResolver } from "../lib/discovery/static.ts";
import { EchoService } from "../tests/interop/gen/echo.ts";
import { echoHandlers } from "../tests/interop/handlers.ts";

type Options = Partial<ClientOptions> & PolicyOptions;

/** Does `calls` calls. */
type Work = (calls: number) => Promise<void>;

const rounds = Number(option("rounds", "31"));
const calls = Number(option("calls", "2000"));
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

if (option("serve", "") === "") await compare();
else await serve();

async function compare(): Promise<void> {
  await using server = await startServer();
  for (const pool of ["long", "mux"] as const) {
    for (const [name, policies, looksUp] of CASES) {
      if (!`${pool} ${name}`.includes(only)) continue;
      await using bare = clientOf(server, pool, {}, false);
      await using full = clientOf(server, pool, policies, looksUp);
      for (let i = 0; i < 10; i++) for (const { work } of [bare, full]) await work(calls); // gets hot
      const pairs: [number, number][] = [];
      for (let round = 0; round < rounds; round++) {
        // Who goes first takes turns too.
        const first = round % 2 === 0 ? await cost(server, bare.work) : 0;
        const second = await cost(server, full.work);
        pairs.push([first === 0 ? await cost(server, bare.work) : first, second]);
      }
      const ratios = pairs.map(([a, b]) => b / a).sort((a, b) => a - b);
      const [low, ratio, high] = [0.25, 0.5, 0.75].map((q) => ratios[Math.floor(ratios.length * q)]!.toFixed(3));
      const [a, b] = [0, 1].map((side) => Math.min(...pairs.map((pair) => pair[side]!)).toFixed(0));
      console.log(
        `${pool.padEnd(5)} ${name.padEnd(16)} x ${ratio} (${low} to ${high})   at best ${a} -> ${b} ns a call`,
      );
    }
  }
}

/** Serves until its input ends; answers each line with the nanoseconds of processor time this process has used. */
async function serve(): Promise<void> {
  const handlers = { ...echoHandlers(), echo: ({ msg }: { msg: string }) => ({ msg }) };
  const server = await createServer().add(EchoService, handlers).listen({ hostname: "127.0.0.1", port: 0 });
  console.log(server.address);
  for await (const _ of createInterface({ input: process.stdin })) console.log(used());
  await server.close();
}

/** The server's process. */
interface ServerProcess extends AsyncDisposable {
  readonly address: string;
  /** Nanoseconds of processor time it has used. */
  used(): Promise<number>;
}

async function startServer(): Promise<ServerProcess> {
  const args = "Deno" in globalThis ? ["run", "-A", "--no-check"] : process.execArgv;
  const child: ChildProcess = spawn(process.execPath, [...args, process.argv[1]!, "--serve", "yes"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done) throw new Error("the server's process ended");
    return next.value;
  };
  return {
    address: await line(),
    async used() {
      child.stdin!.write("\n");
      return Number(await line());
    },
    async [Symbol.asyncDispose]() {
      child.stdin!.end();
      await once(child, "exit");
    },
  };
}

/** A client. One instance is in its list: with more, fewer calls would share a write, which is another matter. */
function clientOf(
  { address }: ServerProcess,
  pool: "mux" | "long",
  policies: Options,
  looksUp: boolean,
): AsyncDisposable & { work: Work } {
  const client = createClient(EchoService, {
    ...policies,
    ...(looksUp ? { to: "bench", resolver: staticResolver([address]) } : { to: address }),
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
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Nanoseconds of processor time that a call takes on both sides. */
async function cost(server: ServerProcess, work: Work): Promise<number> {
  const before = used() + await server.used();
  await work(calls);
  return (used() + await server.used() - before) / calls;
}

function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1] ?? fallback;
}
