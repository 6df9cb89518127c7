/**
 * The gRPC and HTTP/2 cases of `npm run interop`: h2spec, HPACK, grpc-go's interop client and server, grpc-java, grpc-js, connect-node and
 * grpcurl; and attacks that are measured.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { h2spec } from "./h2spec.mjs";
import { programOf, runPeer } from "./peers.mjs";

const grpcClientFile = join(root, "tests", "interop", "grpc_client.ts");
const grpcProxyFile = join(root, "tests", "interop", "grpc_proxy.ts");
const hpackFile = join(root, "tests", "interop", "hpack.ts");
const leaversFile = join(root, "tests", "interop", "grpc_leavers.ts");
const attacksFile = join(root, "tests", "interop", "grpc_attacks.ts");
/** What is measured on servers of their own: its name, the server's, and the file that does it. */
const MEASURED = [["attacks", "attacked", attacksFile], ["clients that leave", "left", leaversFile]];
/** Longest time a case of a foreign client may take. */
const CASE_MS = 120_000;
/** Longest time all attacks on a server may take. */
const ATTACKS_MS = 600_000;
/** The cases of grpc-go's client that need neither TLS nor accounts in a cloud. */
const GRPC_CASES = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
];

/** Its cases of compressed messages. */
const COMPRESSED_CASES = [
  "client_compressed_unary",
  "server_compressed_unary",
  "client_compressed_streaming",
  "server_compressed_streaming",
];
/** The cases of grpc-java's client beside those, and how long its soaks go on. */
const JAVA_CASES = [...GRPC_CASES, ...COMPRESSED_CASES, "pick_first_unary", "rpc_soak", "channel_soak"];
/**
 * What its server is asked. Of what the other cases of compressed messages need it does nothing: it compresses in `unaryCall` alone,
 * where `response_compressed` is set, never looks at `compressed` of a stream's parameters, nor anywhere at `expect_compressed`.
 */
