/**
 * Clients that leave at bad moments: `grpc_leavers.ts ADDRESS PID H2LOAD`, with `attacked_server.ts` at the address.
 *
 * What has ended other servers: h2load leaving in the middle of a call, fifty connections that close at once, header fields
 * larger than any frame, clients that are gone before their answers. The server must go on, and hold no more than before.
 * That it says nothing of errors, and ends well, is what its runner looks at. Prints a line a check.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient } from "../../core.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService } from "./gen/echo.ts";

const MIB = 1024 * 1024;
/** How much more the server may hold afterwards. */
const MOST_KEPT_MIB = 2;
/** How often each is done. */
const ROUNDS = 3;

const platform = await autoPlatform();
const { files } = platform;
const [to = "", , h2load = ""] = platform.args;
const client = createClient(EchoService, { to, transport: auto(), protocol: grpc(), timeoutMs: 20_000 });
const folder = await files.makeTempDir("updraft-leavers-");
/** Requests of `echoString("hi")`, and of `sleep` for ten seconds, with what gRPC puts before them. */
const ECHO = Uint8Array.of(0, 0, 0, 0, 10, 11, 0, 1, 0, 0, 0, 2, 0x68, 0x69, 0);
const SLEEP = Uint8Array.of(0, 0, 0, 0, 8, 8, 0, 1, 0, 0, 0x27, 0x10, 0);
const CHECKS: readonly (readonly [name: string, method: "echo" | "sleep", options: readonly string[]])[] = [
  ["h2load leaves in the middle of a call", "echo", ["-c1", "-m1", "-D1"]],
  ["h2load leaves in the middle of many", "echo", ["-c1", "-m100", "-D1"]],
  ["fifty connections close at once", "echo", ["-c50", "-m1", "-n5000"]],
  ["fifty connections close at once, calls under way", "echo", ["-c50", "-m10", "-D1"]],
  ["header fields of 16 KiB and more", "echo", ["-c5", "-m5", "-n100", "-H", `x-large: ${"x".repeat(17_000)}`]],
  ["header fields of 60 KiB", "echo", ["-c5", "-m5", "-n100", "-H", `x-large: ${"x".repeat(60_000)}`]],
  ["clients are gone before their answers", "sleep", ["-c50", "-m4", "-D1"]],
];

async function load(method: "echo" | "sleep", options: readonly string[]): Promise<string> {
  const fields = ["content-type: application/grpc+thrift", "te: trailers"].flatMap((field) => ["-H", field]);
  const path = method === "echo" ? "echoString" : "sleep";
  const url = `http://${to}/EchoService/${path}`;
  const child = await platform.spawn(h2load, [...options, "-d", `${folder}/${method}`, ...fields, url]);
  await child.stdin.close();
  const texts = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return `${texts[0]}${texts[1]}`;
}

/** What the server holds, after a collection of garbage, in MiB. */
async function liveMib(): Promise<number> {
  return JSON.parse(await client.echoString("memory")).live / MIB;
}

await files.write(`${folder}/echo`, ECHO);
await files.write(`${folder}/sleep`, SLEEP);
let failed = 0;
for (const [name, method, options] of CHECKS) {
  try {
    let output = await load(method, options);
    assert(/^requests: \d+ total/m.test(output), output);
    const before = await liveMib();
    for (let i = 0; i < ROUNDS; i++) output = await load(method, options);
    assertEquals(await client.echoString("after"), "after");
    const kept = await liveMib() - before;
    const done = /^requests: .*$/m.exec(output)?.[0] ?? "";
    assert(kept <= MOST_KEPT_MIB, `${kept.toFixed(1)} MiB more are held`);
    await platform.stdout.write(`PASS ${name}: ${kept.toFixed(1)} MiB kept; ${done}\n`);
  } catch (error) {
    failed++;
    await platform.stdout.write(`FAIL ${name}: ${error instanceof Error ? error.message : error}\n`);
  }
}
await client.close();
await files.remove(folder);
await platform.stdout.write(`${CHECKS.length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
