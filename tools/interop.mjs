/**
 * `npm run interop`: our servers and clients on every runtime against real Kitex, Apache Thrift and each other.
 *
 * `npm run interop -- WORD...`: only the cases whose name contains all of the words, as in `kitex deno`. One line a case;
 * the last line, `N passed, N failed`, counts the checks in them. Nothing is skipped: what is missing ends the command.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { apachePeers } from "./apache_peers.mjs";
import { root, run } from "./bootstrap.mjs";
import { consulProgram } from "./consul_peer.mjs";
import { goPeers } from "./go_peers.mjs";
import { addGrpcCases, certificate } from "./grpc_interop.mjs";
import { javaPeers } from "./java_peers.mjs";
import { freePorts, programOf, runPeer, startPeer } from "./peers.mjs";
import { addRegistryCases } from "./registry_interop.mjs";
import { nodeProgram, runtimes } from "./runtimes.mjs";
import { addWebCases } from "./web_interop.mjs";
import { workerCommand } from "./workerd_peer.mjs";

const serverFile = join(root, "tests", "interop", "server.ts");
const clientFile = join(root, "tests", "interop", "client.ts");
const genericFile = join(root, "tests", "interop", "generic.ts");
const callFile = join(root, "tests", "interop", "call.ts");
const attackedServerFile = join(root, "tests", "interop", "attacked_server.ts");
const channelzServerFile = join(root, "tests", "interop", "channelz_server.ts");
const grpcServerFile = join(root, "tests", "interop", "grpc_server.ts");
const http2ServerFile = join(root, "tests", "interop", "h2_server.ts");
const verdictsFile = join(root, "tests", "interop", "validator", "verdicts.ts");
const pluginsFile = join(root, "tests", "interop", "plugins", "plugins.ts");
/** Longest time a case may take. */
const CASE_MS = 120_000;
const PROTOCOLS = ["framed", "buffered"];
/** What Kitex's client can speak, over which connections, and the contract it then calls. */
const KITEX_SETS = [
  ["buffered", "longpool", "thrift"],
  ["buffered", "short", "thrift"],
  ["framed", "longpool", "thrift"],
  ["framed", "short", "thrift"],
  ["framed", "mux", "thrift"],
  ["ttheader", "longpool", "thrift"],
  ["ttheader", "short", "thrift"],
  ["ttheader", "mux", "thrift"],
  ["ttheader-framed", "longpool", "thrift"],
  ["ttheader-framed", "mux", "thrift"],
  ["ttheader-streaming", "longpool", "thrift"],
  ["grpc", "longpool", "thrift"],
  ["grpc-streaming", "longpool", "thrift"],
  ["kitexpb", "longpool", "pb"],
  ["kitexpb", "mux", "pb"],
  ["kitexpb-buffered", "longpool", "pb"],
  ["kitexpb-ttheader", "longpool", "pb"],
  ["kitexpb-ttheader", "mux", "pb"],
  ["kitexpb-ttheader-framed", "longpool", "pb"],
  ["ttheader-pb-streaming", "longpool", "pb"],
  ["grpc-pb", "longpool", "pb"],
  ["grpc-pb-streaming", "longpool", "pb"],
];
/** What our client is checked in against Kitex's servers. Framed Thrift is answered in order there, also when it is shared. */
const CLIENT_SETS = [
  ["framed", "long", "thrift"],
  ["framed", "short", "thrift"],
  ["framed", "mux", "thrift"],
  ["buffered", "long", "thrift"],
  ["buffered", "short", "thrift"],
  ["buffered", "mux", "thrift"],
  ["ttheader", "long", "thrift"],
  ["ttheader", "short", "thrift"],
  ["ttheader", "mux", "thriftmux"],
  ["ttheader-framed", "long", "thrift"],
  ["ttheader-framed", "mux", "thriftmux"],
  ["ttheader-crc32c", "long", "thrift"],
  ["ttheader-streaming", "mux", "thrift"],
  ["grpc", "mux", "thrift"],
  ["grpc-streaming", "mux", "thrift"],
  ["kitexpb", "long", "pb"],
  ["kitexpb-ttheader", "long", "pb"],
  ["kitexpb-ttheader", "mux", "pbmux"],
];
/** What our runtimes are checked in against each other. */
const OWN_PROTOCOLS = ["framed", "buffered", "ttheader", "ttheader-streaming", "kitexpb-ttheader", "grpc"];
const PAYLOADS = ["binary", "compact", "json"];

/**
 * Every case: `{ name, check, alone }`, where `check` gives the names of what passed and `[name, text]` of what failed. What is
 * measured runs alone.
 */
