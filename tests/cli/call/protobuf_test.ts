/**
 * `updraft call` with services of Protocol Buffers, described by files and by servers themselves; and Thrift over gRPC.
 *
 * @module
 */
import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { run } from "../../../cli/run.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { addReflection } from "../../../codecs/grpc/reflection.ts";
import { createServer, kitex, type RunningServer, ttheaderStreaming } from "../../../mod.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { EchoService, StreamService } from "../../interop/gen/echo.ts";
import { file_echo } from "../../interop/gen/echo_pb.ts";
import { echoHandlers, streamHandlers } from "../../interop/handlers.ts";
import { PbEcho, PbStream, protoHandlers, protoStreamHandlers } from "../../interop/proto_handlers.ts";
import { memoryPlatform } from "../memory_platform.ts";

let server: RunningServer;

beforeAll(async () => {
  const made = createServer({ protocols: [ttheaderStreaming(), kitex(), grpc()] })
    .add(EchoService, echoHandlers())
    .add(StreamService, streamHandlers())
    .add(PbEcho, protoHandlers())
    .add(PbStream, protoStreamHandlers());
  addReflection(made);
  server = await made.listen({ hostname: "127.0.0.1", port: 0 });
});

afterAll(() => server.close());

/** A file and what it imports, as `buf build -o` and `protoc --descriptor_set_out` write them. */
function setOf(file: DescFile): Uint8Array {
  const all = (one: DescFile): DescFile[] => [...one.dependencies.flatMap(all), one];
  return toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, { file: all(file).map(({ proto }) => proto) }),
  );
}

/** Runs `updraft call` with the server's address for ADDRESS; `echo.binpb` is the contract. */
async function call(args: readonly string[], stdin = ""): Promise<{ code: number; out: string; err: string }> {
  const words = args.map((arg) => arg === "ADDRESS" ? server.address : arg);
  const thrift = await (await autoPlatform()).files.readText(
    new URL("../../interop/echo.thrift", import.meta.url).pathname,
  );
  const { platform, printed } = memoryPlatform(["call", ...words], { "echo.thrift": thrift }, { stdin });
  const read = (path: string): Promise<Uint8Array> =>
    Promise.resolve(path === "echo.binpb" ? setOf(file_echo) : new TextEncoder().encode("none"));
  const code = await run({ ...platform, files: { ...platform.files, read } });
  return { code, ...printed };
}

const SET = ["--idl", "echo.binpb"];

