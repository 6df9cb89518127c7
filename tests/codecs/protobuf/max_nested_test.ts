/**
 * `limits` of every protocol that carries Protocol Buffers bound what is in a message, at their own value.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect } from "../../../codecs/connect/protocol.ts";
import { createWebClient } from "../../../codecs/connect/web.ts";
import { grpcJson } from "../../../codecs/grpc/codecs.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { kitex } from "../../../codecs/kitex/protocol.ts";
import { kitexProtobuf } from "../../../codecs/kitex_protobuf/protocol.ts";
import { ttheader } from "../../../codecs/ttheader/protocol.ts";
import { ttheaderStreaming } from "../../../codecs/ttheader/stream/protocol.ts";
import { createClient, createServer, type Protocol, RpcError } from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { AllTypesSchema } from "../../interop/gen/echo_pb.ts";
import { PbEcho, PbStream, protoHandlers, protoStreamHandlers } from "../../interop/proto_handlers.ts";

const LIMITS = { maxNested: 8 };
const MEBI = 1024 * 1024;

/** A request with one message, and so many in that. */
function requestOf(count: number) {
  return { msg: "long enough", all: create(AllTypesSchema, { rinner: Array.from({ length: count }, () => ({})) }) };
}

/** Makes a call with 8 messages in its request, and one with 9. */
async function checkCalls(call: (request: ReturnType<typeof requestOf>) => Promise<unknown>): Promise<void> {
  await call(requestOf(7));
  const error = await assertRejects(() => call(requestOf(8)), RpcError);
  assertStringIncludes(error.message, "more than 8 messages and unknown fields in a message (maxNested)");
}

async function served(protocol: Protocol) {
  const transport = memory();
  const server = await createServer({ transport, protocols: [protocol] })
    .add(PbEcho, protoHandlers())
    .add(PbStream, protoStreamHandlers())
    .listen({ path: "server" });
  return { to: server.address, transport, [Symbol.asyncDispose]: () => server.close() };
}

describe("maxNested", () => {
  const json = [grpcJson()] as const;
  const makers: readonly [name: string, make: (options: { readonly limits?: typeof LIMITS }) => Protocol][] = [
    ["ttheader()", ttheader],
    ["kitex()", kitex],
    ["kitexProtobuf()", kitexProtobuf],
    ["grpc()", grpc],
    ["grpc() with JSON", (options) => grpc({ ...options, codec: json[0], codecs: json })],
  ];
  for (const [name, make] of makers) {
    it(`is kept to by servers and clients of ${name}`, async () => {
      for (const [own, other] of [[{ limits: LIMITS }, {}], [{}, { limits: LIMITS }]] as const) {
        await using server = await served(make(own));
        await using client = createClient(PbEcho, { ...server, protocol: make(other) });
        await checkCalls((request) => client.echo(request));
      }
    });
  }

  it("is kept to where a connection to kitex() has Kitex Protobuf alone", async () => {
    await using server = await served(kitex({ limits: LIMITS }));
    await using client = createClient(PbEcho, { ...server, protocol: kitexProtobuf() });
    await checkCalls((request) => client.echo(request));
  });

  it("is kept to by ttheaderStreaming()", async () => {
    await using server = await served(ttheaderStreaming({ limits: LIMITS }));
    await using client = createClient(PbStream, { ...server, protocol: ttheaderStreaming() });
    await checkCalls((request) => client.clientStream([request]));
  });

  for (const codec of ["proto", "json"] as const) {
    it(`is kept to by servers and clients of connect(), in the form ${codec}`, async () => {
      for (const [own, other] of [[LIMITS, undefined], [undefined, LIMITS]]) {
        const server = createServer({ protocols: [connect({ limits: own })] }).add(PbEcho, protoHandlers());
        const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.fetch(new Request(input, init));
        const client = createWebClient(PbEcho, { to: "http://h", codec, limits: other, fetch });
        await checkCalls((request) => client.echo(request));
      }
    });
  }

  it("is refused by its name where it cannot be kept", () => {
    const limits = { maxNested: 0 };
    const makers = [
      () => ttheader({ limits }),
      () => kitexProtobuf({ limits }),
      () => connect({ limits }),
      () => createWebClient(PbEcho, { to: "http://h", limits }),
    ];
    for (const make of makers) assertStringIncludes(assertThrows(make, RpcError).message, "limit maxNested is 0");
  });
});

describe("a message of Kitex Protobuf", () => {
  it("may be as long as its frame", async () => {
    const protocol = kitexProtobuf({ maxFrameBytes: 24 * MEBI });
    await using server = await served(protocol);
    await using client = createClient(PbEcho, { ...server, protocol });
    const { msg } = await client.echo({ msg: "x".repeat(17 * MEBI) });
    assertEquals(msg.length, 17 * MEBI);
    await assertRejects(
      () => client.echo({ msg: "x".repeat(24 * MEBI) }),
      RpcError,
      "exceeds the frame limit of 25165824",
    );
  });
});
