/**
 * Connect and gRPC on one port of this runtime's own sockets: what well-behaved clients rely on, and what others try.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect, type ConnectOptions } from "../../codecs/connect/protocol.ts";
import { createWebClient } from "../../codecs/connect/web_client.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { connectHttp2 } from "../../codecs/http2/http_client.ts";
import { createClient, createServer, gzip } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { testHandlers, TestService } from "../interop/grpc_handlers.ts";
import { framed, outputRequest, simpleRequest, sizeOf } from "../codecs/connect/call.ts";
import { deferred } from "../lib/rpc/fixture.ts";
import { RawPeer } from "./raw_peer.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");
const PATH = "/grpc.testing.TestService/UnaryCall";

/** A server on a port, and connections to it that speak text. */
async function live(options: ConnectOptions = {}, handlers: Partial<ReturnType<typeof testHandlers>> = {}) {
  const transport = auto();
  const server = await createServer({ transport, protocols: [grpc(), connect(options)] })
    .add(TestService, { ...testHandlers(), ...handlers })
    .listen({ hostname: "127.0.0.1", port: 0 });
  return {
    transport,
    server,
    url: `http://${server.address}`,
    raw: async () => await RawPeer.dial(transport, server.local),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function request(body: Uint8Array | string, fields = "", type = "application/json", path = PATH): Uint8Array {
  const content = typeof body === "string" ? encoder.encode(body) : body;
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${content.length}\r\n`;
  return Uint8Array.of(...encoder.encode(`${head}${fields}\r\n`), ...content);
}

/** Reads one answer with a length: its head as text, its content. */
async function answer(peer: RawPeer): Promise<{ readonly head: string; readonly body: Uint8Array }> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const byte = await peer.receive(1);
    assert(byte.length === 1, `the connection ended after ${JSON.stringify(head)}`);
    head += decoder.decode(byte);
  }
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  return { head, body: await peer.receive(length) };
}

/** The rest of what a connection gives until it ends. */
async function untilEnd(peer: RawPeer): Promise<string> {
  await peer.dropped();
  return decoder.decode(peer.rest());
}

describe("Connect on real connections", () => {
  it("answers request after request on one connection, those that come at once in their order", async () => {
    await using f = await live();
    const peer = await f.raw();
    const sizes = [3, 6, 9, 12, 15];
    const requests = sizes.map((responseSize) => request(JSON.stringify({ responseSize })));
    await peer.send(requests[0]!);
    assertEquals(JSON.parse(decoder.decode((await answer(peer)).body)).payload.body.length, 4);
    await peer.send(Uint8Array.of(...requests.flatMap((bytes) => [...bytes])));
    for (const size of sizes) {
      assertEquals(JSON.parse(decoder.decode((await answer(peer)).body)).payload.body.length, size / 3 * 4);
    }
    assertEquals(f.server.stats.accepted, 1);
    peer.conn.close();
  });

  it("shares a port with gRPC, and connections of HTTP/2 too", async () => {
    await using f = await live();
    await using foreign = createClient(TestService, { to: f.server.address, protocol: grpc(), transport: f.transport });
    assertEquals((await foreign.unaryCall({ responseSize: 3 })).payload?.body.length, 3);
    for (const protocol of ["connect", "grpc-web"] as const) {
      const client = createWebClient(TestService, { to: f.url, protocol });
      assertEquals((await client.unaryCall({ responseSize: 4 })).payload?.body.length, 4);
    }
    await using h2 = await connectHttp2({ to: f.server.address, transport: f.transport });
    const post = (type: string, body: Uint8Array) =>
      h2.request({ method: "POST", path: PATH, headers: { "content-type": type, te: "trailers" }, body });
    const answers = await Promise.all([
      post("application/proto", simpleRequest(5)),
      post("application/grpc", framed(simpleRequest(6))),
      post("application/grpc-web", framed(simpleRequest(7))),
    ]);
    const bodies = await Promise.all(answers.map(({ body }) => body.bytes()));
    assertEquals(answers.map(({ headers }) => headers.get("content-type")), [
      "application/proto",
      "application/grpc",
      "application/grpc-web",
    ]);
    assertEquals([sizeOf(bodies[0]!), sizeOf(bodies[1]!.subarray(5))], [5, 6]);
    assertEquals(answers[1]!.body.trailers?.get("grpc-status"), "0");
  });

  it("takes and gives gzip where both sides can", async () => {
    await using f = await live();
    const peer = await f.raw();
    const zip = gzip()!;
    const body = zip.compress(simpleRequest(100_000));
    await peer.send(request(body, "content-encoding: gzip\r\naccept-encoding: br, gzip\r\n", "application/proto"));
    const zipped = await answer(peer);
    assertStringIncludes(zipped.head, "content-encoding: gzip\r\n");
    assert(zipped.body.length < 10_000);
    assertEquals(sizeOf(zip.decompress(zipped.body, 1 << 20)), 100_000);
    await peer.send(request(body, "content-encoding: gzip\r\n", "application/proto"));
    assertEquals(sizeOf((await answer(peer)).body), 100_000);
    peer.conn.close();
  });

  it("stops at bombs, of calls and of streams", async () => {
    await using f = await live({ maxReceiveBytes: 1 << 20 });
    const bomb = gzip()!.compress(new Uint8Array(64 << 20));
    assert(bomb.length < 1 << 20);
    const peer = await f.raw();
    await peer.send(request(bomb, "content-encoding: gzip\r\n", "application/proto"));
    const call = await answer(peer);
    assertStringIncludes(call.head, "HTTP/1.1 429 ");
    assertStringIncludes(decoder.decode(call.body), `"code":"resource_exhausted"`);
    const stream = await fetch(`${f.url}/grpc.testing.TestService/StreamingOutputCall`, {
      method: "POST",
      headers: { "content-type": "application/connect+proto", "connect-content-encoding": "gzip" },
      body: framed(bomb, 1),
    });
    assertStringIncludes(decoder.decode(await stream.arrayBuffer()), `"code":"resource_exhausted"`);
    await peer.send(request(`{"responseSize":3}`));
    assertStringIncludes((await answer(peer)).head, "HTTP/1.1 200 ");
    peer.conn.close();
  });

  it("gives up headers and content that do not come, by 408", async () => {
    await using f = await live({ http1: { headTimeoutMs: 100, bodyTimeoutMs: 100 } });
    for (const part of [`POST ${PATH} HTTP/1.1\r\nhost:`, decoder.decode(request(`{"responseSize":3}`)).slice(0, -1)]) {
      const peer = await f.raw();
      await peer.send(encoder.encode(part));
      assertStringIncludes(await untilEnd(peer), "HTTP/1.1 408 ");
    }
    const client = createWebClient(TestService, { to: f.url });
    assertEquals((await client.unaryCall({ responseSize: 1 })).payload?.body.length, 1);
  });

  it("reads chunks of one byte, and refuses what is no chunk, with what follows it", async () => {
    await using f = await live({ http1: { maxBodyBytes: 30_000 } });
    const head =
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    const patient = await f.raw();
    const chunks = `{"responseSize":3${" ".repeat(20_000)}}`.replace(/[^]/g, (char) => `1;a=b\r\n${char}\r\n`);
    await patient.send(encoder.encode(`${head}${chunks}0\r\n\r\n`));
    assertStringIncludes((await answer(patient)).head, "HTTP/1.1 200 ");
    patient.conn.close();
    for (const [chunk, status] of [["ffffffffffff\r\n", 413], ["-1\r\n", 400], ["1\r\nab\r\n", 400], ["1 \n", 400]]) {
      const peer = await f.raw();
      await peer.send(encoder.encode(`${head}${chunk}${decoder.decode(request("{}"))}`));
      const text = await untilEnd(peer);
      assertEquals(text.split("HTTP/1.1 ").length - 1, 1, text);
      assertStringIncludes(text, `HTTP/1.1 ${status} `);
    }
  });

  it("leaves the handlers of streams whose clients have gone", async () => {
    const left = [deferred<void>(), deferred<void>()];
    let count = 0;
    await using f = await live({}, {
      async *streamingOutputCall() {
        const own = left[count++]!;
        try {
          for (;;) yield { payload: { body: new Uint8Array(100_000) } };
        } finally {
          own.resolve();
        }
      },
    });
    const client = createWebClient(TestService, { to: f.url });
    for await (const _ of client.streamingOutputCall({})) break;
    await left[0]!.promise;
    const peer = await f.raw();
    const path = "/grpc.testing.TestService/StreamingOutputCall";
    await peer.send(request(framed(outputRequest([])), "", "application/connect+proto", path));
    await peer.receive(1_000);
    peer.conn.abort();
    await left[1]!.promise;
  });
});
