import { create, createFileRegistry, type DescFile, fromBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ServerReflection } from "../../../codecs/grpc/gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "../../../codecs/grpc/gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { addReflection } from "../../../codecs/grpc/reflection.ts";
import { protobufService } from "../../../codecs/protobuf/service.ts";
import type { ServiceSchema } from "../../../lib/schema/service.ts";
import { type Fixture, fixture } from "./services_fixture.ts";

const V1 = protobufService(ServerReflection);
const V1_ALPHA = protobufService(ServerReflectionV1Alpha);
type Questions = Parameters<ReturnType<typeof client>["serverReflectionInfo"]>[0];

/** A service whose file imports another, which has a message that it extends; with an enum and a oneof. */
function extended(): DescFile {
  const base = create(FileDescriptorProtoSchema, {
    name: "acme/base.proto",
    package: "acme",
    syntax: "proto2",
    messageType: [{ name: "Base", extensionRange: [{ start: 100, end: 200 }] }],
  });
  const field = { type: Type.INT32, label: Label.OPTIONAL };
  const main = create(FileDescriptorProtoSchema, {
    name: "acme/main.proto",
    package: "acme",
    syntax: "proto2",
    dependency: ["acme/base.proto"],
    messageType: [{
      name: "Outer",
      nestedType: [{ name: "Inner", field: [{ ...field, name: "count", number: 1 }] }],
      enumType: [{ name: "Color", value: [{ name: "RED", number: 0 }] }],
      extension: [{ ...field, name: "nested", number: 101, extendee: ".acme.Base" }],
      oneofDecl: [{ name: "choice" }],
      field: [{ ...field, name: "one", number: 1, oneofIndex: 0 }],
    }],
    extension: [{ ...field, name: "top", number: 150, extendee: ".acme.Base" }],
    service: [{ name: "Main", method: [{ name: "Get", inputType: ".acme.Outer", outputType: ".acme.Base" }] }],
  });
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [base, main] }));
  return registry.getFile("acme/main.proto")!;
}

const start = (): Promise<Fixture> =>
  fixture((server) => {
    addReflection(server);
    const main: ServiceSchema = protobufService(extended().services[0]!);
    server.add(main, { get: () => ({}) });
  });

function client(f: Fixture) {
  return f.client(V1);
}

/** What each question is answered with: the case, and names of files or what else there is. */
async function ask(f: Fixture, questions: Questions): Promise<unknown[]> {
  const answers: unknown[] = [];
  for await (const { messageResponse } of client(f).serverReflectionInfo(questions)) {
    switch (messageResponse.case) {
      case "listServicesResponse":
        answers.push(messageResponse.value.service.map(({ name }) => name));
        break;
      case "fileDescriptorResponse":
        answers.push(
          messageResponse.value.fileDescriptorProto.map((file) => fromBinary(FileDescriptorProtoSchema, file).name),
        );
        break;
      case "allExtensionNumbersResponse":
        answers.push(messageResponse.value.extensionNumber);
        break;
      case "errorResponse":
        answers.push(messageResponse.value.errorCode);
    }
  }
  return answers;
}

const symbol = (value: string) => ({ messageRequest: { case: "fileContainingSymbol" as const, value } });

describe("addReflection", () => {
  it("lists services of both kinds, also those added later", async () => {
    await using f = await start();
    assertEquals(await ask(f, [{ messageRequest: { case: "listServices", value: "*" } }]), [[
      "EchoService",
      "acme.Main",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "grpc.testing.TestService",
    ]]);
  });

  it("answers v1alpha alike, with the request in the answer", async () => {
    await using f = await start();
    const request = { host: "here", messageRequest: { case: "fileByFilename" as const, value: "grpc_testing.proto" } };
    let answered = 0;
    for await (const answer of f.client(V1_ALPHA).serverReflectionInfo([request])) {
      answered++;
      assertEquals(answer.validHost, "here");
      assertEquals(answer.originalRequest?.messageRequest, request.messageRequest);
      assert(answer.messageResponse.case === "fileDescriptorResponse");
      const [file] = answer.messageResponse.value.fileDescriptorProto;
      assertEquals(fromBinary(FileDescriptorProtoSchema, file!).service[0]?.name, "TestService");
    }
    assertEquals(answered, 1);
  });

  for (
    const name of [
      "acme.Main",
      "acme.Main.Get",
      "acme.Outer",
      "acme.Outer.one",
      "acme.Outer.choice",
      "acme.Outer.Inner",
      "acme.Outer.Inner.count",
      "acme.Outer.Color",
      "acme.Outer.RED",
      "acme.Outer.nested",
      "acme.top",
    ]
  ) {
    it(`finds the file of ${name}`, async () => {
      await using f = await start();
      assertEquals(await ask(f, [symbol(name)]), [["acme/base.proto", "acme/main.proto"]]);
    });
  }

  it("sends a file that was asked for again, but no import twice", async () => {
    await using f = await start();
    const base = { messageRequest: { case: "fileByFilename" as const, value: "acme/base.proto" } };
    assertEquals(await ask(f, [symbol("acme.Main"), symbol("acme.Outer"), base]), [
      ["acme/base.proto", "acme/main.proto"],
      ["acme/main.proto"],
      ["acme/base.proto"],
    ]);
  });

  it("finds extensions and their numbers", async () => {
    await using f = await start();
    const extension = (extensionNumber: number) => ({
      messageRequest: {
        case: "fileContainingExtension" as const,
        value: { containingType: "acme.Base", extensionNumber },
      },
    });
    const numbers = (value: string) => ({ messageRequest: { case: "allExtensionNumbersOfType" as const, value } });
    assertEquals(
      await ask(f, [extension(101), extension(102), numbers("acme.Base"), numbers("acme.Outer"), numbers("acme.No")]),
      [["acme/base.proto", "acme/main.proto"], 5, [101, 150], [], 5],
    );
  });

  it("answers what cannot be answered with a status, and goes on", async () => {
    await using f = await start();
    const questions = [symbol("EchoService"), symbol("constructor"), {}, symbol("acme.Base")];
    assertEquals(await ask(f, questions), [5, 5, 3, ["acme/base.proto"]]);
  });
});