function allCases({ go, consul, java, apache, runtimes }, servers) {
  const cases = [];
  const add = (name, check, { alone = false } = {}) => cases.push({ name, check, alone });

  for (const [proto, conn, contract] of KITEX_SETS) {
    const check = (address) =>
      runChecks(go.client, ["-addr", address, "-proto", proto, "-conn", conn, "-mode", "check"]);
    const port = conn === "mux" ? `${contract}mux` : contract;
    const expected = once(async () => await check((await servers.kitex())[port]));
    add(`kitex client -> kitex server, ${proto} ${conn}`, async () => {
      const { passed, failed } = await expected();
      // What Kitex cannot do with itself is no measure; that it can do nothing would be.
      return passed.length > 0 ? { passed, failed: [] } : { passed, failed };
    });
    for (const runtime of runtimes) {
      add(`kitex client -> ${runtime.id} server, ${proto} ${conn}`, async () => {
        const ours = await check((await servers.ours(runtime)).tcp);
        const { passed: names } = await expected();
        const failed = names.filter((name) => !ours.passed.includes(name)).map((name) => [
          name,
          ours.failed.find(([other]) => other === name)?.[1] ?? ours.failed.at(-1)?.[1] ?? "did not run",
        ]);
        return { passed: names.filter((name) => ours.passed.includes(name)), failed };
      });
    }
  }

  addGrpcCases(add, { go, java, runtimes }, servers, runChecks);
  addWebCases(add, { runtimes }, servers, runChecks);
  addRegistryCases(add, { go, consul, runtimes }, servers, runChecks);

  for (const runtime of runtimes) {
    const client = (...args) => runChecks(runtime.program, [...runtime.flags, clientFile, ...args]);
    for (const [proto, pool, port] of CLIENT_SETS) {
      add(
        `${runtime.id} client -> kitex server, ${proto} ${pool}`,
        async () => await client((await servers.kitex())[port], "--peer", "kitex", "--proto", proto, "--pool", pool),
      );
    }

    add(
      `${runtime.id} generic calls, updraft call -> kitex server`,
      async () => await runChecks(runtime.program, [...runtime.flags, genericFile, (await servers.kitex()).thrift]),
    );

    add(`${runtime.id} updraft call of Protocol Buffers, and over gRPC -> kitex, grpc-go servers`, async () => {
      const { thrift, pb } = await servers.kitex();
      return await runChecks(runtime.program, [...runtime.flags, callFile, thrift, pb, await servers.grpcGo()]);
    });

    add(`${runtime.id} plugins <-> thriftgo, kitex, thrift-gen-validator, protoc`, async () => {
      const programs = [go.thriftgo, go.kitex, go.validator, programOf("protoc", "protobuf-compiler")];
      return await runChecks(runtime.program, [...runtime.flags, pluginsFile, ...programs]);
    });

    add(
      `${runtime.id} validators <-> thrift-gen-validator's, value by value`,
      async () => await runChecks(runtime.program, [...runtime.flags, verdictsFile, go.verdicts]),
    );

    for (const payload of PAYLOADS) {
      for (const proto of PROTOCOLS) {
        add(
          `apache client -> ${runtime.id} server, ${proto} ${payload}`,
          async () => await runChecks(nodeProgram, [apache.client, (await servers.ours(runtime)).tcp, proto, payload]),
        );
        add(
          `${runtime.id} client -> apache server, ${proto} ${payload}`,
          async () =>
            await client(
              (await servers.apache())[`${proto}-${payload}`],
              "--proto",
              proto,
              "--payload",
              payload,
              "--peer",
              "apache",
            ),
        );
      }
      add(`${runtime.id} fetch client -> apache web server, ${payload}`, async () => {
        const url = `http://${(await servers.apache())[`web-${payload}`]}/echo`;
        return await client(url, "--proto", "web", "--payload", payload, "--peer", "apache");
      });
    }

    for (const other of runtimes) {
      for (const proto of OWN_PROTOCOLS) {
        for (const kind of ["tcp", "unix"]) {
          add(
            `${runtime.id} client -> ${other.id} server, ${proto} over ${kind}`,
            async () => await client((await servers.ours(other))[kind], "--proto", proto),
          );
        }
      }
    }
  }
  return cases;
}

/** Runs a program that prints `PASS name` and `FAIL name: text` lines and then how many. */
async function runChecks(program, args, timeoutMs = CASE_MS) {
  const { code, signal, output, late } = await runPeer(program, args, { timeoutMs });
  const lines = output.split("\n");
  const named = (word) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const passed = named("PASS");
  const failed = named("FAIL").map((line) => [line.split(": ", 1)[0], line]);
  const whole = lines.some((line) => /^\d+ passed, \d+ failed/.test(line));
  const ending = late ? `did not end within ${timeoutMs / 1000} s` : `ended with ${signal ?? `exit code ${code}`}`;
  if (!whole || late || (code !== 0 && failed.length === 0)) {
    failed.push(["the program", `${ending}: ${output.trim().slice(-2000)}`]);
  } else if (passed.length + failed.length === 0) failed.push(["the program", `checked nothing: ${output.trim()}`]);
  return { passed, failed };
}

