/**
 * `updraft call` of Protocol Buffers, and over gRPC, against real peers: `call.ts KITEX_THRIFT KITEX_PB GRPC_GO`, where Kitex's
 * servers of `echo.thrift` and `echo.proto` are, and grpc-go's interop server.
 *
 * Prints `PASS name` or `FAIL name: text` a check, and then how many.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../cli/run.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { memoryPlatform } from "../cli/memory_platform.ts";
import { fileURLToPath } from "node:url";

const real = await autoPlatform();
const [kitexThrift = "", kitexPb = "", grpcGo = ""] = real.args;
const idl = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs `updraft call` with real files, and what it prints kept. */
async function call(args: readonly string[], stdin = ""): Promise<{ code: number; out: string; err: string }> {
  const { platform, printed } = memoryPlatform(["call", ...args]);
  const { stdout, stderr } = platform;
  const code = await run({ ...real, args: platform.args, stdout, stderr, stdin: new Blob([stdin]).stream() });
  return { code, ...printed };
}

const checks: [name: string, check: () => Promise<void>][] = [];

const PB = ["--idl", idl("echo.proto")];
for (const protocol of ["grpc", "kitex-protobuf", "ttheader", "ttheader-framed"]) {
  checks.push([`kitex protobuf ${protocol}`, async () => {
    const request = '{"msg":"hi","all":{"vi64":"9223372036854775807","venum":"GREEN"}}';
    const { code, out, err } = await call([kitexPb, "PbEcho.Echo", request, "-p", protocol, ...PB]);
    assertEquals([code, err], [0, ""]);
    assertEquals(JSON.parse(out), JSON.parse(request));
    assertEquals((await call([kitexPb, "PbEcho.Fail", '{"kind":"plain"}', "-p", protocol, ...PB])).code, 5);
    if (protocol === "kitex-protobuf") return; // no room for a business status
    const biz = await call([kitexPb, "BizError", '{"code":404,"msg":"gone"}', "-p", protocol, ...PB]);
    assertEquals([biz.code, biz.err], [4, "updraft: business status 404: gone\n"]);
  }]);
}

checks.push(
  ["kitex protobuf streams over grpc", async () => {
    const { code, out } = await call([kitexPb, "PbStream.Bidi", ...PB], '{"msg":"a"}\n{"msg":"b"}\n');
    assertEquals([code, out.trim().split("\n").map((line) => JSON.parse(line).msg)], [0, ["a", "b"]]);
  }],
  ["kitex thrift over grpc", async () => {
    const thrift = ["--idl", idl("echo.thrift"), "-p", "grpc"];
    assertEquals((await call([kitexThrift, "add", "[40, 2]", ...thrift])).out, "42\n");
    const { code, out } = await call([kitexThrift, "StreamService.bidi", ...thrift], '{"msg":"a"}\n{"msg":"b"}\n');
    assertEquals([code, out.trim().split("\n").length], [0, 2]);
  }],
);

const TESTING = ["--idl", idl("grpc_testing.proto")];
checks.push(
  ["grpc-go unary", async () => {
    const { code, out } = await call([grpcGo, "grpc.testing.TestService/UnaryCall", '{"responseSize":3}', ...TESTING]);
    assertEquals([code, JSON.parse(out).payload.body], [0, "AAAA"]);
  }],
  ["grpc-go streams of all kinds", async () => {
    const sizes = (...all: number[]): string =>
      all.map((size) => `{"responseParameters":[{"size":${size}}]}`).join("\n");
    const bodies = (out: string): string[] => out.trim().split("\n").map((line) => JSON.parse(line).payload.body);
    const bidi = await call([grpcGo, "FullDuplexCall", ...TESTING], sizes(3, 6));
    assertEquals([bidi.code, bodies(bidi.out)], [0, ["AAAA", "AAAAAAAA"]]);
    const down = await call([grpcGo, "StreamingOutputCall", sizes(3), ...TESTING]);
    assertEquals([down.code, bodies(down.out)], [0, ["AAAA"]]);
    const up = await call([grpcGo, "StreamingInputCall", ...TESTING], '{"payload":{"body":"AAAA"}}\n'.repeat(2));
    assertEquals([up.code, JSON.parse(up.out)], [0, { aggregatedPayloadSize: 6 }]);
  }],
  ["grpc-go metadata", async () => {
    const { code, err } = await call([
      ...[grpcGo, "UnaryCall", "{}", "-v", "-H", "X-Grpc-Test-Echo-Initial=there", ...TESTING],
    ]);
    assertEquals(code, 0);
    assertStringIncludes(err, "< x-grpc-test-echo-initial=there\n");
  }],
  ["grpc-go statuses", async () => {
    const { code, err } = await call([
      ...[grpcGo, "UnaryCall", '{"responseStatus":{"code":9,"message":"no"}}', ...TESTING],
    ]);
    assertEquals([code, err], [5, "updraft: the server answered with FAILED_PRECONDITION (code 9): no\n"]);
    assertEquals((await call([grpcGo, "TestService.UnimplementedCall", "{}", ...TESTING])).code, 5);
  }],
  ["grpc-go measured", async () => {
    const many = ["--repeat", "50", "--concurrency", "5", "--json"];
    const { code, out } = await call([grpcGo, "TestService.EmptyCall", "{}", ...many, ...TESTING]);
    assertEquals([code, JSON.parse(out).calls, JSON.parse(out).failed], [0, 50, 0]);
  }],
);

let failed = 0;
for (const [name, check] of checks) {
  try {
    await check();
    await real.stdout.write(`PASS ${name}\n`);
  } catch (error) {
    failed++;
    await real.stdout.write(`FAIL ${name}: ${error instanceof Error ? error.message.replaceAll("\n", " ") : error}\n`);
  }
}
await real.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
real.setExitCode(failed === 0 ? 0 : 1);
