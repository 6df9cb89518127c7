/**
 * HTTP/2 and gRPC over TLS, by ALPN, on the runtime's own sockets.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { connectHttp2 } from "../../../codecs/http2/http_client.ts";
import { http2 } from "../../../codecs/http2/http_server.ts";
import { createClient, createServer, framed, RpcError } from "../../../mod.ts";
import type { ServerTls } from "../../../lib/io/raw.ts";
import type { Protocol } from "../../../lib/rpc/protocol.ts";
import { auto } from "../../../transports/auto.ts";
import { EchoService, StreamService } from "../../interop/gen/echo.ts";
import { echoHandlers, streamHandlers } from "../../interop/handlers.ts";
import { readCertificates } from "../../transports/fixtures.ts";
import { RawPeer } from "../../hardening/raw_peer.ts";
import { Script } from "./peer.ts";

describe("HTTP/2 over TLS", () => {
  const certificates = readCertificates();
  const clientTls = () => ({ ca: certificates().ca, serverName: "localhost" });
  const echoed = http2({
    handler: async ({ scheme, body }) => ({ headers: { "x-scheme": scheme }, body: await body.bytes() }),
  });

  async function listen(protocols: readonly Protocol[], more: Partial<ServerTls> = {}) {
    const { serverCert: cert, serverKey: key } = certificates();
    return await createServer({ transport: auto(), protocols, exitWaitMs: 100 })
      .add(EchoService, echoHandlers())
      .add(StreamService, streamHandlers())
      .listen({ hostname: "127.0.0.1", port: 0, tls: { cert, key, ...more } });
  }

  it("carries requests of a client that has agreed on h2", async () => {
    const server = await listen([echoed]);
    const client = await connectHttp2({ to: server.address, transport: auto(), tls: clientTls() });
    try {
      const body = "x".repeat(200_000);
      const response = await client.request({ method: "POST", body });
      assertEquals([response.status, response.headers.get("x-scheme")], [200, "https"]);
      assertEquals(new TextDecoder().decode(await response.body.bytes()), body);
    } finally {
      await client.close();
      await server.close();
    }
  });

  it("carries gRPC beside Thrift on one port, plain connections included", async () => {
    const server = await listen([grpc(), framed()], { detect: true });
    const common = { to: server.address, transport: auto(), timeoutMs: 20_000 };
    const clients = [
      createClient(EchoService, { ...common, protocol: grpc(), tls: clientTls() }),
      createClient(EchoService, { ...common, protocol: framed(), tls: clientTls() }),
      createClient(EchoService, { ...common, protocol: grpc() }),
    ];
    const streams = createClient(StreamService, { ...common, protocol: grpc(), tls: clientTls() });
    try {
      for (const client of clients) assertEquals(await client.echoString("over TLS"), "over TLS");
      const got: string[] = [];
      for await (const { msg } of streams.serverStream({ msg: "3:x", all: undefined })) got.push(msg);
      assertEquals(got, ["x-0", "x-1", "x-2"]);
    } finally {
      await Promise.all([...clients, streams].map((client) => client.close()));
      await server.close();
    }
  });

  it("is told by its first bytes where a client offers no ALPN", async () => {
    const server = await listen([echoed]);
    const transport = auto();
    const peer = new RawPeer(await transport.dial(server.local, { tls: clientTls() }));
    try {
      await peer.send(new Script().preface().w.written().slice());
      // SETTINGS come back.
      assertEquals((await peer.receive(9))[3], 4);
    } finally {
      peer.conn.close();
      await peer.closed;
      await server.close();
    }
  });

  it("is not spoken to a server that agreed on nothing, or on something else", async () => {
    for (const more of [{}, { alpn: ["http/1.1"] }]) {
      const server = await listen([framed()], more);
      const error = await assertRejects(
        () =>
          connectHttp2({ to: server.address, transport: auto(), tls: { alpn: ["h2", "http/1.1"], ...clientTls() } }),
        RpcError,
      );
      assertEquals(error.kind, "connect");
      await server.close();
    }
  });
});
