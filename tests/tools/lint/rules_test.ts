import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ImportKind, importProblem, resolve } from "../../../tools/lint/rules.ts";

type Row = readonly [from: string, specifier: string, kind?: ImportKind];

const ALLOWED: readonly Row[] = [
  ["mod.ts", "./codecs/thrift/protocol.ts"],
  ["mod.ts", "./transports/auto.ts", "dynamic"],
  ["lib/rpc/client.ts", "../io/raw.ts"],
  ["lib/io/web_streams.ts", "@std/streams"],
  ["transports/deno.ts", "./node_net.ts", "dynamic"],
  ["transports/bun.ts", "./address.ts"],
  ["transports/node_net.ts", "node:net"],
  ["transports/auto.ts", "./bun.ts", "dynamic"],
  ["codecs/grpc/session.ts", "../http2/frame.ts"],
  ["codecs/protobuf/message.ts", "@bufbuild/protobuf/wire"],
  ["idl/emit.ts", "../lib/schema/types.ts"],
  ["http/app.ts", "hono"],
  ["cli/main.ts", "../idl/load.ts"],
  ["examples/echo.ts", "@updraft/rpc/deno"],
  ["examples/echo.ts", "./gen/greeter.ts"],
  ["tests/lib/x_test.ts", "node:fs"],
];

const FORBIDDEN: readonly (readonly [...Row, reason: RegExp])[] = [
  ["mod.ts", "./transports/auto.ts", "static", /dynamic import\(\) only/],
  ["mod.ts", "./transports/deno.ts", "dynamic", /not transports\/deno\.ts/],
  ["mod.ts", "./idl/load.ts", "static", /not idl\/load\.ts/],
  ["core.ts", "./transports/memory.ts", "static", /not transports/],
  [
    "lib/rpc/client.ts",
    "../../codecs/thrift/protocol.ts",
    "type",
    /lib\/rpc\/ may import/,
  ],
  ["lib/io/connection.ts", "../rpc/call.ts", "type", /lib\/io\/ may import/],
  [
    "lib/io/connection.ts",
    "@std/streams",
    "static",
    /may import nothing from outside/,
  ],
  ["transports/deno.ts", "./bun.ts", "dynamic", /belongs to bun/],
  ["transports/auto.ts", "./bun.ts", "static", /belongs to bun/],
  ["transports/memory.ts", "./node_net.ts", "static", /belongs to node/],
  ["transports/auto.ts", "node:net", "static", /only transports\/<runtime>/],
  [
    "transports/node.ts",
    "../codecs/thrift/protocol.ts",
    "static",
    /not codecs/,
  ],
  [
    "codecs/thrift/protocol.ts",
    "../http2/frame.ts",
    "static",
    /not codecs\/http2/,
  ],
  ["middleware/retry.ts", "./timeout.ts", "static", /do not import each other/],
  ["idl/emit.ts", "../lib/io/raw.ts", "static", /not lib\/io/],
  [
    "http/app.ts",
    "@bufbuild/protobuf",
    "static",
    /may import hono from outside/,
  ],
  ["cli/main.ts", "../codecs/thrift/mod.ts", "static", /entry point/],
  ["examples/echo.ts", "../mod.ts", "static", /not mod\.ts/],
  [
    "examples/echo.ts",
    "hono",
    "static",
    /may import @updraft\/rpc from outside/,
  ],
  ["lib/errors.ts", "./io/raw", "static", /extension/],
  ["tests/lib/x_test.ts", "npm:hono", "static", /by bare name/],
];

describe("importProblem", () => {
  for (const [from, specifier, kind = "static"] of ALLOWED) {
    it(`lets ${from} import ${specifier} (${kind})`, () => {
      assertEquals(importProblem(from, specifier, kind), undefined);
    });
  }
  for (const [from, specifier, kind, reason] of FORBIDDEN) {
    it(`keeps ${specifier} out of ${from} (${kind})`, () => {
      assertMatch(importProblem(from, specifier, kind!) ?? "allowed", reason);
    });
  }
});

describe("resolve", () => {
  it("follows dots, also above the root", () => {
    assertEquals(resolve("lib/io/a.ts", "./b.ts"), "lib/io/b.ts");
    assertEquals(resolve("lib/io/a.ts", "../../mod.ts"), "mod.ts");
    assertEquals(resolve("mod.ts", "../x.ts"), "../x.ts");
  });
});