for (const source of [SET, ["--reflect"], ["--protocol", "grpc"]]) {
  describe(`updraft call ${source.join(" ")}`, () => {
    it("prints answers in the JSON form of Protocol Buffers", async () => {
      const request = '{"msg":"hi","all":{"vi64":"9223372036854775807","venum":"GREEN","mii":{"7":{"num":1}}}}';
      const { code, out, err } = await call(["ADDRESS", "echo.pb.PbEcho/Echo", request, ...source]);
      assertEquals([code, err], [0, ""]);
      assertEquals(JSON.parse(out), JSON.parse(request));
      assertStringIncludes(out, '{\n  "msg": "hi",\n  "all": {\n    "vi64": "9223372036854775807",\n');
    });

    it("streams lines of JSON both ways", async () => {
      const stdin = '{"msg":"a"}\n\n{"msg":"b"}\n';
      const both = await call(["ADDRESS", "PbStream.Bidi", ...source], stdin);
      assertEquals([both.code, both.err, both.out.split("\n").map((line) => line && JSON.parse(line).msg)], [
        0,
        "",
        ["a", "b", ""],
      ]);
      const up = await call(["ADDRESS", "ClientStream", "-", ...source], stdin);
      assertEquals([up.code, Object.keys(JSON.parse(up.out))], [0, ["msg"]]);
      const down = await call(["ADDRESS", "ServerStream", '{"msg":"3:x"}', ...source]);
      assertEquals([down.code, down.out.split("\n").length], [0, 4]);
      const bad = await call(["ADDRESS", "Bidi", ...source], '{}\n{"nope":1}\n');
      assertEquals(bad.code, 1);
      assertStringIncludes(bad.err, "updraft: message in line 2: ");
      assertStringIncludes(bad.err, '"nope"');
    });

    it("describes services, and shows requests that can be sent", async () => {
      const address = source === SET ? [] : ["ADDRESS"];
      const { out } = await call([...address, "--describe", ...source]);
      assertStringIncludes(out, "service echo.pb.PbEcho\n  echo.pb.EchoResponse Echo(request: echo.pb.EchoRequest)\n");
      assertStringIncludes(out, "  bidi stream echo.pb.EchoResponse Bidi(request: echo.pb.EchoRequest)\n");
      const { out: example } = await call([...address, "PbEcho.Echo", "--example", ...source]);
      const { all, msg } = JSON.parse(example);
      assertEquals([msg, all.vi64, all.venum, all.mss, all.cs, all.cn], [
        "",
        "0",
        "COLOR_NONE",
        { key: "" },
        "",
        undefined,
      ]);
      assertEquals((await call(["ADDRESS", "PbEcho.Echo", example, ...source])).code, 0);
    });

    it("tells failures apart", async () => {
      const biz = await call(["ADDRESS", "BizError", '{"code":404,"msg":"gone","extra":{"k":"v"}}', ...source]);
      assertEquals([biz.code, biz.err], [4, 'updraft: business status 404: gone {"k":"v"}\n']);
      const status = await call(["ADDRESS", "PbEcho.Fail", '{"kind":"status"}', ...source]);
      assertEquals([status.code, status.err], [
        5,
        "updraft: the server answered with FAILED_PRECONDITION (code 9): declared\n",
      ]);
      const json = await call(["ADDRESS", "PbEcho.Fail", '{"kind":"status"}', "--json", ...source]);
      assertEquals(JSON.parse(json.err).status, "FAILED_PRECONDITION");
      const late = await call(["ADDRESS", "Sleep", '{"ms":60000}', "--timeout", "300ms", ...source]);
      assertEquals(late.code, 5);
      assertStringIncludes(late.err, " passed its deadline\n"); // this side says so, or the server, whoever is first
    });

    it("refuses requests that do not fit, and says why", async () => {
      const { code, err } = await call(["ADDRESS", "PbEcho.Echo", '{"msg":5}', ...source]);
      assertEquals(code, 1);
      assertStringIncludes(err, "EchoRequest.msg");
      const none = await call(["ADDRESS", "PbEcho.Sleep", ...source]);
      assertEquals([none.code, none.err], [
        2,
        "updraft: Sleep needs a request: JSON, @FILE or -, such as\n  '{\"ms\":0}'\nTry updraft call --help\n",
      ]);
      assertEquals((await call(["ADDRESS", "PbEcho.Ehco", "{}", ...source])).code, 2);
    });

    it("sends metadata, and measures many calls", async () => {
      const meta = ["--meta", "A=1", "--persist", "B=2", "-H", "X-Own=3"];
      const { code, out, err } = await call(["ADDRESS", "PbEcho.Meta", "{}", "-v", ...meta, ...source]);
      const { transientKV, persistentKV } = JSON.parse(out);
      assertEquals([code, transientKV, persistentKV], [0, { A: "1" }, { B: "2" }]);
      assertStringIncludes(err, `> echo.pb.PbEcho.Meta to ${server.address} (grpc)\n`);
      assertStringIncludes(err, "> header x-own=3\n");
      const many = ["--repeat", "20", "--concurrency", "4", "--json"];
      const measured = JSON.parse((await call(["ADDRESS", "PbEcho.Echo", "{}", ...many, ...source])).out);
      assertEquals([measured.calls, measured.failed], [20, 0]);
      assert(measured.latencyMs.p50 > 0);
    });
  });
}

