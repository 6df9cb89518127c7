import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ServerReflection } from "../../../codecs/grpc/gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "../../../codecs/grpc/gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { addReflection } from "../../../codecs/grpc/reflection.ts";
import { reflect, type Reflected } from "../../../codecs/grpc/reflection_client.ts";
import { protobufService } from "../../../codecs/protobuf/service.ts";
import { createServer, RpcError, type Server } from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";
import { echoHandlers } from "../../interop/handlers.ts";

/** What a server tells of itself, once `prepare` has added to it. */
async function reflected(prepare: (server: Server) => void): Promise<Reflected> {
  const transport = memory();
  const server = createServer({ transport, protocols: [grpc()], exitWaitMs: 100 }).add(TestService, testHandlers());
  prepare(server);
  await using _running = await server.listen({ path: "server" });
  return await reflect({ to: "unix:server", transport, protocol: grpc() }, { timeoutMs: 10_000 });
}

/** A server's answers to questions about a service `acme.Main`, by what is asked. */
function liar(answer: (asked: string) => { name: string; dependency?: string[] }[]): (server: Server) => void {
  return (server) =>
    void server.add(protobufService(ServerReflection), {
      async *serverReflectionInfo(requests) {
        for await (const { messageRequest: { case: what, value } } of requests) {
          if (what === "listServices") {
            yield { messageResponse: { case: "listServicesResponse", value: { service: [{ name: "acme.Main" }] } } };
          } else {
            const files = answer(String(value)).map((file) => create(FileDescriptorProtoSchema, file));
            const fileDescriptorProto = files.map((file) => toBinary(FileDescriptorProtoSchema, file));
            yield { messageResponse: { case: "fileDescriptorResponse", value: { fileDescriptorProto } } };
          }
        }
      },
    }, { named: true });
}

describe("reflect", () => {
  it("gives services that can be called, and names those that have no descriptor", async () => {
    const { services, undescribed, registry } = await reflected((server) => {
      server.add(EchoService, echoHandlers());
      addReflection(server);
    });
    assertEquals(undescribed, ["EchoService"]);
    const found = services.find(({ fullName }) => fullName === "grpc.testing.TestService")!;
    assertEquals(found.methods.map(({ name, streaming }) => [name, streaming]), [
      ...TestService.methods.map(({ name, streaming }) => [name, streaming]),
    ]);
    assertEquals(registry.getMessage("grpc.testing.SimpleRequest")?.fields.length, 8);
  });

  it("asks by v1alpha where a server has no v1", async () => {
    const { services, undescribed } = await reflected((server) =>
      void server.add(protobufService(ServerReflectionV1Alpha), {
        async *serverReflectionInfo(requests) {
          for await (const { messageRequest: { case: what } } of requests) {
            yield what === "listServices"
              ? { messageResponse: { case: "listServicesResponse", value: { service: [{ name: "x.Y" }] } } }
              : { messageResponse: { case: "errorResponse", value: { errorCode: 5, errorMessage: "no" } } };
          }
        },
      }, { named: true })
    );
    assertEquals([services.length, undescribed], [0, ["x.Y"]]);
  });

  it("ends its stream when it knows enough, and cancels nothing", async () => {
    const ends: string[] = [];
    await reflected((server) =>
      void server.add(protobufService(ServerReflection), {
        async *serverReflectionInfo(requests) {
          try {
            for await (const _ of requests) {
              yield { messageResponse: { case: "listServicesResponse", value: { service: [] } } };
            }
            ends.push("ended");
          } finally {
            ends.push("left");
          }
        },
      }, { named: true })
    );
    assertEquals(ends, ["ended", "left"]);
  });

  it("takes what it was told, however the server ends the stream", async () => {
    const { undescribed } = await reflected((server) =>
      void server.add(protobufService(ServerReflection), {
        async *serverReflectionInfo(requests) {
          for await (const _ of requests) {
            yield { messageResponse: { case: "listServicesResponse", value: { service: [] } } };
          }
          throw new RpcError("internal", "cleaning up failed");
        },
      }, { named: true })
    );
    assertEquals(undescribed, []);
  });

  it("rejects with kind unimplemented where a server has neither", async () => {
    const error = await assertRejects(() => reflected(() => {}), RpcError);
    assertEquals([error.kind, error.remote], ["unimplemented", true]);
  });

  const lies: [what: string, answer: Parameters<typeof liar>[0], text: string][] = [
    ["never has what it imports", (asked) => [{ name: `${asked}x`, dependency: [`${asked}y`] }], "told of other files"],
    [
      "goes on without end",
      (asked) =>
        Array.from({ length: 600 }, (_, i) => ({ name: i === 0 ? asked : `${asked}/${i}`, dependency: [`${asked}.`] })),
      "descriptors of more than 10000 files",
    ],
    [
      "imports itself",
      () => [{ name: "a", dependency: ["b"] }, { name: "b", dependency: ["a"] }],
      "descriptors do not fit together",
    ],
  ];
  for (const [what, answer, text] of lies) {
    it(`comes to an end with a server that ${what}`, async () => {
      const error = await assertRejects(() => reflected(liar(answer)), RpcError);
      assertEquals(error.kind, "protocol");
      assertStringIncludes(error.message, text);
    });
  }
});
