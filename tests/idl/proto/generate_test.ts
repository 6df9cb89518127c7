/**
 * Whole runs of buf and protoc-gen-es on this runtime, and what is made of them.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { generateProto } from "../../../idl/proto/generate.ts";
import { PACKAGES } from "../../../idl/proto/programs.ts";
import { RpcError } from "../../../lib/errors.ts";
import { Search } from "../../golden/proto/odd-names.v1_rpc.ts";
import { runProgram } from "../../run_program.ts";
import { workspace } from "./workspace.ts";

const GOLDEN = "tests/golden/proto";

describe("generateProto", () => {
  it("gives messages and services, the same as those that are checked in", async () => {
    await using space = await workspace({});
    const { value, diagnostics } = await generateProto(space.platform, [`${GOLDEN}/odd-names.v1.proto`], space.reader);
    assertEquals(diagnostics, []);
    assertEquals(value.map(({ path }) => path), [
      "deep/other_pb.ts",
      "odd-names.v1_pb.ts",
      "deep/other_rpc.ts",
      "odd-names.v1_rpc.ts",
    ]);
    for (const { path, text } of value) {
      assertEquals(
        text,
        await space.platform.files.readText(`${GOLDEN}/${path}`),
        `${path}: updraft gen writes it anew`,
      );
    }
  });

  it("makes services that work", () => {
    assertEquals([Search.fullName, ...Search.methods.map(({ name, key }) => `${name} ${key}`)], [
      "golden.v1.Search",
      "Find find",
      "find_part find_part",
      "Upload upload",
      "Watch watch",
      "Talk talk",
      "Constructor constructor$",
      "ToString toString$",
      "Then then$",
      "close close",
    ]);
  });

  it("leaves services out when told, and imports the runtime from where it is told", async () => {
    await using space = await workspace({
      "x.proto": 'syntax = "proto3"; message M {} service S { rpc Get(M) returns (M); }',
    });
    const { platform, reader, folder } = space;
    const bare = await generateProto(platform, [`${folder}/x.proto`], reader, { services: false });
    assertEquals(bare.value.map(({ path }) => path), ["x_pb.ts"]);
    const other = await generateProto(platform, [`${folder}/x.proto`], reader, { runtime: "./rt.ts" });
    assertStringIncludes(other.value[1]?.text ?? "", 'from "./rt.ts";');
  });

  it("refuses two methods of one name in TypeScript", async () => {
    await using space = await workspace({
      "x.proto": 'syntax = "proto3"; message M {} service S { rpc GetIt(M) returns (M); rpc getIt(M) returns (M); }',
    });
    const run = (): Promise<unknown> => generateProto(space.platform, [`${space.folder}/x.proto`], space.reader);
    const error = await assertRejects(run, RpcError);
    assertEquals(error.message, "S has the methods GetIt and getIt, both of which are getIt in TypeScript");
  });

  it("names the versions that this repository installs", async () => {
    await using space = await workspace({});
    const { devDependencies } = JSON.parse(await space.platform.files.readText("package.json")) as {
      devDependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(PACKAGES)) assertEquals(devDependencies[name], version);
  });
});

describe("updraft gen with .proto files", () => {
  it("writes, leaves alone what is the same, checks, and reports errors, together with Thrift files", async () => {
    await using space = await workspace({
      "a.proto": 'syntax = "proto3"; message M {} service S { rpc Get(M) returns (M); }',
      "b.thrift": "struct T { 1: i32 a }",
      "bad.proto": 'syntax = "proto3";\nmessage M { Nope a = 1; }\n',
    });
    const { folder } = space;
    const gen = (...args: string[]) => runProgram("cli/main.ts", ["gen", ...args, "-o", `${folder}/out`]);
    const inputs = [`${folder}/a.proto`, `${folder}/b.thrift`];
    assertEquals(await gen(...inputs, "--i64=string"), {
      code: 0,
      stdout: ["b.ts", "a_pb.ts", "a_rpc.ts"].map((name) => `wrote ${folder}/out/${name}\n`).join(""),
      stderr: "",
    });
    assertEquals((await gen(...inputs, "--i64=string")).stdout, "3 files unchanged\n");
    assertEquals((await gen(`${folder}/a.proto`, "--check")).stdout, "2 files up to date\n");
    await space.platform.files.write(`${folder}/out/a_rpc.ts`, "");
    const differs = await gen(`${folder}/a.proto`, "--check");
    assertEquals([differs.code, differs.stdout], [1, `${folder}/out/a_rpc.ts differs\n`]);
    const bad = await gen(`${folder}/bad.proto`);
    assertEquals(bad.code, 1);
    assertStringIncludes(bad.stderr, "bad.proto:2:13: error buf/compile: cannot find `Nope` in this scope");
    assert(bad.stderr.endsWith("nothing generated: 1 error\n"));
    const misplaced = await gen(`${folder}/a.proto`, "--maps=object");
    assertEquals([misplaced.code, misplaced.stderr.split("\n")[0]], [2, "updraft: --maps is for Thrift files only"]);
  });
});