/** The servers, each started when first asked for. */
class Servers {
  #peers;
  #folder;
  #started = new Map();
  #javaPorts;
  #worker;

  constructor(peers, folder) {
    this.#peers = peers;
    this.#folder = folder;
  }

  /** Where files may be kept for as long as the run takes. */
  get folder() {
    return this.#folder;
  }

  /** Addresses of Kitex's server: `thrift`, `thriftmux`, `pb`, `pbmux`. */
  async kitex() {
    const { lines: [line] } = await this.#start("kitex", this.#peers.go.server, [], { ready: /^kitex-server / });
    return addresses(line);
  }

  /** Addresses of Apache's servers: `framed-binary` ... `web-json`. */
  async apache() {
    const { lines: [line] } = await this.#start("apache", nodeProgram, [this.#peers.apache.server], {
      ready: /^apache-server /,
    });
    return addresses(line);
  }

  /** Addresses of our server on a runtime: `tcp`, `unix`. */
  async ours({ id, program, flags }) {
    const path = join(this.#folder, `${id}.sock`);
    const args = [...flags, serverFile, "--thrift", "0", "--unix", path];
    const { lines } = await this.#start(id, program, args, { ready: /^listening on /, count: 2 });
    const [tcp, unix] = lines.map((line) => line.slice("listening on ".length));
    return { tcp, unix };
  }

  /** Address of our server of gRPC's and Kitex's contracts on a runtime. */
  async grpc({ id, program, flags }, { tls = false } = {}) {
    return await this.listening(`${id} grpc${tls ? " tls" : ""}`, program, [
      ...flags,
      grpcServerFile,
      "0",
      ...when(tls),
    ]);
  }

  /** Address of a server like that which pages of one origin may call. */
  async web({ id, program, flags }, { origin, tls }) {
    return await this.listening(`${id} web${tls ? " tls" : ""}`, program, [
      ...flags,
      grpcServerFile,
      "0",
      `--origin=${origin}`,
      ...when(tls),
    ]);
  }

  /** Address of a Worker with our service. */
  async worker() {
    this.#worker ??= workerCommand(join(this.#folder, "worker"));
    const { program, args } = this.#worker;
    const { lines: [line] } = await this.#start("workerd", program, args, { ready: /"event":"listen"/ });
    return `127.0.0.1:${JSON.parse(line).port}`;
  }

  /** Address and process id of a server of its own for attacks, or for clients that leave. */
  async attacked({ id, program, flags }, what = "attacked") {
    const name = `${id} ${what}`;
    const { args, env } = collecting(id, flags);
    const address = await this.listening(name, program, [...args, attackedServerFile, "0"], env);
    return { address, pid: (await this.#started.get(name)).pid };
  }

  /** Address of our server on a runtime that tells of others, and of clients, by channelz. */
  async channelz({ id, program, flags }, { tls = false } = {}) {
    return await this.listening(`${id} channelz${tls ? " tls" : ""}`, program, [
      ...flags,
      channelzServerFile,
      "0",
      ...when(tls),
    ]);
  }

  /** Address of our plain HTTP/2 server on a runtime. */
  async http2({ id, program, flags }, { tls = false } = {}) {
    return await this.listening(`${id} http2${tls ? " tls" : ""}`, program, [
      ...flags,
      http2ServerFile,
      "0",
      ...when(tls),
    ]);
  }

  /** Address of grpc-go's interop server. */
  async grpcGo({ tls = false } = {}) {
    const how = tls
      ? ["-use_tls", "-tls_cert_file", certificate("server.pem"), "-tls_key_file", certificate("server.key")]
      : [];
    const id = `grpc-go${tls ? " tls" : ""}`;
    const { lines: [line] } = await this.#start(id, this.#peers.go.grpcServer, ["-port", "0", ...how], {
      ready: /interop server listening on /,
      env: { GRPC_GO_LOG_SEVERITY_LEVEL: "info" },
    });
    return `127.0.0.1:${/:(\d+)$/.exec(line)[1]}`;
  }

  /** Address of grpc-java's interop server. */
  async grpcJava() {
    const { program, server } = this.#peers.java;
    this.#javaPorts ??= freePorts(1);
    const [port] = await this.#javaPorts;
    const args = [...server, `--port=${port}`, "--use_tls=false", "--address_type=IPV4"];
    await this.#start("grpc-java", program, args, { ready: /^Server started on port / });
    return `127.0.0.1:${port}`;
  }

  /** Address of a server that says where it listens. */
  async listening(id, program, args, env = {}) {
    const { lines: [line] } = await this.#start(id, program, args, { ready: /^listening on /, env });
    return line.slice("listening on ".length);
  }

  /** Ends all; our own servers must end well when told to: gives a case for each. */
  async stop() {
    const both = ["grpc", "http2", "web", "channelz"].flatMap((kind) => [` ${kind}`, ` ${kind} tls`]);
    const kinds = ["", " attacked", " left", ...both];
    const ours = this.#peers.runtimes.flatMap(({ id }) => kinds.map((kind) => id + kind));
    return await Promise.all([...this.#started].map(async ([id, starting]) => {
      const name = `${id} server ends when told to`;
      try {
        const peer = await starting;
        const alive = peer.alive();
        const { code, signal } = await peer.stop();
        if (!ours.includes(id)) {
          return [
            name,
            alive ? { passed: [], failed: [] } : { passed: [], failed: [["it", `died: ${peer.output()}`]] },
          ];
        }
        if (alive && code === 0 && peer.output().split("\n").length === peer.lines.length) {
          return [name, { passed: ["it"], failed: [] }];
        }
        const text = `${alive ? "ended" : "had died"} with ${signal ?? `exit code ${code}`}:\n${peer.output()}`;
        return [name, { passed: [], failed: [["it", text]] }];
      } catch (error) {
        return [name, { passed: [], failed: [["it", error.message]] }];
      }
    }));
  }

  #start(id, program, args, options) {
    let peer = this.#started.get(id);
    if (peer === undefined) this.#started.set(id, peer = startPeer(program, args, options));
    return peer;
  }
}