const JAVA_SERVED_CASES = [...GRPC_CASES, "server_compressed_unary"];
const SOAK = [
  "--soak_iterations=20",
  "--soak_overall_timeout_seconds=60",
  // The first calls of a Java program take a second and more.
  "--soak_per_iteration_max_acceptable_latency_ms=20000",
];
/** Foreign peers in JavaScript: their names, files that serve or check the interop contract, and how they are told to. */
const JS_PEERS = [
  ["grpc-js", "grpc_js.mjs", ["serve"], ["check"]],
  ["connect-node", "connect_node.ts", ["serve", "2"], ["check", "grpc"]],
];
/** What grpcurl is asked to do without a `.proto` file, its exit code, and what its output has to have. */
const GRPCURL_CASES = [
  ["list", [], ["list"], 0, /^EchoService\n(?:.+\n)*grpc\.health\.v1\.Health\n(?:.+\n)*grpc\.testing\.TestService$/m],
  ["list a service", [], ["list", "grpc.testing.TestService"], 0, /^grpc\.testing\.TestService\.FullDuplexCall$/m],
  ["describe a service", [], ["describe", "grpc.testing.TestService"], 0, /rpc FullDuplexCall \( stream \./],
  ["describe a message", [], ["describe", ".grpc.testing.SimpleRequest"], 0, /int32 response_size = 2;/],
  ["describe a Thrift service", [], ["describe", "EchoService"], 1, /[Ss]ymbol not found: EchoService/],
  ["call", ["-d", '{"response_size": 3}'], ["grpc.testing.TestService/UnaryCall"], 0, /"body": "AAAA"/],
  [
    "call a stream",
    ["-d", '{"response_parameters": [{"size": 3}]} {"response_parameters": [{"size": 6}]}'],
    ["grpc.testing.TestService/FullDuplexCall"],
    0,
    /"body": "AAAA"[^]*"body": "AAAAAAAA"/,
  ],
  ["check the health", [], ["grpc.health.v1.Health/Check"], 0, /"status": "SERVING"/],
  [
    "check the health of a stranger",
    ["-d", '{"service": "stranger"}'],
    ["grpc.health.v1.Health/Check"],
    69,
    /Code: NotFound/,
  ],
];

/** Adds the cases. `runChecks` runs one of our programs; `servers` starts each server when it is first asked for. */
export function addGrpcCases(add, { go, java, runtimes }, servers, runChecks) {
  const oldNode = runtimes.some(({ id }) => id === "node24") ? runtimes.find(({ id }) => id === "node") : undefined;
  for (const runtime of runtimes) {
    const { id, program, flags } = runtime;
    add(`${id} HPACK <-> Go's`, async () => await runChecks(program, [...flags, hpackFile, go.hpack]));
    for (const tls of [false, true]) {
      const over = tls ? ", tls" : "";
      add(`h2spec -> ${id} server${over}`, async () => {
        return await h2spec(go.h2spec, await servers.http2(runtime, { tls }), tls);
      });
      add(`grpc-go channelz client -> ${id} server${over}`, async () => {
        const ca = tls ? [certificate("ca.pem")] : [];
        return await runChecks(go.channelz, [await servers.channelz(runtime, { tls }), ...ca]);
      });
      add(`grpc-go client -> ${id} server${over}`, async () => {
        return await grpcGo(go.grpcClient, await servers.grpc(runtime, { tls }), tls);
      });
      add(`${id} client -> grpc-go server${over}`, async () => {
        const address = await servers.grpcGo({ tls });
        const how = tls ? ["--tls"] : [];
        return await runChecks(program, [...flags, grpcClientFile, address, only(GRPC_CASES), ...how]);
      });
    }
    add(`grpc-go client -> ${id} proxy -> grpc-go server`, async () => {
      const proxy = [...flags, grpcProxyFile, await servers.grpcGo()];
      return await grpcGo(go.grpcClient, await servers.listening(`${id} grpc proxy`, program, proxy), false);
    });
    // grpc-go's programs have no cases of compressed messages: its server does not look at what it is asked for.
    add(
      `${id} client -> ${id} server, grpc compressed`,
      async () =>
        await runChecks(program, [...flags, grpcClientFile, await servers.grpc(runtime), only(COMPRESSED_CASES)]),
    );
    // Two Nodes have one engine between them: what takes long is tried on the newer.
    for (const [name, what, file] of runtime === oldNode ? [] : MEASURED) {
      add(`${name} -> ${id} server`, async () => {
        const { address, pid } = await servers.attacked(runtime, what);
        const peer = peerNode(runtimes);
        const args = [...peer.flags, file, address, String(pid), programOf("h2load", "nghttp2-client")];
        return await runChecks(peer.program, args, ATTACKS_MS);
      }, { alone: true });
    }
    add(`grpc-java client -> ${id} server`, async () => await grpcJava(java, await servers.grpc(runtime)));
    add(
      `${id} client -> grpc-java server`,
      async () =>
        await runChecks(program, [...flags, grpcClientFile, await servers.grpcJava(), only(JAVA_SERVED_CASES)]),
    );
    for (const [name, file, serve, check] of JS_PEERS) {
      const node = peerNode(runtimes);
      const path = join(root, "tests", "interop", "js", file);
      add(
        `${name} client -> ${id} server`,
        async () => await runChecks(node.program, [path, ...check, await servers.grpc(runtime)]),
      );
      add(`${id} client -> ${name} server`, async () => {
        const address = await servers.listening(name, node.program, [path, ...serve]);
        return await runChecks(program, [...flags, grpcClientFile, address, only(GRPC_CASES)]);
      });
    }
    add(`grpcurl -> ${id} server`, async () => await grpcurl(go.grpcurl, await servers.grpc(runtime)));
  }
}

/** The client's option for these cases. */
function only(cases) {
  return `--test_case=${cases.join(",")}`;
}

/** The Node for peers: one that takes TypeScript as it is. */
export function peerNode(runtimes) {
  return runtimes.find(({ id }) => id === "node24") ?? runtimes.find(({ id }) => id === "node");
}

/** Runs grpc-java's cases one after the other. */
async function grpcJava({ program, client }, address) {
  const [host, port] = address.split(":");
  const passed = [];
  const failed = [];
  for (const name of JAVA_CASES) {
    const where = [`--server_host=${host}`, `--server_port=${port}`, "--use_tls=false"];
    const args = [...client, ...where, `--test_case=${name}`, ...SOAK];
    const { code, output, late } = await runPeer(program, args, { timeoutMs: CASE_MS });
    if (code === 0 && !late && output.includes("Test completed.")) passed.push(name);
    else failed.push([name, `FAIL ${name}: ${output.trim().slice(-1000)}`]);
  }
  return { passed, failed };
}

/** Runs grpcurl's cases one after the other. */
async function grpcurl(program, address) {
  const passed = [];
  const failed = [];
  for (const [name, options, words, expected, pattern] of GRPCURL_CASES) {
    const args = ["-plaintext", ...options, address, ...words];
    const { code, output, late } = await runPeer(program, args, { timeoutMs: CASE_MS });
    if (code === expected && pattern.test(output) && !late) passed.push(name);
    else failed.push([name, `FAIL ${name}: exit code ${code}: ${output.trim().slice(-1000)}`]);
  }
  return { passed, failed };
}

/** The path of a certificate, or a key, of tests. */
export function certificate(name) {
  return join(root, "tests", "transports", "certs", name);
}

/** Runs grpc-go's cases one after the other. */
async function grpcGo(program, address, tls) {
  const [host, port] = address.split(":");
  const how = tls
    ? ["-use_tls", "-use_test_ca", "-ca_file", certificate("ca.pem"), "-server_host_override", "localhost"]
    : [];
  const passed = [];
  const failed = [];
  for (const name of GRPC_CASES) {
    const args = ["-server_host", host, "-server_port", port, "-test_case", name, ...how];
    const { code, output, late } = await runPeer(program, args, { timeoutMs: CASE_MS });
    if (code === 0 && !late) passed.push(name);
    else failed.push([name, `FAIL ${name}: ${output.trim().slice(-500)}`]);
  }
  return { passed, failed };
}
