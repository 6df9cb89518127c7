/**
 * One process of the demo, on any of the runtimes: `serve CODE SOCKET` serves, `call CODE JSON` checks and measures.
 *
 * It tells its starter what happens by lines of JSON on standard output, and ends by itself when its standard input ends,
 * so that nothing stays behind when the starter is gone.
 *
 * @module
 */
import process from "node:process";
import { pathToFileURL } from "node:url";
import { buffered, createClient, framed } from "../../mod.ts";
import { check } from "../../examples/demo/checks.ts";
import { measure } from "../../examples/demo/load.ts";
import { serve } from "../../examples/demo/service.ts";

const PROTOCOLS = { framed, buffered };

const [mode, codePath, detail] = process.argv.slice(2);
const say = (fact) => console.log(JSON.stringify(fact));
const ended = new Promise((resolve) => process.stdin.on("end", resolve).resume());
let done = false;
process.on("SIGINT", () => {}); // Ctrl-C reaches all processes of a terminal; the starter decides what it means

try {
  const code = await import(pathToFileURL(codePath).href);
  if (mode === "serve") await serveUntil(ended, code, detail);
  else {
    ended.then(() => done || process.exit(1)); // the starter is gone before the work is done
    await callAll(code, JSON.parse(detail));
    done = true;
    say({ done });
  }
} catch (error) {
  say({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

async function serveUntil(end, code, path) {
  const servers = await serve(code, path);
  say({ ready: servers.map(({ address }) => address) });
  await end;
  await Promise.all(servers.map((server) => server.close()));
}

/** Each server in each way: first the checks and a warm-up of all ways, so that none is measured colder than another. */
async function callAll(code, { servers, warmUp, load }) {
  for (const { name, addresses } of servers) {
    const ways = Object.entries(PROTOCOLS).flatMap(([protocol, make]) =>
      addresses.map((address) => ({
        way: `${protocol} over ${address.startsWith("unix:") ? "a unix socket" : "TCP"}`,
        client: createClient(code.Greeter, { to: address, protocol: make(), timeoutMs: 5_000, pool: { type: "long" } }),
        checks: 0,
        failed: undefined,
      }))
    );
    for (const one of ways) {
      say({ begins: "checking", server: name, way: one.way });
      await attempt(one, async () => {
        one.checks = await check(one.client, code);
        await measure(() => hello(one.client), warmUp);
      });
    }
    const all = { ms: 0, latencies: [] };
    for (const one of ways) {
      say({ begins: "measuring", server: name, way: one.way });
      const measured = await attempt(one, () => measure(() => hello(one.client), load)) ?? { ms: 0, latencies: [] };
      all.ms += measured.ms;
      all.latencies = all.latencies.concat(measured.latencies);
      say({ ends: true, server: name, way: one.way, checks: one.checks, failed: one.failed, ...figures(measured) });
    }
    say({ all: true, server: name, ...figures(all) });
    await Promise.all(ways.map(({ client }) => client.close()));
  }
}

/** Runs a part of a way unless an earlier one failed; keeps what went wrong. */
async function attempt(one, part) {
  if (one.failed !== undefined) return undefined;
  try {
    return await part();
  } catch (error) {
    one.failed = error instanceof Error ? error.message : String(error);
    return undefined;
  }
}

async function hello(client) {
  const { text } = await client.hello({ name: "Ada" });
  if (text !== "hello Ada") throw new Error(`hello, under load: expected hello Ada, got ${text}`);
}

/** Calls, milliseconds, and the latency that half and 99 % of the calls stayed within (nearest rank). */
function figures({ latencies, ms }) {
  const sorted = Float64Array.from(latencies).sort();
  const within = (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
  return { calls: sorted.length, ms, p50: within(0.5), p99: within(0.99) };
}
