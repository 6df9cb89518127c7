import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import { exceptionOf, genericService } from "../../codecs/generic/generic_service.ts";
import { buffered, framed } from "../../codecs/thrift/protocol.ts";
import { ttheader } from "../../codecs/ttheader/protocol.ts";
import { ttheaderStreaming } from "../../codecs/ttheader/stream/protocol.ts";
import { memoryReader } from "../../idl/load.ts";
import { loadSchemas } from "../../idl/load_schemas.ts";
import { RpcError } from "../../lib/errors.ts";
import type { RunningServer } from "../../lib/rpc/running_server.ts";
import { createServer } from "../../lib/rpc/server.ts";
import { auto } from "../../transports/auto.ts";
import { memoryPlatform } from "./memory_platform.ts";

const IDL = `
enum Color { RED = 1, BLUE = 2 }
exception Bad { 1: i32 code }
struct R { 1: string s 2: i64 n 3: optional Color color 4: map<i32, double> m }
service Svc {
  R echo(1: R r) throws (1: Bad bad)
  i64 add(1: i64 a, 2: i64 b)
  void nop()
  oneway void fire(1: R r)
  string fail(1: R r)
  string hang()
  R both(1: R r) (streaming.mode = "bidirectional")
  R up(1: R r) (streaming.mode = "client")
  R down(1: R r) (streaming.mode = "server")
}
service Other { void nop() }
`;

interface R {
  readonly s: string;
  readonly n: bigint;
}

let server: RunningServer;
let called: () => void = () => undefined;

beforeAll(async () => {
  const schemas = await loadSchemas(["a.thrift"], memoryReader({ "a.thrift": IDL }));
  const service = genericService(schemas.service("Svc")!);
  server = await createServer({
    transport: auto(),
    protocols: [
      ttheaderStreaming(),
      ttheader(),
      framed(),
      buffered(),
      framed({ payload: "compact" }),
      framed({ payload: "json" }),
    ],
  }).add(service, {
    echo(r: R) {
      if (r.s === "bad") throw exceptionOf(service, "Bad", { code: 5 });
      return r;
    },
    add: (a: bigint, b: bigint) => a + b,
    nop: () => undefined,
    fire: () => undefined,
    fail(r: R) {
      if (r.s === "biz") throw new RpcError("business", "not found", { code: 404, extra: { b: "v" } });
      throw new Error("boom");
    },
    hang(context: { readonly signal: AbortSignal }) {
      called();
      return new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
    },
    async *both(rs: AsyncIterable<R>) {
      for await (const r of rs) yield { ...r, s: `${r.s}!` };
    },
    async up(rs: AsyncIterable<R>) {
      let n = 0n;
      for await (const r of rs) n += r.n;
      return { s: "sum", n };
    },
    async *down(r: R) {
      for (let i = 0; i < 3; i++) yield { s: r.s, n: i };
    },
  }).listen({ hostname: "127.0.0.1", port: 0 });
});

afterAll(() => server.close());

/** Runs `updraft call` with the server's address for ADDRESS. */
async function call(
  args: readonly string[],
  settings: { readonly stdin?: string; readonly terminal?: boolean; readonly files?: Record<string, string> } = {},
): Promise<{ code: number; out: string; err: string }> {
  const words = args.map((arg) => arg === "ADDRESS" ? server.address : arg);
  const files = { "a.thrift": IDL, ...settings.files };
  const { platform, printed } = memoryPlatform(["call", "--idl", "a.thrift", ...words], files, settings);
  const stdin = new Blob([settings.stdin ?? ""]).stream();
  const code = await run({ ...platform, stdin });
  return { code, ...printed };
}