/** Reads `name=address` words. */
function addresses(line) {
  return Object.fromEntries(
    line.split(" ").slice(1).map((word) => {
      const at = word.indexOf("=");
      const address = word.slice(at + 1);
      return [word.slice(0, at), /^\d+$/.test(address) ? `127.0.0.1:${address}` : address];
    }),
  );
}

/** How a runtime is started so that its collector leaves little garbage, and can be asked: what a server then grows by, it holds. */
function collecting(id, flags) {
  if (id === "bun") return { args: flags, env: { BUN_JSC_forceRAMSize: String(64 * 1024 * 1024) } };
  const v8 = ["--expose-gc", "--max-semi-space-size=1"];
  if (id !== "deno") return { args: [...v8, ...flags], env: {} };
  return { args: [...flags, `--v8-flags=${v8.join(",")}`], env: {} };
}

/** The option that lets our programs speak TLS. */
function when(tls) {
  return tls ? ["--tls"] : [];
}

function once(make) {
  let made;
  return () => made ??= make();
}

async function inParallel(cases, atOnce, runCase) {
  let next = 0;
  const work = async () => {
    while (next < cases.length) {
      const one = cases[next++];
      try {
        await runCase(one);
      } catch (error) {
        await runCase({ name: one.name, check: () => ({ passed: [], failed: [["the case", error.message]] }) });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Counts and prints a result; with `shown` also what passed, where that says how well. */
function report(name, { passed, failed }, totals, { shown = false } = {}) {
  totals.passed += passed.length;
  totals.failed += failed.length;
  if (passed.length + failed.length === 0) return;
  console.log(`${failed.length === 0 ? "ok  " : "FAIL"} ${name}: ${passed.length} passed, ${failed.length} failed`);
  if (shown) { for (const text of passed) console.log(`       ${text}`); }
  for (const [, text] of failed) console.log(text.trim().replace(/^/gm, "       "));
}

await run(async () => {
  const words = process.argv.slice(2);
  const wanted = (name) => words.every((word) => name.includes(word));
  const peers = {
    go: await goPeers(),
    consul: await consulProgram(),
    java: await javaPeers(),
    apache: await apachePeers(),
    runtimes: await runtimes(),
  };
  const folder = mkdtempSync(join(tmpdir(), "updraft-interop-"));
  const servers = new Servers(peers, folder);
  const totals = { passed: 0, failed: 0 };
  try {
    const cases = allCases(peers, servers).filter(({ name }) => wanted(name));
    if (cases.length === 0) throw new Error(`no case has all of: ${words.join(" ")}`);
    console.log(`${cases.length} cases`);
    const runCase = async ({ name, check, alone }) => report(name, await check(), totals, { shown: alone });
    await inParallel(cases.filter(({ alone }) => !alone), Math.max(2, Math.min(4, availableParallelism())), runCase);
    await inParallel(cases.filter(({ alone }) => alone), 1, runCase);
  } finally {
    for (const [name, result] of await servers.stop()) report(name, result, totals);
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed > 0 || totals.passed === 0 ? 1 : 0;
});
