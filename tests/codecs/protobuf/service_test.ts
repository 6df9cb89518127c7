import { create, createFileRegistry, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asProtobufService, protobufService, REQUEST } from "../../../codecs/protobuf/service.ts";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { RpcError } from "../../../lib/errors.ts";
import { type Client, methodsOf } from "../../../lib/rpc/client_methods.ts";
import { createClient } from "../../../lib/rpc/client.ts";
import type { Protocol } from "../../../lib/rpc/protocol.ts";
import { createServer } from "../../../lib/rpc/server.ts";
import type { ServiceSchema } from "../../../lib/schema/service.ts";
import { memory } from "../../../transports/memory.ts";
import {
  type EchoRequest,
  type EchoResponse,
  EchoResponseSchema,
  PbEcho,
  PbStream,
} from "../../interop/gen/echo_pb.ts";

type ClientOf<S> = S extends ServiceSchema<unknown, infer C> ? Client<C> : never;

describe("protobufService", () => {
  const echo = protobufService(PbEcho);
  const stream = protobufService(PbStream);

  it("has the names of the file", () => {
    assertEquals([echo.name, echo.fullName, echo.payload], ["PbEcho", "echo.pb.PbEcho", "protobuf"]);
    assertEquals(echo.methods.map(({ name, key }) => [name, key]), [
      ["Echo", "echo"],
      ["Sleep", "sleep"],
      ["Fail", "fail"],
      ["BizError", "bizError"],
      ["Meta", "meta"],
    ]);
  });

  it("knows the types and which side streams", () => {
    assertEquals(stream.methods.map(({ key, streaming }) => [key, streaming]), [
      ["bidi", "bidi"],
      ["clientStream", "client"],
      ["serverStream", "server"],
      ["streamUnary", "unary"],
    ]);
    const { input, output, oneway } = echo.methods[4]!;
    assertEquals([input.typeName, output.typeName, oneway], ["echo.pb.Empty", "echo.pb.MetaInfo", false]);
  });

  it("calls the request by one key, which clients give it", async () => {
    let seen: Record<string, unknown> = {};
    const client = methodsOf(echo, {
      invoke: (_method, args) => {
        seen = args;
        return Promise.resolve(create(EchoResponseSchema));
      },
      stream: () => {
        throw new Error("no method of this service streams");
      },
      close: () => Promise.resolve(),
    });
    await client.echo({ msg: "a" });
    assertEquals(seen, { [REQUEST]: { msg: "a" } });
  });

  it("takes a service known only at run time", () => {
    const file = create(FileDescriptorProtoSchema, {
      name: "late.proto",
      syntax: "proto3",
      messageType: [{ name: "M" }],
      service: [{ name: "Late", method: [{ name: "Get", inputType: ".M", outputType: ".M", clientStreaming: true }] }],
    });
    const desc = createFileRegistry(file, () => undefined).getService("Late");
    assert(desc !== undefined);
    const { fullName, methods } = protobufService(desc);
    assertEquals([fullName, methods.map(({ streaming }) => streaming)], ["Late", ["client"]]);
  });

  it("gives handlers and clients their types", () => {
    // Nothing runs here: it is the compiler that must agree.
    type Handlers = NonNullable<(typeof stream)["types"]>["handlers"];
    const handlers: Handlers = {
      async *bidi(requests) {
        for await (const { msg } of requests) yield { msg };
      },
      async clientStream(requests) {
        let msg = "";
        for await (const request of requests) msg += request.msg;
        return create(EchoResponseSchema, { msg });
      },
      async *serverStream(request: EchoRequest, context) {
        if (!context.signal.aborted) yield { msg: request.msg };
      },
      streamUnary: ({ msg }) => ({ msg }),
    };
    const use = async (client: ClientOf<typeof stream>): Promise<void> => {
      const one: EchoResponse = await client.streamUnary({ msg: "" }, { timeoutMs: 1 });
      const sum: EchoResponse = await client.clientStream([{ msg: one.msg }]);
      for await (const { msg } of client.bidi([{ msg: sum.msg }])) msg.trim();
      // @ts-expect-error: no such field
      await client.streamUnary({ message: "" });
      // @ts-expect-error: a stream is no promise
      await client.serverStream({}).then();
    };
    const wrong: Handlers = {
      ...handlers,
      // @ts-expect-error: the response is no string
      streamUnary: () => "",
    };
    const init: MessageInitShape<typeof EchoResponseSchema> = {};
    assertEquals([typeof use, typeof wrong, init], ["function", "object", {}]);
  });
});

describe("asProtobufService", () => {
  it("refuses a Thrift service", () => {
    const thrift: ServiceSchema = { name: "T", payload: "thrift", methods: [] };
    const error = assertThrows(() => asProtobufService(thrift), RpcError, "T speaks thrift");
    assertEquals(error.kind, "invalid");
  });
});

describe("a protocol that cannot carry Protocol Buffers", () => {
  const echo = protobufService(PbEcho);

  it("is refused when a client is made", () => {
    const make = (): unknown => createClient(echo, { to: "a:1", transport: memory(), protocol: framed() });
    assertThrows(make, RpcError, "PbEcho speaks protobuf, which framed cannot carry");
  });

  it("is refused when a server is given the service and has no other", () => {
    const handlers = { echo: () => ({}), sleep: () => ({}), fail: () => ({}), bizError: () => ({}), meta: () => ({}) };
    const add = (...protocols: Protocol[]): unknown =>
      createServer({ transport: memory(), protocols }).add(echo, handlers);
    assertThrows(() => add(framed()), RpcError, "PbEcho speaks protobuf, which framed cannot carry");
    add(framed(), { ...framed(), name: "both", payloads: ["thrift", "protobuf"] });
  });
});
