import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createClient, createServer } from "../../../../core.ts";
import { ttheaderStreaming } from "../../../../codecs/ttheader/stream/protocol.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { memory } from "../../../../transports/memory.ts";
import { EchoService, StreamService } from "../../../interop/gen/echo.ts";
import { streamHandlers } from "../../../interop/handlers.ts";
import { PbStream, protoStreamHandlers } from "../../../interop/proto_handlers.ts";

describe("Protocol Buffers over TTHeader streaming", () => {
  it("stream in every way, beside Thrift with the same names", async () => {
    const transport = memory();
    const protocol = ttheaderStreaming();
    await using _server = await createServer({ transport, protocols: [protocol] })
      .add(StreamService, streamHandlers())
      .add(PbStream, protoStreamHandlers())
      .listen({ path: "both" });
    await using proto = createClient(PbStream, { to: "unix:both", transport, protocol });
    await using thrift = createClient(StreamService, { to: "unix:both", transport, protocol });
    const texts: string[] = [];
    for await (const { msg } of proto.bidi([{ msg: "a" }, { msg: "世" }])) texts.push(msg);
    assertEquals(texts, ["a", "世"]);
    assertEquals((await proto.clientStream([{ msg: "a" }, { msg: "b" }])).msg, "a,b");
    assertEquals((await proto.streamUnary({ msg: "one" })).msg, "one");
    assertEquals((await thrift.clientStream([{ msg: "c", all: undefined }])).msg, "c");
    const wrong = await assertRejects(() => proto.clientStream([5 as never]), RpcError);
    assertEquals(wrong.kind, "invalid");
  });

  it("cannot be a stream where a method takes or gives other than one struct", async () => {
    const transport = memory();
    const protocol = ttheaderStreaming();
    await using client = createClient(EchoService, {
      to: "unix:any",
      transport: { ...transport, dial: async () => (await pairOf(transport)) },
      protocol,
    });
    const error = await assertRejects(() => client.add(1n, 2n), RpcError, "add cannot be a stream");
    assertEquals(error.kind, "invalid");
  });
});

/** An end of a connection whose other end is silent. */
async function pairOf(transport: ReturnType<typeof memory>): ReturnType<ReturnType<typeof memory>["dial"]> {
  const listener = await transport.listen({ path: "silent" }, (conn) => {
    conn.start({ chunk: () => {}, end: () => conn.close(), drain: () => {}, close: () => {} });
  });
  const conn = await transport.dial({ path: "silent" });
  await listener.close();
  return conn;
}
