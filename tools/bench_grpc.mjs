/**
 * `npm run bench:grpc [-- WORD... [--rounds N] [--seconds S]]`: gRPC servers side by side under the same load, of h2load.
 *
 * Updraft on each runtime, a bare `node:http2` echo on the same runtimes, and Kitex answer unary calls of Protocol Buffers
 * with 100 bytes, 1, 50 and 200 at once on one connection; Updraft, grpc-js, connect-node and grpc-go do the same with gRPC's
 * interop service (`unary-node`, `grpc-js-node`, `grpc-go` ...). Each round loads them one after the other; the processor time
 * a call costs the server is the figure that moves least. Then pairs of a client and a server of one kind make unary calls
 * and send messages there and back (`pair-updraft-node`, `pair-grpc-js-bun` ...). Words choose: `bun`, `bare-node`, `kitex`
 * ... All runs are saved in bench/out/. Needs Go, h2load (Debian's nghttp2-client), and Linux (for /proc). grpc-js and
 * connect-node are left out on Deno, whose node:http2 ends the process when a client leaves in the middle of a call.
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
const UNARY_PATH = "/grpc.testing.TestService/UnaryCall";
/** What pairs do, and how much of it at once. */
const PAIR_LOADS = [["unary", 1], ["unary", 50], ["ping-pong", 1], ["ping-pong", 50]];

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
  const request = (path, name, message) => {
    const body = join(folder, name);
    writeFileSync(body, prefixed(message));
    return { path, body };
  };
  const echo = request(PATH, "grpc_request.bin", field(1, text()));
  const unary = request(
    UNARY_PATH,
    "grpc_unary.bin",
    Buffer.concat([Buffer.of(0x10, TEXT_BYTES), field(3, field(2, text()))]),
  );
  const { servers, pairs } = await startServers(positionals, echo, unary);
  try {
    if (servers.length + pairs.length === 0) throw new Error(`nothing is called ${positionals.join(" or ")}`);
    for (const server of servers) await load(server, 50, 2); // code gets hot
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      for (const atOnce of AT_ONCE) {
        for (const server of servers) {
          runs.push({ server: server.name, atOnce, round, ...await load(server, atOnce, seconds) });
        }
      }
      for (const [kind, atOnce] of PAIR_LOADS) {
        for (const pair of pairs) {
          runs.push({ server: pair.name, kind, atOnce, round, ...await loadPair(pair, kind, atOnce, seconds) });
        }
      }
      console.log(`bench: ${round + 1} of ${rounds} rounds done`);
    }
    writeFileSync(join(folder, "grpc.json"), JSON.stringify({ rounds, seconds, runs }, null, 2));
    for (const atOnce of AT_ONCE) {
      print(`${atOnce} at once`, servers, runs.filter((one) => one.kind === undefined && one.atOnce === atOnce));
    }
    for (const [kind, atOnce] of PAIR_LOADS) {
      const own = runs.filter((one) => one.kind === kind && one.atOnce === atOnce);
      print(`client and server, ${kind}, ${atOnce} at once`, pairs, own);
    }
  } finally {
    await Promise.all([...servers, ...pairs].map(({ peer }) => peer.stop()));
  }
  return 0;
});

/** A text of 100 bytes. */
function text() {
  return Buffer.alloc(TEXT_BYTES, "x");
}

/** A field of a Protocol Buffers message, of fewer than 128 bytes. */
function field(number, bytes) {
  return Buffer.concat([Buffer.of(number << 3 | 2, bytes.length), bytes]);
}

