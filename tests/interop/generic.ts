/**
 * Generic calls and `updraft call` against a server of `echo.thrift`: `generic.ts ADDRESS`, where a Kitex server is.
 *
 * Prints `PASS name` or `FAIL name: text` a check, and then how many.
 *
 * @module
 */
import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { run } from "../../cli/run.ts";
import { GenericException, genericService } from "../../codecs/generic/mod.ts";
import { loadSchemas } from "../../idl/load_schemas.ts";
import { buffered, createClient, framed, RpcError } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { memoryPlatform } from "../cli/memory_platform.ts";
import { fileURLToPath } from "node:url";

const real = await autoPlatform();
const [address = ""] = real.args;
const idl = await real.files.readText(fileURLToPath(new URL("echo.thrift", import.meta.url)));
const schemas = await loadSchemas(["echo.thrift"], {
  read: (path) => Promise.resolve(path === "echo.thrift" ? idl : null),
});

/** Every field of `AllTypes`, as JSON that comes back as it is. */
const ALL = {
  vbool: true,
  vbyte: -128,
  vi16: 32767,
  vi32: -2147483648,
  vi64: 9223372036854775807n,
  vdouble: 1.5,
  vstring: "é\u0000",
  vbinary: "AP8=",
  venum: 5,
  lstring: ["a", ""],
  li64: [-9223372036854775808n],
  si32: [1, 2],
  sstring: ["x"],
  mss: { k: "v" },
  mii: { 7: { name: "n" } },
  lli: [[1], []],
  msl: { a: [{ name: "b", num: 1 }] },
  inner: { name: "i", child: { name: "c", colors: [1, 2] } },
  linner: [],
  ts: 1n,
  lbinary: ["AQI="],
  lbool: [true, false],
  ldouble: [0.1],
  menum: { 1: 2.5 },
  choice: { n: 5n },
  obool: false,
  obyte: 1,
  oi16: 2,
  oi32: 3,
  oi64: 4n,
  odouble: 5.5,
  ostring: "6",
  obinary: "Bw==",
  oenum: 1,
  oinner: { name: "o" },
  olist: [8],
  dnum: 9,
  dname: "d",
  bigid: "big",
}; // deno-fmt-ignore

/** Runs `updraft call` on the server. */
async function call(args: readonly string[], stdin = ""): Promise<{ code: number; out: string; err: string }> {
  const { platform, printed } = memoryPlatform(["call", "--idl", "echo.thrift", address, ...args], { "echo.thrift": idl });
  const code = await run({ ...platform, stdin: new Blob([stdin]).stream() });
  return { code, ...printed };
}

const checks: [name: string, check: () => Promise<void>][] = [];

for (const protocol of [framed(), buffered()]) {
  const with_ = async (check: (client: ReturnType<typeof clientOf>) => Promise<void>): Promise<void> => {
    const client = clientOf();
    try {
      await check(client);
    } finally {
      await client.close();
    }
  };
  const clientOf = () =>
    createClient(genericService<"echoAll" | "fail" | "add" | "ping" | "echoBinary">(schemas.service("EchoService")!), {
      to: address,
      protocol,
      timeoutMs: 10_000,
    });
  checks.push(
    [`generic ${protocol.name} every type`, () => with_(async (c) => assertEquals(await c.echoAll(ALL), ALL))],
    [
      `generic ${protocol.name} zero values`,
      () =>
        with_(async (c) =>
          assertEquals((await c.echoAll({ inner: { name: "i" } }) as { inner: unknown }).inner, { name: "i" })
        ),
    ],
    [`generic ${protocol.name} scalars and void`, () =>
      with_(async (c) => {
        assertEquals(await c.add("9007199254740993", 1), 9007199254740994n);
        assertEquals(await c.echoBinary("AQI="), "AQI=");
        assertEquals(await c.ping(), undefined);
      })],
    [`generic ${protocol.name} declared exception`, () =>
      with_(async (c) => {
        const error = await c.fail("declared").then(() => undefined, (error) => error);
        assertInstanceOf(error, GenericException);
        assertEquals(error.fields, { code: 42, message: "declared" });
      })],
    [`generic ${protocol.name} undeclared error`, () =>
      with_(async (c) => {
        const error = await c.fail("plain").then(() => undefined, (error) => error);
        assertInstanceOf(error, RpcError);
        assertEquals([error.kind, error.remote], ["internal", true]);
      })],
  );
}

for (const protocol of ["ttheader", "ttheader-framed", "framed", "buffered"]) {
  checks.push([`call ${protocol}`, async () => {
    const all = JSON.stringify(ALL, (_, value) => typeof value === "bigint" ? String(value) : value);
    const { code, out, err } = await call(["echoAll", all, "-p", protocol, "--enum-names"]);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, '"vi64": 9223372036854775807,');
    assertStringIncludes(out, '"venum": "BLUE"');
    assertEquals((await call(["add", "[40, 2]", "-p", protocol])).out, "42\n");
    assertEquals(await call(["fail", '"declared"', "-p", protocol]), {
      code: 3,
      out: "",
      err: 'updraft: exception EchoException: {"code":42,"message":"declared"}\n',
    });
    assertEquals((await call(["fail", '"plain"', "-p", protocol])).code, 5);
  }]);
}

checks.push(
  ["call metadata", async () => {
    const { out, err } = await call(["meta", "-v", "--meta", "T=1", "--persist", "P=2"]);
    assertEquals(JSON.parse(out).persistentKV, { P: "2" });
    assertEquals(JSON.parse(out).transientKV, { T: "1" });
    assertStringIncludes(err, "< back-k1=back-v1\n");
  }],
  ["call business status", async () => {
    const { code, err } = await call(["bizError", '{"code":404,"msg":"not found","extra":{"a":"b"}}']);
    assertEquals([code, err], [4, 'updraft: business status 404: not found {"a":"b"}\n']);
  }],
  ["call streams", async () => {
    const { out } = await call(["StreamService.bidi"], '{"msg":"a"}\n{"msg":"b"}\n');
    assertEquals(out.trimEnd().split("\n").map((line) => JSON.parse(line).msg), ["a", "b"]);
    assertStringIncludes((await call(["clientStream"], '{"msg":"a"}\n{"msg":"b"}\n')).out, '"msg": "a,b"');
    const server = await call(["serverStream", '{"msg":"3:text"}']);
    assertEquals(server.out.trimEnd().split("\n").map((line) => JSON.parse(line).msg), ["text-0", "text-1", "text-2"]);
    assertEquals((await call(["serverStream", '{"msg":"err:409"}'])).code, 4);
  }],
  ["call many times", async () => {
    const { code, out } = await call(["add", "[1,2]", "--repeat", "200", "--concurrency", "10", "--json"]);
    assertEquals([code, JSON.parse(out).calls], [0, 200]);
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
