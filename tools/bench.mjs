/**
 * `npm run bench [-- ROUNDS SECONDS]`: servers side by side under the same load from a real Kitex client.
 *
 * Updraft on each runtime, Apache Thrift's library on the same runtimes, and Kitex itself serve `echo.thrift` framed; each
 * round loads them one after the other, so that what else the machine does meets all of them. Printed are medians over
 * the rounds; the processor time a call costs the server is the figure that moves least. All runs are saved in bench/out/.
 * Needs Go (for Kitex) and Apache's Thrift compiler (for Apache's code), and Linux (for /proc).
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apachePeers } from "./apache_peers.mjs";
import { root, run } from "./bootstrap.mjs";
import { goPeers } from "./go_peers.mjs";
import { runPeer, startPeer } from "./peers.mjs";
import { runtimes } from "./runtimes.mjs";

const CONCURRENCY = 50;
const SIZES = [100, 1024];
const LOAD = /qps=(?<qps>\d+) p50=(?<p50>\d+)us p99=(?<p99>\d+)us/;

await run(async () => {
  const [rounds, seconds] = [process.argv[2] ?? 5, process.argv[3] ?? 2].map(Number);
  if (!(rounds >= 1 && rounds <= 50 && seconds >= 1 && seconds <= 60)) {
    console.error("usage: npm run bench [-- ROUNDS (1 to 50) SECONDS (1 to 60)]");
    return 2;
  }
  const go = await goPeers();
  const servers = await startServers(go);
  try {
    const runs = [];
    for (const { address, peer } of servers) await load(go.client, address, peer.pid, SIZES[0], 1); // code gets hot
    for (let round = 0; round < rounds; round++) {
      for (const size of SIZES) {
        for (const { name, address, peer } of servers) {
          runs.push({ name, round, size, ...await load(go.client, address, peer.pid, size, seconds) });
        }
      }
      console.log(`bench: ${round + 1} of ${rounds} rounds done`);
    }
    const folder = join(root, "bench", "out");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "rpc.json"),
      JSON.stringify({ rounds, seconds, concurrency: CONCURRENCY, runs }, null, 2),
    );
    for (const size of SIZES) print(size, servers.map(({ name }) => name), runs);
  } finally {
    await Promise.all(servers.map(({ peer }) => peer.stop()));
  }
  return 0;
});

/** Starts every server; gives `{ name, address, peer }`. */
async function startServers(go) {
  const apache = await apachePeers();
  const servers = [];
  const start = async (name, program, args, ready) => {
    const peer = await startPeer(program, args, { ready });
    servers.push({
      name,
      peer,
      address: `127.0.0.1:${/(?:127\.0\.0\.1:|framed-binary=)(\d+)/.exec(peer.lines[0])[1]}`,
    });
  };
  try {
    for (const { id, title, program, flags } of await runtimes()) {
      if (id === "node" && title.includes("tsx")) continue; // the same engine as Node 24's, only older
      const ours = [...flags, join(root, "tests", "interop", "server.ts"), "--thrift", "0"];
      await start(`Updraft, ${title}`, program, ours, /^listening on /);
      await start(`Apache, ${title}`, program, [...flags, apache.server, "framed-binary=0"], /^apache-server /);
    }
    const kitex = ["-thrift", "127.0.0.1:0", "-thriftmux", "", "-pb", "", "-pbmux", ""];
    await start("Kitex", go.server, kitex, /^kitex-server /);
  } catch (error) {
    await Promise.all(servers.map(({ peer }) => peer.stop()));
    throw error;
  }
  return servers;
}

/** Loads one server; gives requests/s, latencies in microseconds, and the server's processor time a call. */
async function load(client, address, pid, size, seconds) {
  const args = ["-addr", address, "-proto", "framed", "-conn", "longpool", "-mode", "load", "-c", String(CONCURRENCY)];
  // The server's time is taken around the whole run: without a warm-up that is not counted in.
  const before = cpuMicros(pid);
  const { output, code } = await runPeer(client, [...args, "-size", String(size), "-warm", "0s", "-d", `${seconds}s`], {
    timeoutMs: (seconds + 30) * 1000,
  });
  const cpu = cpuMicros(pid) - before;
  const found = LOAD.exec(output);
  const calls = Number(/reqs=(\d+)/.exec(output)?.[1] ?? 0);
  if (code !== 0 || found === null || calls === 0 || !output.includes("errs=0")) {
    throw new Error(`the load on ${address} failed: ${output.trim().slice(-500)}`);
  }
  const { qps, p50, p99 } = found.groups;
  return { qps: Number(qps), p50: Number(p50), p99: Number(p99), cpuMicrosPerCall: cpu / calls };
}

/** User and system time of a process so far, in microseconds; a tick is 10 ms. */
function cpuMicros(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function print(size, names, runs) {
  console.log(
    `\nframed, long pool, ${CONCURRENCY} connections, ${size} bytes; medians, and the spread of the processor time`,
  );
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const rows = names.map((name) => {
    const own = runs.filter((run) => run.name === name && run.size === size);
    const of = (key) => median(own.map((run) => run[key]));
    const cpus = own.map((run) => run.cpuMicrosPerCall).sort((a, b) => a - b);
    return { name, cpu: of("cpuMicrosPerCall"), qps: of("qps"), p99: of("p99"), spread: [cpus[0], cpus.at(-1)] };
  });
  const kitex = rows.find(({ name }) => name === "Kitex");
  for (const { name, cpu, qps, p99, spread } of rows) {
    const apache = rows.find((row) => row.name === name.replace("Updraft", "Apache"));
    const ratios = name.startsWith("Updraft")
      ? `  ${(cpu / kitex.cpu).toFixed(2)} x Kitex's, ${(cpu / apache.cpu).toFixed(2)} x Apache's`
      : "";
    console.log(
      `  ${name.padEnd(24)} ${cpu.toFixed(2).padStart(6)} us a call (${
        spread.map((us) => us.toFixed(2)).join(" to ")
      })` +
        `  ${String(qps).padStart(7)} calls/s  p99 ${String(p99).padStart(5)} us${ratios}`,
    );
  }
}
