/**
 * Runs every example on the current runtime and compares what it prints.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdirSync } from "node:fs";
import { ROOT, runProgram } from "../run_program.ts";

/** What each example prints. */
const PRINTS: Readonly<Record<string, readonly string[]>> = {
  "discovery.ts": [
    "answered by ada and bob",
    "answered by ada and bob and eve",
    "answered by bob and eve",
    "answered by bob and eve",
  ],
  "echo.ts": ["hello Ada", "你好 Ada", "4611686018427387905n"],
  "exceptions.ts": [
    "not found: bob (no account bob)",
    "internal: out of greetings",
    "timeout: the handler never answers",
  ],
  "grpc.ts": ["hello Ada, speaking English; served by updraft", "3: who are you?"],
  "grpc_proxy.ts": ["hello Ada, speaking English; served by the backend", "3: who are you?"],
  "generic.ts": [
    '{"id":"ada","balance":"9007199254740993","keys":{"main":"AQI="}}',
    'NotFound: {"id":"bob"}',
    '{"id":"ada","balance":9007199254740993,"keys":{"main":"AQI="}}',
  ],
  "hello.ts": ["hello Ada"],
  "middleware.ts": [
    "client > hello",
    "server > hello",
    "server < hello",
    "client < hello",
    "hello Ada",
    "client > notes",
    "server > notes",
    "server < notes",
    "client < notes",
    "notes is not allowed",
  ],
  "oneway.ts": ["3 notes arrived"],
  "streaming.ts": ["Ada says hello", "Bob says hi", "loaded 3", "two", "three"],
  "validate.ts": [
    "name: must have 1 byte at least (min_size)",
    "age: must be 150 at most (le)",
    "the client: invalid",
    "the server: arguments of Guarded.join: member.name must have 1 byte at least (min_size)",
    "welcome Ada",
  ],
  "tls.ts": ["with a certificate: hello Ada", "without one: refused", "over TLS: hello Ada", "plain: hello Ada"],
  "unix_socket.ts": ["hello tcp", "hello unix"],
};

/** Modules that the examples share. */
const SHARED = ["certificates.ts", "client_certificate.ts", "handlers.ts"];

describe("examples", () => {
  for (const [name, lines] of Object.entries(PRINTS)) {
    it(`${name} prints what it should`, async () => {
      const { code, stdout, stderr } = await runProgram(`examples/${name}`);
      assertEquals({ code, stderr, lines: stdout.trimEnd().split("\n") }, { code: 0, stderr: "", lines });
    });
  }

  it("are all run here", () => {
    const files = readdirSync(`${ROOT}/examples`).filter((name) => name.endsWith(".ts"));
    assertEquals(files.sort(), [...Object.keys(PRINTS), ...SHARED].sort());
  });
});
