/**
 * `npm run bench [-- WORD... [--rounds N] [--seconds S]]`: servers side by side under the same load from a real Kitex client.
 *
 * Updraft on each runtime and Kitex itself serve `echo.thrift` by TTHeader and framed, with a connection a caller and with shared
 * ones; Apache Thrift's library on the same runtimes serves it framed. Each round loads them one after the other, so that
 * what else the machine does meets all of them: the processor time a call costs the server is the figure that moves
 * least. Words choose: `mux`, `longpool`, `framed`, `ttheader`, `c1`, `c50`, `c200`, `100b`, `1k`, `deno`, `bun`, `node`,
 * `apache-node` ... All runs are saved in bench/out/.
 * Needs Go (for Kitex) and Apache's Thrift compiler (for Apache's code), and Linux (for /proc).
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apachePeers } from "./apache_peers.mjs";
import { choose, print } from "./bench_cases.mjs";
import { root, run } from "./bootstrap.mjs";
import { goPeers } from "./go_peers.mjs";
import { runPeer, startPeer } from "./peers.mjs";
import { runtimes } from "./runtimes.mjs";

const LOAD = /qps=(?<qps>\d+) p50=(?<p50>\d+)us p99=(?<p99>\d+)us/;

await run(async () => {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const [rounds, seconds] = [values.rounds, values.seconds].map(Number);
  if (!(rounds >= 1 && rounds <= 50 && seconds >= 1 && seconds <= 60)) {
    console.error("usage: npm run bench [-- WORD... [--rounds 1 to 50] [--seconds 1 to 60]]");
    return 2;
  }
  const chosen = choose(positionals);
  if (chosen.unknown !== undefined) {
    console.error(`bench: nothing is called ${chosen.unknown}; known: ${chosen.known.join(" ")}`);
    return 2;
  }
  const { loads } = chosen;
  const go = await goPeers();
  const servers = await startServers(go, chosen.servers);
  try {
    const runs = [];
    for (const server of servers) { // code gets hot
      const first = loads.filter((load, at) => loads.findIndex((one) => one.protocol === load.protocol) === at);
      for (const load of first) if (serves(server, load)) await measure(go.client, server, load, 1);
    }
    for (let round = 0; round < rounds; round++) {
      for (const [at, load] of loads.entries()) {
        for (const server of servers) {
          if (!serves(server, load)) continue;
          runs.push({ server: server.name, load: at, round, ...await measure(go.client, server, load, seconds) });
        }
      }
      console.log(`bench: ${round + 1} of ${rounds} rounds done`);
    }
    const folder = join(root, "bench", "out");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "rpc.json"), JSON.stringify({ rounds, seconds, loads, runs }, null, 2));
    const names = servers.map(({ name }) => name);
    for (const [at, load] of loads.entries()) print(load, names, runs.filter((run) => run.load === at));
  } finally {
    await Promise.all(servers.map(({ peer }) => peer.stop()));
  }
  return 0;
});

/** Starts the servers of the names; gives `{ name, peer, address, muxAddress }`, the last one where mux is served. */
async function startServers(go, names) {
  const apache = names.some((name) => name.startsWith("apache-")) ? await apachePeers() : undefined;
  const servers = [];
  const start = async (name, program, args, ready, addresses) => {
    if (!names.includes(name)) return;
    const peer = await startPeer(program, args, { ready });
    servers.push({ name, peer, ...addresses(peer.lines[0]) });
  };
  const port = (line, pattern) => `127.0.0.1:${pattern.exec(line)[1]}`;
  try {
    for (const { id, title, program, flags } of await runtimes()) {
      if (id === "node" && title.includes("tsx")) continue; // the same engine as Node 24's, only older
      const name = id === "node24" ? "node" : id;
      const ours = [...flags, join(root, "tests", "interop", "server.ts"), "--thrift", "0"];
      await start(name, program, ours, /^listening on /, (line) => {
        const address = port(line, /127\.0\.0\.1:(\d+)/);
        return { address, muxAddress: address };
      });
      await start(
        `apache-${name}`,
        program,
        [...flags, apache?.server, "framed-binary=0"],
        /^apache-server /,
        (line) => ({ address: port(line, /framed-binary=(\d+)/) }),
      );
    }
    const kitex = ["-thrift", "127.0.0.1:0", "-thriftmux", "127.0.0.1:0", "-pb", "", "-pbmux", ""];
    await start("kitex", go.server, kitex, /^kitex-server /, (line) => ({
      address: port(line, /thrift=127\.0\.0\.1:(\d+)/),
      muxAddress: port(line, /thriftmux=127\.0\.0\.1:(\d+)/),
    }));
  } catch (error) {
    await Promise.all(servers.map(({ peer }) => peer.stop()));
    throw error;
  }
  return servers;
}

/** Apache's library knows no TTHeader. */
function serves({ name }, { protocol }) {
  return protocol === "framed" || !name.startsWith("apache-");
}

/** Loads one server; gives calls/s, latencies in microseconds, and the server's processor time a call. */
async function measure(client, { peer, address, muxAddress }, { protocol, connections, concurrency, size }, seconds) {
  const to = connections === "mux" ? muxAddress : address;
  // The server's time is taken around the whole run: without a warm-up that is not counted in.
  const before = cpuMicros(peer.pid);
  const { output, code } = await runPeer(client, [
    ...["-addr", to, "-proto", protocol, "-conn", connections, "-mode", "load", "-c", String(concurrency)],
    ...["-size", String(size), "-warm", "0s", "-d", `${seconds}s`],
  ], { timeoutMs: (seconds + 30) * 1000 });
  const cpu = cpuMicros(peer.pid) - before;
  const found = LOAD.exec(output);
  const calls = Number(/reqs=(\d+)/.exec(output)?.[1] ?? 0);
  if (code !== 0 || found === null || calls === 0 || !output.includes("errs=0")) {
    throw new Error(`the load on ${to} failed: ${output.trim().slice(-500)}`);
  }
  const { qps, p50, p99 } = found.groups;
  return { qps: Number(qps), p50: Number(p50), p99: Number(p99), cpu: cpu / calls };
}

/** User and system time of a process so far, in microseconds; a tick is 10 ms. */
function cpuMicros(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
