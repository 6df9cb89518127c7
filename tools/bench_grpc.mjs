/**
 * `npm run bench:grpc [-- WORD... [--rounds N] [--seconds S]]`: gRPC servers side by side under the same load, of h2load.
 *
 * Updraft on each runtime, a bare `node:http2` echo on the same runtimes, and Kitex answer unary calls of Protocol Buffers
 * with 100 bytes, 1, 50 and 200 at once on one connection. Each round loads them one after the other; the processor time a
 * call costs the server is the figure that moves least. Words choose servers: `bun`, `bare-node`, `kitex` ... All runs are
 * saved in bench/out/. Needs Go (for Kitex), h2load (Debian's nghttp2-client), and Linux (for /proc).
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, run } from "./bootstrap.mjs";
import { goPeers } from "./go_peers.mjs";
import { runPeer, startPeer } from "./peers.mjs";
import { runtimes } from "./runtimes.mjs";

const PATH = "/echo.pb.PbEcho/Echo";
const AT_ONCE = [1, 50, 200];
const TEXT_BYTES = 100;

await run(async () => {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const [rounds, seconds] = [values.rounds, values.seconds].map(Number);
  if (!(rounds >= 1 && rounds <= 50 && seconds >= 1 && seconds <= 60)) {
    console.error("usage: npm run bench:grpc [-- WORD... [--rounds 1 to 50] [--seconds 1 to 60]]");
    return 2;
  }
  const folder = join(root, "bench", "out");
  mkdirSync(folder, { recursive: true });
  const body = join(folder, "grpc_request.bin");
  writeFileSync(body, requestBody());
  const servers = await startServers(positionals);
  try {
    if (servers.length === 0) throw new Error(`no server is called ${positionals.join(" or ")}`);
    for (const server of servers) await load(server, body, 50, 1); // code gets hot
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      for (const atOnce of AT_ONCE) {
        for (const server of servers) {
          runs.push({ server: server.name, atOnce, round, ...await load(server, body, atOnce, seconds) });
        }
      }
      console.log(`bench: ${round + 1} of ${rounds} rounds done`);
    }
    writeFileSync(join(folder, "grpc.json"), JSON.stringify({ rounds, seconds, runs }, null, 2));
    for (const atOnce of AT_ONCE) print(atOnce, servers, runs.filter((one) => one.atOnce === atOnce));
  } finally {
    await Promise.all(servers.map(({ peer }) => peer.stop()));
  }
  return 0;
});

/** A gRPC message whose first field is a text. */
function requestBody() {
  const message = Buffer.concat([Buffer.of(0x0a, TEXT_BYTES), Buffer.alloc(TEXT_BYTES, "x")]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Starts the servers of the names, or all; gives `{ name, peer, address }`. */
async function startServers(names) {
  const servers = [];
  const start = async (name, program, args, ready, pattern) => {
    if (names.length > 0 && !names.includes(name)) return;
    const peer = await startPeer(program, args, { ready });
    servers.push({ name, peer, address: `127.0.0.1:${pattern.exec(peer.lines[0])[1]}` });
  };
  try {
    for (const { id, title, program, flags } of await runtimes()) {
      if (id === "node" && title.includes("tsx")) continue; // the same engine as Node 24's, only older
      const name = id === "node24" ? "node" : id;
      const address = /127\.0\.0\.1:(\d+)/;
      const ours = [...flags, join(root, "tests", "interop", "grpc_server.ts"), "0"];
      await start(name, program, ours, /^listening on /, address);
      const bare = [...flags, join(root, "bench", "grpc", "bare.mjs")];
      await start(`bare-${name}`, program, bare, /^listening on /, address);
    }
    const kitex = ["-thrift", "", "-thriftmux", "", "-pb", "127.0.0.1:0", "-pbmux", ""];
    await start("kitex", (await goPeers()).server, kitex, /^kitex-server /, / pb=127\.0\.0\.1:(\d+)/);
  } catch (error) {
    await Promise.all(servers.map(({ peer }) => peer.stop()));
    throw error;
  }
  return servers;
}

/** Loads one server; gives calls/s and the server's processor time a call in microseconds. */
async function load({ name, peer, address }, body, atOnce, seconds) {
  const before = cpuMicros(peer.pid);
  const { output, code } = await runPeer("h2load", [
    ...["-c", "1", "-m", String(atOnce), "-D", String(seconds), "-d", body],
    ...["-H", "content-type: application/grpc", "-H", "te: trailers", `http://${address}${PATH}`],
  ], { timeoutMs: (seconds + 30) * 1000 });
  const cpu = cpuMicros(peer.pid) - before;
  const calls = Number(/(\d+) succeeded/.exec(output)?.[1] ?? 0);
  const failed = Number(/(\d+) failed/.exec(output)?.[1] ?? 0);
  // h2load looks at the HTTP status alone: an answer without a message would be an error of gRPC's.
  const data = Number(/\((\d+)\) data/.exec(output)?.[1] ?? 0);
  if (code !== 0 || calls === 0 || failed > 0 || data < calls * TEXT_BYTES) {
    throw new Error(`the load on ${name} failed: ${output.trim().slice(-500)}`);
  }
  return { qps: calls / seconds, cpu: cpu / calls };
}

function print(atOnce, servers, runs) {
  console.log(`\n${atOnce} at once, median of all rounds:`);
  for (const { name } of servers) {
    const own = runs.filter(({ server }) => server === name);
    const [qps, cpu] = [median(own.map((one) => one.qps)), median(own.map((one) => one.cpu))];
    console.log(
      `  ${name.padEnd(12)} ${qps.toFixed(0).padStart(8)} calls/s ${cpu.toFixed(2).padStart(8)} us of processor`,
    );
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** User and system time of a process so far, in microseconds; a tick is 10 ms. */
function cpuMicros(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
