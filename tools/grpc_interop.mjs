/**
 * The gRPC and HTTP/2 cases of `npm run interop`: h2spec, grpc-go's interop client and server.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { runPeer } from "./peers.mjs";

const grpcClientFile = join(root, "tests", "interop", "grpc_client.ts");
/** Longest time one of h2spec's runs, or one case of grpc-go's client, may take. */
const CASE_MS = 120_000;
/** How many cases h2spec has; a run that counts others is no measure. */
const H2SPEC_CASES = 147;
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

/** Adds the cases. `runChecks` runs one of our programs; `servers` starts each server when it is first asked for. */
export function addGrpcCases(add, { go, runtimes }, servers, runChecks) {
  for (const runtime of runtimes) {
    const { id, program, flags } = runtime;
    add(`h2spec -> ${id} server`, async () => await h2spec(go.h2spec, await servers.http2(runtime)));
    add(`grpc-go client -> ${id} server`, async () => await grpcGo(go.grpcClient, await servers.grpc(runtime)));
    add(
      `${id} client -> grpc-go server`,
      async () => await runChecks(program, [...flags, grpcClientFile, await servers.grpcGo()]),
    );
  }
}

/** Runs h2spec in strict mode: what passed and what failed, by the names of the cases. */
async function h2spec(program, address) {
  const [host, port] = address.split(":");
  const args = ["-S", "-h", host, "-p", port, "-o", "2"];
  const { output, late } = await runPeer(program, args, { timeoutMs: CASE_MS });
  // Cases are told by a mark that overwrites the line before it; failed ones once more, with reasons, at the end.
  const [, total, passed, skipped] = /(\d+) tests, (\d+) passed, (\d+) skipped/.exec(output) ?? [];
  const names = [...output.matchAll(/✔ (\d+: .+)/g)].map(([, name]) => name.trim());
  const failed = output.slice(output.indexOf("Failures:")).split("\n").filter((line) => line.includes("× "));
  if (late || Number(total) !== H2SPEC_CASES || Number(skipped) > 0 || names.length !== Number(passed)) {
    return {
      passed: names,
      failed: [["h2spec", `${total ?? "no"} cases ran, ${skipped} were skipped: ${output.slice(-2000)}`]],
    };
  }
  if (Number(passed) === H2SPEC_CASES) return { passed: names, failed: [] };
  return { passed: names, failed: failed.map((line) => [line.trim(), line.trim()]) };
}

/** Runs grpc-go's cases one after the other. */
async function grpcGo(program, address) {
  const [host, port] = address.split(":");
  const passed = [];
  const failed = [];
  for (const name of GRPC_CASES) {
    const args = ["-server_host", host, "-server_port", port, "-test_case", name];
    const { code, output, late } = await runPeer(program, args, { timeoutMs: CASE_MS });
    if (code === 0 && !late) passed.push(name);
    else failed.push([name, `FAIL ${name}: ${output.trim().slice(-500)}`]);
  }
  return { passed, failed };
}
