import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { createClient, createServer, framed, type PoolOptions, RpcError, type Transport } from "../../../mod.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";

const ascii = (text: string): string => hexOf(new TextEncoder().encode(text));

/** What servers send to a client of gRPC before they close, and what it is told. */
const SERVERS: readonly [what: string, sent: string, hint: string][] = [
  [
    "one that says nothing",
    "",
    "the peer closed the connection: not a byte came: does it serve gRPC, and without TLS?",
  ],
  ["a web server", ascii("HTTP/1.1 400 Bad Request\r\n\r\n"), "the server speaks HTTP/1: Connect and gRPC-Web need"],
  ["a TLS server", "15030100020246", "the server speaks TLS: the client needs `tls`"],
  ["a TLS server with more to say", "1503010002024615030100020246", "the server speaks TLS: the client needs `tls`"],
  [
    "one of TTHeader",
    "0000004d1000000000000001",
    "what came is no HTTP/2 (00 00 00 4d 10 00 00 00 00): does it serve gRPC?",
  ],
  ["one that broke off in its settings", "000006040000000000 0005", "the peer closed the connection"],
];
const POOLS: readonly PoolOptions[] = [{ type: "channel" }, { type: "mux" }];

/** The error of a call to a server that sends so and closes. */
async function errorAt(transport: Transport, pool: PoolOptions, sent?: string): Promise<RpcError> {
  const listener = sent === undefined ? undefined : await transport.listen({ path: "other" }, (conn) =>
    conn.start({
      chunk() {
        if (sent !== "") conn.write(bytesOf(sent));
        conn.close();
      },
      end: () => {},
      drain: () => {},
      close: () => {},
    }));
  const client = createClient(EchoService, { to: "unix:other", transport, protocol: grpc(), pool, timeoutMs: 20_000 });
  const error = await assertRejects(() => client.ping(), RpcError);
  await client.close();
  await listener?.close();
  return error;
}

describe("a gRPC client of a server that speaks something else", () => {
  for (const pool of POOLS) {
    for (const [what, sent, hint] of SERVERS) {
      it(`is told what to do, at ${what} (${pool.type})`, async () => {
        const { kind, message } = await errorAt(memory(), pool, sent);
        assertEquals(kind, "unavailable");
        assertStringIncludes(message, hint);
        if (sent.startsWith("000006")) assertEquals(message.includes("does it serve"), false);
      });
    }

    it(`is told so at a server of ours without gRPC (${pool.type})`, async () => {
      const transport = memory();
      const server = await createServer({ transport, protocols: [framed()] })
        .add(EchoService, echoHandlers()).listen({ path: "other" });
      assertStringIncludes((await errorAt(transport, pool)).message, "not a byte came: does it serve gRPC");
      await server.close();
    });
  }

  it("is not told so where it gave up itself", async () => {
    const transport = memory();
    const listener = await transport.listen(
      { path: "mute" },
      (conn) => conn.start({ chunk() {}, end: () => conn.close(), drain() {}, close() {} }),
    );
    const client = createClient(EchoService, { to: "unix:mute", transport, protocol: grpc() });
    const call = assertRejects(() => client.ping(), RpcError);
    await new Promise((resolve) => setTimeout(resolve));
    await client.close();
    assertEquals((await call).message, "the client was closed");
    await listener.close();
  });
});
