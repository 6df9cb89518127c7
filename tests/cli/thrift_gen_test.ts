import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { answer, runThriftGen } from "../../cli/thrift_gen.ts";
import { compile } from "../../idl/compile.ts";
import { emit } from "../../idl/emit/emit.ts";
import type { EmitOptions } from "../../idl/emit/options.ts";
import { memoryReader } from "../../idl/load.ts";
import { describeModule } from "../../idl/plugin/describe_program.ts";
import { AstFile, PluginRequest, type PluginResponse } from "../../idl/plugin/gen/protocol.ts";
import { decodeRequest, decodeResponse, encodeRequest } from "../../idl/plugin/protocol.ts";
import { RpcError } from "../../lib/errors.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { memoryPlatform } from "./memory_platform.ts";
import { PROBES } from "../idl/probes.ts";
import { spawnScript, textOf } from "../transports/fixtures.ts";

const GOLDEN = ["base", "names", "services", "constants", "held"];

describe("thrift-gen-ts", () => {
  for (const name of GOLDEN) {
    it(`makes of the description of ${name}.thrift what updraft gen makes of its text`, async () => {
      const texts = await goldenTexts();
      // a comment behind a function, or behind a bracket that opens, is not in the description
      const files = { ...texts, "services.thrift": (texts["services.thrift"] ?? "").replace(" // the sum", "") };
      await sameAsText(files, `${name}.thrift`, {}, []);
    });
  }
  it("takes the options of updraft gen", async () => {
    const options = { i64: "string", maps: "object", deepCopy: true, trim: ["Base.move"], runtime: "./rt.ts" } as const;
    const parameters = ["i64=string", "maps=object", "deep-copy=", "trim=Base.move", "runtime=./rt.ts"];
    await sameAsText(await goldenTexts(), "base.thrift", options, parameters);
  });
  it("makes of every probe without errors what updraft gen makes of it", async () => {
    let compared = 0;
    for (const { files, thriftgo } of PROBES) {
      if (thriftgo !== "accept") continue;
      // its comments are others, see docs/plugins.md
      const bare = Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path, /#|\/[/*]/.test(text) ? "" : text]),
      );
      if (bare["main.thrift"] === "") continue;
      const { diagnostics } = await compile(["main.thrift"], memoryReader(bare));
      if (diagnostics.some(({ severity }) => severity === "error")) continue;
      await sameAsText(bare, "main.thrift", {}, []);
      compared++;
    }
    assert(compared > 100, `${compared} probes`);
  });
  it("generates included files only when it is told to", async () => {
    const files = { "main.thrift": 'include "b.thrift" struct A { 1: b.B b }', "b.thrift": "struct B {}" };
    const request = await requestFor(files, "main.thrift", []);
    const names = async (recursive: boolean): Promise<(string | undefined)[] | undefined> =>
      (await answer({ ...request, recursive }, "/project")).contents?.map(({ name }) => name);
    assertEquals(await names(true), ["out/b.ts", "out/main.ts"]);
    assertEquals(await names(false), ["out/main.ts"]);
  });
  it("writes where thriftgo writes, or where it is told to", async () => {
    const files = { "main.thrift": "struct A {}" };
    const told = await answer(await requestFor(files, "main.thrift", ["out=/else/where"]), "/project");
    assertEquals(told.contents?.map(({ name }) => name), ["/else/where/main.ts"]);
  });
  it("answers with an error for what Thriftgo lets through and it does not", async () => {
    const service = {
      name: "S",
      base: "",
      annotations: [],
      comments: "",
      functions: [
        {
          name: "f",
          oneway: false,
          isVoid: true,
          arguments: [],
          throws: [field("x", "A")],
          annotations: [],
          comments: "",
        },
      ],
    };
    const struct = { category: "struct", name: "A", fields: [], annotations: [], comments: "" };
    const ast = AstFile.create({ filename: "/project/idl/a.thrift", structs: [struct], services: [service] });
    const { error, contents } = await answer(PluginRequest.create({ ast }), "/project");
    assertEquals(contents, undefined);
    assertEquals(
      error,
      "idl/a.thrift: error UT5006: A is not an exception\n  void f() throws (1: A x)\n  help: define it as an exception",
    );
  });
  it("answers with an error for options that it does not know", async () => {
    const answers: [string, string][] = [
      ["i64=float", 'thrift-gen-ts: i64 cannot be "float": choose bigint, number, string'],
      ["i46=string", "thrift-gen-ts: unknown option i46, did you mean i64?"],
      ["deep-copy=yes", "thrift-gen-ts: deep-copy takes no value"],
    ];
    for (const [parameter, message] of answers) {
      const request = await requestFor({ "main.thrift": "struct A {}" }, "main.thrift", [parameter]);
      assertEquals((await answer(request, "/project")).error, message);
    }
  });
  it("refuses descriptions that cannot be", async () => {
    const file = AstFile.create({ filename: "a.thrift" });
    file.includes.push({ path: "a.thrift", reference: file });
    const cyclic = { ...PluginRequest.create({ ast: file }) };
    const typeless = AstFile.create({ filename: "a.thrift" });
    typeless.typedefs.push({ alias: "T", annotations: [], comments: "" });
    const cases: [PluginRequest, string][] = [
      [cyclic, "files of the request include each other: a.thrift -> a.thrift"],
      [PluginRequest.create({ ast: typeless }), "the request leaves out a part of a typedef T"],
    ];
    for (const [request, message] of cases) {
      const error = await answer(request, "/project").then(() => undefined, (reason) => reason);
      assert(error instanceof RpcError);
      assertEquals(error.message, message);
    }
  });
  it("takes text that is no comment as one", async () => {
    const struct = { category: "struct", name: "A", fields: [], annotations: [], comments: "} struct B { //" };
    const ast = AstFile.create({ filename: "a.thrift", structs: [struct] });
    const { contents } = await answer(PluginRequest.create({ ast }), "/project");
    assertStringIncludes(contents?.[0]?.content ?? "", "/** } struct B { // */\nexport interface A {}");
  });
});