/** A message with what gRPC puts before it. */
function prefixed(message) {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Starts the servers of the names, or all; gives those for h2load as `{ name, peer, address, request }`, and pairs. */
async function startServers(names, echo, unary) {
  const servers = [];
  const pairs = [];
  const address = /127\.0\.0\.1:(\d+)/;
  const start = async (
    list,
    name,
    program,
    args,
    more,
    { ready = /^listening on /, pattern = address, env = {} } = {},
  ) => {
    if (names.length > 0 && !names.includes(name)) return;
    const peer = await startPeer(program, args, { ready, env });
    list.push({ name, peer, address: `127.0.0.1:${pattern.exec(peer.lines[0])[1]}`, ...more });
  };
  const js = (name) => join(root, "tests", "interop", "js", name);
  try {
    for (const { id, title, program, flags } of await runtimes()) {
      if (id === "node" && title.includes("tsx")) continue; // the same engine as Node 24's, only older
      const name = id === "node24" ? "node" : id;
      const ours = [...flags, join(root, "tests", "interop", "grpc_server.ts"), "0"];
      await start(servers, name, program, ours, { request: echo });
      await start(servers, `unary-${name}`, program, ours, { request: unary });
      const bare = [...flags, join(root, "bench", "grpc", "bare.mjs")];
      await start(servers, `bare-${name}`, program, bare, { request: echo });
      if (id === "deno") continue;
      const grpcJs = [...flags, js("grpc_js.mjs"), "serve"];
      await start(servers, `grpc-js-${name}`, program, grpcJs, { request: unary });
      await start(servers, `connect-node-${name}`, program, [...flags, js("connect_node.ts"), "serve"], {
        request: unary,
      });
      const caller = { program, args: [...flags, join(root, "bench", "grpc", "caller.ts")] };
      await start(pairs, `pair-updraft-${name}`, program, ours, { which: "updraft", caller });
      await start(pairs, `pair-grpc-js-${name}`, program, grpcJs, { which: "grpc-js", caller });
    }
    const go = await goPeers();
    await start(servers, "grpc-go", go.grpcServer, ["-port", "0"], { request: unary }, {
      ready: /interop server listening on /,
      pattern: /:(\d+)$/,
      env: { GRPC_GO_LOG_SEVERITY_LEVEL: "info" },
    });
    const kitex = ["-thrift", "", "-thriftmux", "", "-pb", "127.0.0.1:0", "-pbmux", ""];
    await start(servers, "kitex", go.server, kitex, { request: echo }, {
      ready: /^kitex-server /,
      pattern: / pb=127\.0\.0\.1:(\d+)/,
    });
  } catch (error) {
    await Promise.all([...servers, ...pairs].map(({ peer }) => peer.stop()));
    throw error;
  }
  return { servers, pairs };
}

/** Loads the server of a pair by its client; gives calls or messages a second, and the processor time of both for each. */
async function loadPair({ name, peer, address, which, caller }, kind, atOnce, seconds) {
  const before = cpuMicros(peer.pid);
  const args = [...caller.args, which, address, kind, String(atOnce), String(seconds)];
  const { output, code } = await runPeer(caller.program, args, { timeoutMs: (seconds + 30) * 1000 });
  // The half second in which the client's code gets hot counts as calls for the server.
  const cpu = (cpuMicros(peer.pid) - before) * seconds / (seconds + 0.5);
  if (code !== 0) throw new Error(`the load on ${name} failed: exit code ${code}: ${output.trim().slice(-1500)}`);
  const { calls, cpu: clientCpu } = JSON.parse(output.trim().split("\n").at(-1));
  return { qps: calls / seconds, cpu: cpu / calls + clientCpu };
}

/** Loads one server; gives calls/s and the server's processor time a call in microseconds. */
async function load({ name, peer, address, request: { path, body } }, atOnce, seconds) {
  const before = cpuMicros(peer.pid);
  const { output, code } = await runPeer("h2load", [
    ...["-c", "1", "-m", String(atOnce), "-D", String(seconds), "-d", body],
    ...["-H", "content-type: application/grpc", "-H", "te: trailers", `http://${address}${path}`],
  ], { timeoutMs: (seconds + 30) * 1000 });
  const cpu = cpuMicros(peer.pid) - before;
  const calls = Number(/(\d+) succeeded/.exec(output)?.[1] ?? 0);
  const failed = Number(/(\d+) failed/.exec(output)?.[1] ?? 0);
  // h2load looks at the HTTP status alone: an answer without a message would be an error of gRPC's.
  const data = Number(/\((\d+)\) data/.exec(output)?.[1] ?? 0);
  if (code !== 0 || calls === 0 || failed > 0 || data < calls * TEXT_BYTES) {
    throw new Error(`the load on ${name} failed: exit code ${code}: ${output.trim().slice(-1500)}`);
  }
  return { qps: calls / seconds, cpu: cpu / calls };
}

function print(what, servers, runs) {
  if (servers.length === 0) return;
  console.log(`\n${what}, median of all rounds and how far they spread:`);
  for (const { name } of servers) {
    const own = runs.filter(({ server }) => server === name);
    const [qps, cpu] = [own.map((one) => one.qps), own.map((one) => one.cpu)];
    const spread = `${Math.min(...cpu).toFixed(1)} to ${Math.max(...cpu).toFixed(1)}`;
    const figures = `${median(qps).toFixed(0).padStart(8)} calls/s ${
      median(cpu).toFixed(2).padStart(8)
    } us of processor`;
    console.log(`  ${name.padEnd(20)} ${figures} (${spread})`);
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
