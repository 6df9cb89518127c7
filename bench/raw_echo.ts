/**
 * Echo through `lib/io` beside the bare sockets of each runtime: requests per CPU-second of the server.
 *
 * `raw_echo.ts [--rounds 5] [--ms 1000] [--runtimes node,bun,deno] [--modes bare,adapter,pull,push,framed]
 * [--loads 64x1x128,64x16x128,64x1x1024]`. `adapter` is the transport alone; `pull` is Reader and Writer, `push` a handler,
 * `framed` Reader and Writer frame by frame. The servers of a runtime live at the same time and take turns under
 * the same load (connections x requests under way x bytes); medians and the median ratio of each round's figures to the
 * bare socket's are printed and saved in `bench/out/raw_echo.json`. Wants a quiet machine.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

type Mode = "bare" | "adapter" | "pull" | "push" | "framed";
type Runtime = "node" | "bun" | "deno";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const modes = option("modes", "bare,adapter,pull,push,framed").split(",") as Mode[];
const rounds = Number(option("rounds", "5"));
const ms = Number(option("ms", "1000"));
const runtimes = option("runtimes", "node,bun,deno").split(",") as Runtime[];
const loads = option("loads", "64x1x128,64x16x128,64x1x1024").split(",");
const clientRuntime = option("client", "bun") as Runtime;

/** Measures everything and saves it. */
async function main(): Promise<void> {
  const results: Record<string, unknown>[] = [];
  for (const runtime of runtimes) {
    const servers = await Promise.all(modes.map((mode) => Server.start(runtime, mode)));
    for (const load of loads) results.push(await measure(runtime, servers, load));
    for (const server of servers) server.stop();
  }
  mkdirSync(here("./out"), { recursive: true });
  writeFileSync(here("./out/raw_echo.json"), JSON.stringify({ rounds, ms, clientRuntime, results }, undefined, 2));
}

class Server {
  readonly mode: Mode;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  port = 0;

  constructor(runtime: Runtime, mode: Mode) {
    this.mode = mode;
    this.#child = run(runtime, "./raw_echo/server.ts", [mode]);
    this.#lines = lines(this.#child);
  }

  static async start(runtime: Runtime, mode: Mode): Promise<Server> {
    const server = new Server(runtime, mode);
    server.port = await server.#number();
    return server;
  }

  /** CPU time so far, in microseconds. */
  cpu(): Promise<number> {
    this.#child.stdin.write("cpu\n");
    return this.#number();
  }

  stop(): void {
    this.#child.stdin.end();
  }

  async #number(): Promise<number> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the ${this.mode} server has ended`);
    return value.split(" ").reduce((sum, part) => sum + Number(part), 0);
  }
}

async function measure(runtime: Runtime, servers: Server[], load: string): Promise<Record<string, unknown>> {
  const figures = new Map<Mode, number[]>(modes.map((mode) => [mode, []]));
  const rates = new Map<Mode, number[]>(modes.map((mode) => [mode, []]));
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < servers.length; i++) {
      // Another order each time, so that none always comes after the same neighbour.
      const server = servers[(i + round + servers.length) % servers.length]!;
      const before = await server.cpu();
      const requests = await client(server.port, load);
      const cpuSeconds = ((await server.cpu()) - before) / 1e6;
      if (round < 0) continue; // warm-up
      figures.get(server.mode)!.push(requests / cpuSeconds);
      rates.get(server.mode)!.push(requests / (ms / 1000));
    }
  }
  const row: Record<string, unknown> = { runtime, load };
  const bare = figures.get("bare")!;
  let line = `${runtime.padEnd(5)} ${load.padEnd(11)}`;
  for (const mode of modes) {
    const perCpuSecond = median(figures.get(mode)!);
    const ratio = median(figures.get(mode)!.map((figure, i) => figure / bare[i]!));
    const perSecond = median(rates.get(mode)!);
    row[mode] = { perCpuSecond: Math.round(perCpuSecond), perSecond: Math.round(perSecond), ratio };
    line += `  ${mode} ${(perCpuSecond / 1000).toFixed(0)} k/cpu-s`;
    if (mode !== "bare") line += ` (${ratio.toFixed(2)} x)`;
  }
  console.log(line);
  return row;
}

async function client(port: number, load: string): Promise<number> {
  const child = run(clientRuntime, "./raw_echo/client.ts", [String(port), ...load.split("x"), String(ms)]);
  const { value } = await lines(child).next();
  return Number(value);
}

function run(runtime: Runtime, file: string, args: string[]): ChildProcessWithoutNullStreams {
  const flags = runtime === "deno" ? ["run", "-A", "--no-check"] : [];
  const command = here(`../tools/bin/${runtime}`);
  const child = spawn(command, [...flags, here(file), ...args], { stdio: ["pipe", "pipe", "pipe"] });
  child.stderr.on("data", (text) => process.stderr.write(text));
  return child;
}

async function* lines(child: ChildProcessWithoutNullStreams): AsyncGenerator<string> {
  let rest = "";
  for await (const text of child.stdout) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1] ?? fallback;
}

await main();