describe("updraft call", () => {
  it("calls Protocol Buffers in Kitex's envelope, and in TTHeader, streams too", async () => {
    for (const protocol of ["kitex-protobuf", "ttheader", "ttheader-framed"]) {
      const { code, out } = await call(["ADDRESS", "PbEcho.Echo", '{"msg":"x"}', "-p", protocol, ...SET]);
      assertEquals([code, JSON.parse(out)], [0, { msg: "x" }], protocol);
    }
    const stream = await call(["ADDRESS", "PbStream.Bidi", "-p", "ttheader", ...SET], '{"msg":"a"}');
    assertEquals([stream.code, JSON.parse(stream.out).msg], [0, "a"]);
  });

  it("calls Thrift over gRPC, streams too", async () => {
    const thrift = ["--idl", "echo.thrift", "-p", "grpc"];
    assertEquals(await call(["ADDRESS", "EchoService.echoString", '"x"', ...thrift]), {
      code: 0,
      out: '"x"\n',
      err: "",
    });
    const { code, out } = await call(["ADDRESS", "--describe", "StreamService", ...thrift]);
    assertEquals(code, 0);
    const bidi = /bidi stream \w+ (\w+)\(/.exec(out)?.[1];
    assert(bidi !== undefined, out);
    assertEquals((await call(["ADDRESS", `StreamService.${bidi}`, ...thrift], "{}\n{}\n")).out.split("\n").length, 3);
  });

  it("says which protocols carry a service, and where services may be described", async () => {
    const cases: [args: string[], text: string][] = [
      [
        ["ADDRESS", "PbEcho.Echo", "{}", "-p", "framed", ...SET],
        "framed does not carry Protocol Buffers, as PbEcho is: choose one of ttheader, ttheader-framed, kitex-protobuf, grpc",
      ],
      [
        ["ADDRESS", "EchoService.echoString", '""', "-p", "kitex-protobuf", "--idl", "echo.thrift"],
        "kitex-protobuf does not carry Thrift, as EchoService is: choose one of ttheader, ttheader-framed, framed, buffered, grpc",
      ],
      [["ADDRESS", "PbEcho.Echo", "{}", "-p", "ttheader", "-H", "a=b", ...SET], "--header is for gRPC"],
      [["ADDRESS", "PbEcho.Echo", "{}"], "say where the service is described: --idl FILE, or --reflect"],
      [["ADDRESS", "PbEcho.Echo", "{}", "--reflect", ...SET], "--idl and --reflect exclude each other"],
      [["ADDRESS", "PbEcho.Echo", "{}", "--reflect", "-p", "framed"], "--reflect is for gRPC, not framed"],
      [["--describe", "--reflect"], "name the ADDRESS of the server to ask"],
    ];
    for (const [args, text] of cases) {
      const { code, err } = await call(args);
      assertEquals(code, 2, err);
      assertStringIncludes(err, `updraft: ${text}`);
    }
    const broken = await call(["ADDRESS", "PbEcho.Echo", "{}", "--idl", "none.binpb"]);
    assertEquals(broken.code, 1);
    assertStringIncludes(broken.err, "not a descriptor set");
  });

  it("says so where a server does not tell of itself", async () => {
    await using mute = await createServer({ protocols: [grpc()] })
      .add(EchoService, echoHandlers()).listen({ hostname: "127.0.0.1", port: 0 });
    const { code, err } = await call([mute.address, "--describe", "--reflect"]);
    assertEquals(code, 5);
    assertStringIncludes(err, "UNIMPLEMENTED (code 12)");
    const nobody = await call(["unix:/nowhere/at/all", "--describe", "--reflect"]);
    assertEquals(nobody.code, 5);
    assertStringIncludes(nobody.err, "cannot connect to unix:/nowhere/at/all");
  });

  it("compiles .proto files by buf", async () => {
    const own = await autoPlatform();
    const proto = new URL("../../interop/echo.proto", import.meta.url).pathname;
    const { platform, printed } = memoryPlatform(
      ["call", server.address, "PbEcho.Echo", '{"msg":"from a file"}', "--idl", proto],
    );
    const code = await run({ ...own, args: platform.args, stdout: platform.stdout, stderr: platform.stderr });
    assertEquals([code, JSON.parse(printed.out)], [0, { msg: "from a file" }]);
  });
});
