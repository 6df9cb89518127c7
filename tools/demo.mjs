/**
 * `npm run demo`: generates code from an IDL, starts the service once per runtime, and calls every server from every
 * runtime in every way: framed and buffered Thrift, over TCP and over unix sockets.
 *
 * Ends with a table of what was checked and measured; the exit code is 1 if any answer was wrong. Programs that it starts
 * end with it, also on Ctrl-C and on errors.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { root, run } from "./bootstrap.mjs";
import { startPeer } from "./demo/peers.mjs";
import { createScreen } from "./demo/screen.mjs";
import { pairTable, wayTable } from "./demo/tables.mjs";
import { runtimes } from "./runtimes.mjs";

const IDL = "examples/idl/greeter.thrift";
/** Where the generated code goes; not kept in git. */
const OUT = "examples/demo/gen";
const WARM_UP = { concurrency: 8, forMs: 150, maxCalls: 50_000 };
const LOAD = { concurrency: 8, forMs: 250, maxCalls: 50_000 };
/** Framed and buffered, each over TCP and a unix socket. */
const WAYS = 4;
/** Longest the demo may take; it needs about half of that. */
const LIMIT_MS = 60_000;

await run(async () => {
  const screen = createScreen(process.stdout, process.env);
  const folder = mkdtempSync(join(tmpdir(), "updraft-demo-"));
  const peers = [];
  const stop = (exitCode, text) => {
    screen.stop();
    if (text) console.error(`error: ${text}`);
    process.exit(exitCode);
  };
  process.once("exit", () => {
    for (const peer of peers) peer.kill(); // without effect on those that have ended
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]]) {
    process.once(signal, () => stop(exitCode));
  }
  const timer = setTimeout(() => stop(1, `the demo did not end within ${LIMIT_MS / 1000} s`), LIMIT_MS);
  const start = (...args) => {
    const peer = startPeer(...args);
    peers.push(peer);
    return peer;
  };

  try {
    return await demo((await runtimes()).filter(({ id }) => id !== "node24"), { screen, folder, start });
  } finally {
    clearTimeout(timer);
    screen.stop();
    for (const peer of peers) peer.kill();
  }
});

async function demo(used, { screen, folder, start }) {
  screen.now(`generating code from ${IDL}`);
  const code = await generate(used.find(({ id }) => id === "node"), start);
  screen.line(`generated ${OUT}/greeter.ts (${code.lines} lines) from ${IDL} in ${code.ms} ms`);

  screen.now("starting a server on each runtime");
  const servers = await Promise.all(used.map(async (runtime) => {
    const peer = start(runtime, ["serve", code.path, join(folder, `${runtime.id}.sock`)]);
    return { peer, name: runtime.title, addresses: (await peer.next("ready")).ready };
  }));
  for (const { name, addresses } of servers) screen.line(`${name} serves on ${addresses.join(" and ")}`);

  const results = { pairs: [], ways: [] };
  const lost = Promise.race(servers.map(({ peer }) => peer.lost));
  for (const runtime of used) {
    const targets = servers.map(({ name, addresses }) => ({ name, addresses }));
    const peer = start(runtime, ["call", code.path, JSON.stringify({ servers: targets, warmUp: WARM_UP, load: LOAD })]);
    await Promise.race([lost, collect(peer, runtime.title, used.length, results, screen)]);
    await peer.end();
  }
  await Promise.all(servers.map(({ peer }) => peer.end()));
  report(results, screen);
  const wrong = results.ways.filter(({ failed }) => failed).length;
  if (wrong > 0) throw new Error(`${wrong} of ${results.ways.length} ways failed; see above`);
}

/** Runs our compiler, as its users do. */
async function generate(runtime, start) {
  const path = join(root, OUT, "greeter.ts");
  rmSync(path, { force: true });
  const started = performance.now();
  await start(runtime, ["gen", join(root, IDL), "-o", join(root, OUT)], "cli/main.ts").end();
  const ms = Math.round(performance.now() - started);
  return { path, ms, lines: readFileSync(path, "utf8").trimEnd().split("\n").length };
}

/** Takes what a client reports until it is done. */
async function collect(peer, client, servers, { pairs, ways }, screen) {
  for (let fact; !(fact = await peer.next()).done;) {
    const { server, way } = fact;
    if (fact.begins) {
      screen.now(`${pairs.length + 1} of ${servers ** 2}: ${client} calls ${server}, ${fact.begins} ${way}`);
    } else if (fact.ends) {
      ways.push({ client, ...fact });
    } else if (fact.all) {
      const failed = ways.filter((one) => one.client === client && one.server === server && one.failed);
      pairs.push({ client, ok: WAYS - failed.length, ways: WAYS, ...fact });
      screen.line(`${client} calls ${server}: ${failed.length === 0 ? "all answers right" : screen.bad("FAILED")}`);
      for (const one of failed) screen.line(`  ${one.way}: ${one.failed}`);
    }
  }
}

function report({ pairs, ways }, screen) {
  const sum = (key) => ways.reduce((total, way) => total + (way[key] ?? 0), 0);
  const { concurrency, forMs } = LOAD;
  for (const table of [pairTable(pairs, screen), wayTable(ways, screen)]) screen.line(`\n${table}`);
  screen.line(`
${sum("checks")} answers checked: values, i64, oneway, a declared exception. Then ${sum("calls")} calls of
hello({ name }) measured, their answers checked too: a closed loop of ${concurrency} calls on ${concurrency} connections,
${forMs} ms in each way after all ways were warmed up for ${WARM_UP.forMs} ms, each call timed by the client's
monotonic clock. A pair's figures are over its ${WAYS} ways together; a way's p50 and p99 are the
medians of its ${pairs.length} pairs. At a time one client and one server process, which share this
machine's ${availableParallelism()} CPUs with whatever else runs.`);
}
