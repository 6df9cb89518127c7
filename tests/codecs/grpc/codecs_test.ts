import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { GrpcCodec } from "../../../codecs/grpc/codecs.ts";
import { grpcJson } from "../../../codecs/grpc/codecs.ts";
import { grpc, type GrpcOptions } from "../../../codecs/grpc/protocol.ts";
import { RawGrpc } from "../../../codecs/grpc/raw.ts";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { connectHttp2 } from "../../../codecs/http2/http_client.ts";
import { createClient, createServer, RpcError } from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService, StreamService } from "../../interop/gen/echo.ts";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";
import { echoHandlers, streamHandlers } from "../../interop/handlers.ts";
import { gzip } from "../../../transports/gzip.ts";

/** Thrift as JSON of its structs; what JSON cannot have is tagged. Notes what it did. */
function thriftJson(notes: string[] = []): GrpcCodec {
  return {
    name: "thrift.json",
    payload: "thrift",
    encode(type, message) {
      notes.push(`> ${type.name}`);
      return new TextEncoder().encode(JSON.stringify(message));
    },
    decode(type, bytes) {
      notes.push(`< ${type.name}`);
      return JSON.parse(new TextDecoder().decode(bytes));
    },
  };
}

async function fixture(serverGrpc: GrpcOptions, clientGrpc: GrpcOptions = {}) {
  const transport = memory();
  const found = gzip();
  const compressors = found === undefined ? [] : [found];
  const server = await createServer({ transport, protocols: [grpc(serverGrpc)], compressors, exitWaitMs: 100 })
    .add(TestService, testHandlers())
    .add(EchoService, echoHandlers())
    .add(StreamService, streamHandlers())
    .listen({ path: "server" });
  const to = "unix:server";
  const client = createClient(TestService, { to, transport, protocol: grpc(clientGrpc), compressors });
  const raw = createClient(RawGrpc, { to, transport, protocol: grpc() });
  const thrift = createClient(EchoService, { to, transport, protocol: grpc(clientGrpc) });
  const streams = createClient(StreamService, { to, transport, protocol: grpc(clientGrpc) });
  const clients = [client, raw, thrift, streams];
  return {
    client,
    thrift,
    streams,
    /** The messages that answer a call of a method of TestService with a message of the form `+NAME`. */
    async ask(method: string, form: string, message: Uint8Array): Promise<Uint8Array[]> {
      const path = `/grpc.testing.TestService/${method}`;
      const answers: Uint8Array[] = [];
      const contentType = `application/grpc${form}`;
      for await (const each of raw.call({ path, contentType, messages: [message] })) answers.push(each);
      return answers;
    },
    /** The content-type of the answer to such a call. */
    async typeOfAnswer(form: string): Promise<string | undefined> {
      const h2 = await connectHttp2({ to, transport });
      const headers = { "content-type": `application/grpc${form}`, te: "trailers" };
      const body = new Uint8Array(5);
      const path = "/grpc.testing.TestService/EmptyCall";
      const response = await h2.request({ method: "POST", path, headers, body });
      await response.body.leave();
      await h2.close();
      return response.headers.get("content-type");
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
}

async function failure(call: Promise<unknown>): Promise<GrpcError> {
  return await assertRejects(() => call, RpcError) as GrpcError;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const body = ({ payload }: { payload?: { body: Uint8Array } | undefined }): number => payload?.body.length ?? -1;

describe("codecs of grpc", () => {
  it("carry unary calls and streams of Protocol Buffers as JSON", async () => {
    await using f = await fixture({ codecs: [grpcJson()] }, { codec: grpcJson() });
    assertEquals(body(await f.client.unaryCall({ responseSize: 70_000 })), 70_000);
    const asked = { responseParameters: [{ size: 1 }, { size: 2 }] };
    const sizes: number[] = [];
    for await (const answer of f.client.fullDuplexCall([asked, asked])) sizes.push(body(answer));
    assertEquals(sizes, [1, 2, 1, 2]);
  });

  it("put their form on the wire, and answer in the form of the request", async () => {
    await using f = await fixture({ codecs: [grpcJson()] });
    const [answer] = await f.ask("UnaryCall", "+json", utf8('{"responseSize": 3, "unheardOf": 1}'));
    assertEquals(JSON.parse(text(answer)), { payload: { body: "AAAA" } });
    assertEquals(await f.ask("UnaryCall", "", Uint8Array.of(0x10, 3)), [Uint8Array.of(0x0a, 5, 0x12, 3, 0, 0, 0)]);
    for (const form of ["", "+proto", "+json", "+made.up"]) {
      assertEquals(await f.typeOfAnswer(form), `application/grpc${form}`);
    }
    assertEquals(await f.typeOfAnswer(";charset=utf-8"), "application/grpc");
    assertEquals(await f.typeOfAnswer("+json; charset=utf-8"), "application/grpc+json");
    assertEquals(await f.typeOfAnswer("+made.up ;x=y"), "application/grpc+made.up");
    assertEquals(await f.typeOfAnswer(`+${"x".repeat(65)}`), "application/grpc");
  });

  it("are compressed as other messages are", async () => {
    await using f = await fixture({ codecs: [grpcJson()], compression: "gzip" }, {
      codec: grpcJson(),
      compression: "gzip",
    });
    const request = { expectCompressed: { value: true }, payload: { body: new Uint8Array(9_000) }, responseSize: 5 };
    assertEquals(body(await f.client.unaryCall(request)), 5);
  });

  it("carry the records and the bare structs of Thrift", async () => {
    const notes: string[] = [];
    await using f = await fixture({ codecs: [thriftJson(notes)] }, { codec: thriftJson() });
    assertEquals(await f.thrift.echoString("text"), "text");
    const texts: string[] = [];
    for await (const { msg } of f.streams.bidi([{ msg: "a" }, { msg: "b" }])) texts.push(msg ?? "");
    assertEquals(texts.length, 2);
    const { args, result } = EchoService.methods.find(({ name }) => name === "echoString")!;
    const [request, answer] = ["< EchoRequest", "> EchoResponse"];
    const expected = [`< ${args.name}`, request, request, `> ${result.name}`, answer, answer];
    assertEquals(notes.sort(), expected.sort());
  });

  it("stand in for gRPC's own form by its name", async () => {
    const own = { ...grpcJson(), name: "proto" };
    await using f = await fixture({ codecs: [own] }, { codec: own });
    assertEquals(body(await f.client.unaryCall({ responseSize: 7 })), 7);
    assertEquals(JSON.parse(text((await f.ask("UnaryCall", "", utf8('{"responseSize":1}')))[0])), {
      payload: { body: "AA==" },
    });
  });

  it("fail calls with what they throw", async () => {
    const broken: GrpcCodec = {
      name: "broken",
      encode: () => Uint8Array.of(1),
      decode() {
        throw new Error("cannot");
      },
    };
    await using f = await fixture({ codecs: [broken] }, { codec: broken });
    const error = await failure(f.client.emptyCall({}));
    assertEquals([error.code, error.message], [GrpcStatus.INTERNAL, "cannot"]);
    const mute = { ...broken, encode: () => "text" as unknown as Uint8Array };
    await using g = await fixture({}, { codec: mute });
    for (const call of [g.client.emptyCall({}), g.client.streamingInputCall([{}])]) {
      const refused = await failure(call);
      assertEquals([refused.kind, refused.message], ["invalid", "codec broken gave no Uint8Array"]);
    }
  });

  it("are for messages of their own kind", async () => {
    await using f = await fixture({}, { codec: grpcJson() });
    const error = await failure(f.thrift.echoString("x"));
    assertEquals([error.kind, error.message], ["invalid", "codec json is for protobuf, and EchoService speaks thrift"]);
  });

  it("need names that content-types can have, each its own", () => {
    for (const name of ["", "Json", "a b", "a;b", "x".repeat(65)]) {
      assertThrows(() => grpc({ codecs: [{ ...grpcJson(), name }] }), RpcError, "has no name for a content-type");
    }
    assertThrows(() => grpc({ codecs: [grpcJson(), grpcJson()] }), RpcError, "two codecs have the name json");
    assertThrows(() => grpc({ codec: { ...grpcJson(), name: "thrift" } }), RpcError, "codec thrift is for thrift");
  });
});

describe("a form that the server does not know", () => {
  it("is taken for Protocol Buffers, as grpc-go does, and told where it cannot be read", async () => {
    await using f = await fixture({});
    assertEquals((await f.ask("EmptyCall", "+proxy", new Uint8Array())).length, 1);
    for (const method of ["UnaryCall", "StreamingInputCall"]) {
      const error = await failure(f.ask(method, "+json", utf8('{"responseSize": 3}')));
      assertEquals(error.code, GrpcStatus.INTERNAL);
      assertMatch(error.message, /application\/grpc\+json is none of proto, thrift, so it was read as proto$/);
    }
  });
});

describe("limits of grpc", () => {
  it("bound what is in a message of Protocol Buffers, by maxNested", async () => {
    const transport = memory();
    const server = await createServer({ transport, protocols: [grpc({ limits: { maxNested: 8 } })] })
      .add(TestService, testHandlers())
      .listen({ path: "server" });
    const client = createClient(TestService, { to: "unix:server", transport, protocol: grpc() });
    const sent = async (count: number): Promise<number> => {
      let answers = 0;
      const responseParameters = Array.from({ length: count }, () => ({ size: 1 }));
      for await (const _ of client.streamingOutputCall({ responseParameters })) answers++;
      return answers;
    };
    assertEquals(await sent(8), 8);
    const refused = await assertRejects(() => sent(9), RpcError);
    assertMatch(refused.message, /maxNested/);
    await client.close();
    await server.close();
  });
});