describe("the program thrift-gen-ts", () => {
  it("reads a request and writes an answer", async () => {
    const request = await requestFor({ "main.thrift": "struct A {}" }, "main.thrift", []);
    const { out, err, code } = await runProgram([], encodeRequest(request));
    assertEquals([code, err], [0, ""]);
    assertEquals(decodeResponse(out).contents?.map(({ name }) => name), ["out/main.ts"]);
  });
  it("says what is wrong with an input that is no request", async () => {
    const { out, err, code } = await runProgram([], new TextEncoder().encode("struct A {}\n"));
    assertEquals([out.length, code], [0, 1]);
    assertStringIncludes(err, "thrift-gen-ts: ");
    assert(!err.includes("bug"), err);
  });
  it("explains itself", async () => {
    const { out, code } = await runProgram(["--help"], new Uint8Array(0));
    assertEquals(code, 0);
    assertStringIncludes(
      new TextDecoder().decode(out),
      "thriftgo -r -g go:skip_go_gen,thrift_streaming -p ts=thrift-gen-ts",
    );
  });
  it("does not take arguments", async () => {
    const memory = memoryPlatform(["a.thrift"]);
    assertEquals(await runThriftGen(memory.platform), 2);
    assertStringIncludes(memory.printed.err, "Usage: ");
  });
});

async function goldenTexts(): Promise<Record<string, string>> {
  const { files } = await autoPlatform();
  const folder = decodeURIComponent(new URL("../golden", import.meta.url).pathname);
  const texts: Record<string, string> = {};
  for (const name of [...GOLDEN, "types"]) texts[`${name}.thrift`] = await files.readText(`${folder}/${name}.thrift`);
  // the description has no form for this type
  texts["constants.thrift"] = (texts["constants.thrift"] ?? "").replace(/^const uuid .*$/m, "");
  return texts;
}

async function sameAsText(
  files: Record<string, string>,
  main: string,
  options: EmitOptions,
  parameters: readonly string[],
): Promise<void> {
  const response = await answer(await requestFor(files, main, parameters), "/project");
  assertEquals(response.error, undefined, files[main]);
  const { value } = await compile([main], memoryReader(files));
  const expected = emit(value, options).value;
  assertEquals(textsOf(response), expected.map(({ path, text }) => [`out/${path}`, text]), files[main]);
}

function textsOf(response: PluginResponse): [string | undefined, string][] | undefined {
  return response.contents?.map(({ name, content }) => [name, content]);
}

/** A request as it comes from a process. */
async function requestFor(
  files: Record<string, string>,
  main: string,
  pluginParameters: readonly string[],
): Promise<PluginRequest> {
  const { value } = await compile([main], memoryReader(files));
  return decodeRequest(encodeRequest(PluginRequest.create({
    version: "0.4.5",
    language: "go",
    outputPath: "out",
    recursive: true,
    pluginParameters: [...pluginParameters],
    ast: describeModule(value.mains[0]!),
  })));
}

function field(name: string, typeName: string): AstFile["structs"][number]["fields"][number] {
  const type = { name: typeName, cppType: "", annotations: [], category: 13 as const };
  return { id: 1, name, requiredness: 0, type, annotations: [], comments: "" };
}

async function runProgram(args: string[], input: Uint8Array): Promise<{ out: Uint8Array; err: string; code: number }> {
  const child = await spawnScript("../../cli/thrift_gen_ts.ts", args);
  const writer = child.stdin.getWriter();
  const feed = writer.write(input).then(() => writer.close()).catch(() => {}); // it may not read it
  const chunks: number[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of child.stdout) chunks.push(...chunk);
  };
  const [err] = await Promise.all([textOf(child.stderr), read(), feed]);
  return { out: Uint8Array.from(chunks), err, code: (await child.exited).code };
}