describe("updraft call", () => {
  it("prints the answer, with every digit", async () => {
    const request = '{"s":"x","n":9223372036854775807,"color":"BLUE","m":{"1":"NaN"}}';
    const { code, out, err } = await call(["ADDRESS", "Svc.echo", request]);
    const lines = [
      "{",
      '  "s": "x",',
      '  "n": 9223372036854775807,',
      '  "color": 2,',
      '  "m": {',
      '    "1": "NaN"',
      "  }",
      "}",
    ];
    assertEquals({ code, out, err }, { code: 0, out: `${lines.join("\n")}\n`, err: "" });
  });

  it("speaks every protocol and payload", async () => {
    for (
      const option of [
        "--protocol=ttheader",
        "--protocol=ttheader-framed",
        "--protocol=framed",
        "--protocol=buffered",
        "--payload=compact",
        "--payload=json",
      ]
    ) {
      assertEquals(await call(["ADDRESS", "add", "[5, 6]", option]), { code: 0, out: "11\n", err: "" }, option);
    }
  });

  it("takes several arguments by name too, and refuses others", async () => {
    assertEquals((await call(["ADDRESS", "add", '{"b":"6","a":5}'])).out, "11\n");
    const { code, err } = await call(["ADDRESS", "add", '{"a":5,"c":6}']);
    assertEquals([code, err], [1, 'updraft: add has no argument "c", but a, b\n']);
  });

  it("reads requests from files and standard input", async () => {
    const files = { "r.json": '{"s":"file"}' };
    assertStringIncludes((await call(["ADDRESS", "echo", "@r.json"], { files })).out, '"s": "file"');
    assertStringIncludes((await call(["ADDRESS", "echo", "-"], { stdin: '{\n"s":"stdin"}' })).out, '"s": "stdin"');
  });

  it("prints nothing for void and oneway", async () => {
    assertEquals(await call(["ADDRESS", "Svc.nop"]), { code: 0, out: "", err: "" });
    assertEquals(await call(["ADDRESS", "fire", "{}"]), { code: 0, out: "", err: "" });
  });

  it("tells declared exceptions, failures and lost connections apart", async () => {
    assertEquals(await call(["ADDRESS", "echo", '{"s":"bad"}']), {
      code: 3,
      out: "",
      err: 'updraft: exception Bad: {"code":5}\n',
    });
    const { code, err } = await call(["ADDRESS", "echo", '{"s":"bad"}', "--json"]);
    assertEquals([code, JSON.parse(err)], [3, { kind: "exception", name: "Bad", fields: { code: 5 } }]);
    assertEquals(await call(["ADDRESS", "fail", "{}"]), {
      code: 5,
      out: "",
      err: "updraft: the server answered with internal (code 6): boom\n",
    });
    const business = await call(["ADDRESS", "fail", '{"s":"biz"}']);
    assertEquals([business.code, business.err], [4, 'updraft: business status 404: not found {"b":"v"}\n']);
    const refused = await call(["unix:/nowhere/at/all", "Svc.nop"]);
    assertEquals(refused.code, 5);
    assertStringIncludes(refused.err, "updraft: connect: ");
    const late = await call(["ADDRESS", "hang", "--timeout", "20ms"]);
    assertEquals(late.code, 5);
    assertStringIncludes(late.err, "updraft: timeout: Svc.hang to ");
  });

  it("says what is wrong with a request, and where", async () => {
    assertEquals(
      (await call(["ADDRESS", "echo", '{"s":1'])).err,
      'updraft: JSON line 1 column 7: expected "," or "}", got the end\n',
    );
    const { code, err } = await call(["ADDRESS", "echo", '{"n":"zz"}']);
    assertEquals([code, err], [1, 'updraft: echo_args.r.n: expected an i64, got "zz"\n']);
    const typo = await call(["ADDRESS", "echo", '{"S":"x"}']); // not sent without it, as if nothing had been said
    assertEquals([typo.code, typo.err.includes("echo_args.r") && typo.err.includes("S")], [1, true]);
  });

  it("knows what was meant", async () => {
    const cases: [args: string[], text: string][] = [
      [["ADDRESS", "Svc.ehco", "{}"], "there is no method Svc.ehco, did you mean echo?"],
      [["ADDRESS", "Scv.echo", "{}"], "there is no service Scv, did you mean Svc?"],
      [["ADDRESS", "nop"], "several services have a method nop: choose Svc.nop, Other.nop"],
      [
        ["ADDRESS", "echo"],
        'echo needs a request: JSON, @FILE or -, such as\n  \'{"s":"","n":0,"color":"RED","m":{"0":0}}\'',
      ],
      [["ADDRESS", "Svc.nop", "{}"], "nop takes no request"],
      [["ADDRESS"], "name an ADDRESS and a SERVICE.METHOD"],
      [["ADDRESS", "echo", "{", "}"], "one request at most, not } as well: quote JSON with '...'"],
      [["nowhere", "echo", "{}"], 'target "nowhere" has no port: expected host:port or unix:/path'],
      [
        ["ADDRESS", "echo", "{}", "--payload", "json", "-p", "ttheader"],
        "ttheader carries binary messages only, not json",
      ],
      [["ADDRESS", "echo", "{}", "--meta", "a"], '--meta is "a", not KEY=VALUE'],
      [["ADDRESS", "echo", "{}", "--timeout", "5"], '--timeout is "5", not a time such as 500ms, 2s or 1m'],
      [["ADDRESS", "echo", "{}", "--repeat", "0"], '--repeat is "0", not a number from 1 on'],
      [["ADDRESS", "echo", "{}", "--concurrency", "2"], "--concurrency needs --repeat or --duration"],
      [["ADDRESS", "down", "{}", "--repeat", "2"], "methods that stream cannot be repeated"],
    ];
    for (const [args, text] of cases) {
      const { code, err } = await call(args);
      assertEquals(code, 2);
      assertStringIncludes(err, `updraft: ${text}\n`);
    }
  });

  it("reports errors of the IDL", async () => {
    const { code, err } = await call(["ADDRESS", "echo", "{}"], { files: { "a.thrift": "struct A { 1: Nope x }" } });
    assertEquals(code, 1);
    assertStringIncludes(err, "a.thrift:1:15: error");
  });

  it("describes services, and shows requests", async () => {
    const { out } = await call(["--describe"]);
    assertStringIncludes(out, "service Svc\n  R echo(r: R) throws Bad\n  i64 add(a: i64, b: i64)\n  void nop()\n");
    assertStringIncludes(out, "  bidi stream R both(r: R)\n");
    assertEquals((await call(["--describe", "Svc.fire"])).out, "service Svc\n  oneway void fire(r: R)\n");
    const example = JSON.parse((await call(["Svc.echo", "--example"])).out);
    assertEquals(example, { s: "", n: 0, color: "RED", m: { 0: 0 } });
    assertEquals((await call(["ADDRESS", "echo", JSON.stringify(example)])).code, 0);
  });

  it("shows requests with the IDL's defaults", async () => {
    const defaults =
      `struct D { 1: i32 n = 7 2: string s = "x" 3: bool b = true 4: i64 l = 9007199254740993 5: list<i32> c = [1] }
      service Defaults { void take(1: D d) }`;
    const { out } = await call(["take", "--example"], { files: { "a.thrift": defaults } });
    assertEquals(out.replace(/\s/g, ""), '{"n":7,"s":"x","b":true,"l":9007199254740993,"c":[0]}');
  });

  it("streams lines of JSON both ways", async () => {
    const stdin = '{"s":"a"}\n\n{"s":"b","n":1}\r\n';
    const both = await call(["ADDRESS", "both"], { stdin });
    assertEquals(both, { code: 0, out: '{"s":"a!","n":0,"m":{}}\n{"s":"b!","n":1,"m":{}}\n', err: "" });
    assertStringIncludes((await call(["ADDRESS", "up", "-"], { stdin: '{"n":1}\n{"n":2}' })).out, '"n": 3');
    assertEquals((await call(["ADDRESS", "down", '{"s":"d"}'])).out.split("\n").length, 4);
    const bad = await call(["ADDRESS", "both"], { stdin: '{}\n{"n:' });
    assertEquals([bad.code, bad.err], [
      1,
      "updraft: message in line 2: JSON line 1 column 2: a string without an end\n",
    ]);
    const misfit = await call(["ADDRESS", "both"], { stdin: '{}\n\n{"x":1}\n{}' });
    assertEquals(misfit.code, 1);
    assertMatch(misfit.err, /^updraft: message in line 3: .* has no field "x"\n$/);
    const json = await call(["ADDRESS", "up", "-", "--json"], { stdin: '{"n":"one"}' });
    assertMatch(json.err, /"message":"message in line 1: /);
  });

  it("measures many calls", async () => {
    const { code, out } = await call(["ADDRESS", "add", "[1,2]", "--repeat", "50", "--concurrency", "5", "--json"]);
    const { calls, failed, latencyMs, errors } = JSON.parse(out);
    assertEquals([code, calls, failed, errors], [0, 50, 0, {}]);
    assert(latencyMs.p50 > 0 && latencyMs.p50 <= latencyMs.p99 && latencyMs.p99 <= latencyMs.max);
    const failing = await call(["ADDRESS", "fail", "{}", "-n", "3"]);
    assertEquals(failing.code, 1);
    assertStringIncludes(failing.out, "3 failed\n       3 x the server answered with internal (code 6): boom\n");
  });

  it("ends when it is interrupted", async () => {
    const { platform, printed, interrupt } = memoryPlatform(
      ["call", "--idl", "a.thrift", server.address, "hang"],
      { "a.thrift": IDL },
    );
    const running = new Promise<void>((resolve) => called = resolve);
    const ended = run(platform);
    await running;
    interrupt();
    assertEquals(await ended, 130);
    assertEquals(printed.err, "updraft: interrupted\n");
  });

  it("says on request where the call goes", async () => {
    const { err } = await call(["ADDRESS", "Svc.nop", "-v", "--meta", "a=b=c", "--persist", "d=e"]);
    assertStringIncludes(err, `> Svc.nop to ${server.address} (ttheader)\n> meta a=b=c\n> persist d=e\n< after `);
  });

  it("colours JSON on terminals only, and lets no answer speak to them", async () => {
    const { out } = await call(["ADDRESS", "echo", '{"s":"\\u009b31m"}'], { terminal: true });
    assertStringIncludes(out, '\x1b[34m"s"\x1b[0m: \x1b[32m"\\u009b31m"\x1b[0m');
  });
});
