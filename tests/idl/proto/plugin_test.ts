import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findProgram, runProto } from "../../../idl/proto/programs.ts";
import { answerRequest } from "../../../idl/proto/plugin.ts";
import { ROOT, runProgram } from "../../run_program.ts";
import { workspace } from "./workspace.ts";

const FILE = create(FileDescriptorProtoSchema, {
  name: "d/x.proto",
  syntax: "proto3",
  messageType: [{ name: "M" }],
  service: [{ name: "S", method: [{ name: "Get", inputType: ".M", outputType: ".M" }] }],
});

function answer(parameter: string, fileToGenerate = ["d/x.proto"]): CodeGeneratorResponse {
  const request = create(CodeGeneratorRequestSchema, { parameter, fileToGenerate, protoFile: [FILE] });
  return fromBinary(CodeGeneratorResponseSchema, answerRequest(toBinary(CodeGeneratorRequestSchema, request)));
}

describe("answerRequest", () => {
  it("gives a file of services, and says what it supports", () => {
    const { file, error, supportedFeatures, minimumEdition, maximumEdition } = answer("");
    assertEquals([file.map(({ name }) => name), error, supportedFeatures], [["d/x_rpc.ts"], "", 3n]);
    assert(minimumEdition < maximumEdition);
    assertStringIncludes(file[0]?.content ?? "", 'from "./x_pb.ts";');
    assertStringIncludes(file[0]?.content ?? "", 'from "@updraft/rpc/protobuf";');
  });

  it("imports as it is told", () => {
    const text = answer("target=ts,import_extension=js,runtime=./rt.js").file[0]?.content ?? "";
    assertStringIncludes(text, 'from "./x_pb.js";');
    assertStringIncludes(text, 'from "./rt.js";');
    assertStringIncludes(answer("import_extension=none").file[0]?.content ?? "", 'from "./x_pb";');
  });

  it("answers with an error what it cannot do", () => {
    assertStringIncludes(answer("colour=red").error, "option colour=red is not known");
    assertStringIncludes(answer("import_extension=constructor").error, "option import_extension=constructor");
    assertEquals(answer("", ["no.proto"]).error, "the request has no descriptor of no.proto");
    assertEquals(answer("", ["no.proto"]).file, []);
  });

  it("throws for what is no request", () => {
    assertThrows(() => answerRequest(new Uint8Array([0xff])), Error);
  });
});

describe("protoc-gen-updraft", () => {
  it("is a plugin that buf runs", async () => {
    await using space = await workspace({
      "in/x.proto": 'syntax = "proto3"; message M {} service S { rpc Get(M) returns (M); }',
    });
    const { platform, folder } = space;
    const flags =
      { deno: ["run", "-A", "--no-check"], bun: [], node: ["--import", import.meta.resolve("tsx")] }[platform.name];
    const local = [platform.execPath, ...flags, `${ROOT}/cli/protoc_gen_updraft.ts`];
    const template = { version: "v2", plugins: [{ local, out: `${folder}/out`, opt: ["import_extension=none"] }] };
    const buf = await findProgram(platform, "@bufbuild/buf");
    const { code, stderr } = await runProto(platform, buf, [
      "generate",
      `${folder}/in`,
      "--template",
      JSON.stringify(template),
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(
      await platform.files.readText(`${folder}/out/x_rpc.ts`),
      'import { type M, type MSchema, S as S$1 } from "./x_pb";',
    );
  });

  it("says what it is to people", async () => {
    const help = await runProgram("cli/protoc_gen_updraft.ts", ["--help"]);
    assertEquals([help.code, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, "plugin of protoc or buf");
    assertEquals((await runProgram("cli/protoc_gen_updraft.ts", ["x.proto"])).code, 2);
    assertEquals((await runProgram("cli/protoc_gen_updraft.ts", ["--version"])).stdout, "protoc-gen-updraft 0.1.0\n");
  });
});
