import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { buffered, createClient, createServer, framed, kitexProtobuf, type Protocol, RpcError } from "../../../mod.ts";
import { foreignServer } from "../../../codecs/message/foreign_server.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { PbEcho, protoHandlers } from "../../interop/proto_handlers.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";

const ascii = (text: string): string => hexOf(new TextEncoder().encode(text));

/** What servers of other protocols send to a client that speaks none of theirs. */
const SERVERS: readonly [what: string, sent: string, hint: string][] = [
  ["grpc-go", "000006040000000000 000500004000", "gRPC needs `protocol: grpc()` of @updraft/rpc/grpc"],
  ["a gRPC server without settings", "000000040000000000", "gRPC needs `protocol: grpc()` of @updraft/rpc/grpc"],
  ["a web server", ascii("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"), "the server speaks HTTP/1"],
  ["a TLS server", "15030100020246", "the server speaks TLS: the client needs `tls`"],
];

const CLIENTS: readonly [name: string, protocol: Protocol | undefined][] = [
  ["the default", undefined],
  ["framed()", framed()],
  ["buffered()", buffered()],
  ["kitexProtobuf()", kitexProtobuf()],
];

/** The error of a call of such a client to `to`. */
async function errorOf(
  to: string,
  transport: ReturnType<typeof memory>,
  protocol: Protocol | undefined,
): Promise<RpcError> {
  const options = { to, transport, timeoutMs: 20_000, ...(protocol === undefined ? {} : { protocol }) };
  const call = async (): Promise<unknown> => {
    if (protocol !== undefined && protocol.name !== "kitex protobuf") {
      await using client = createClient(EchoService, options);
      return await client.ping();
    }
    await using client = createClient(PbEcho, options);
    return await client.echo({ msg: "" });
  };
  return await assertRejects(call, RpcError);
}

describe("a client of a server that speaks something else", () => {
  for (const [what, sent, hint] of SERVERS) {
    for (const [name, protocol] of CLIENTS) {
      it(`is told what to do: ${name} at ${what}`, async () => {
        const transport = memory();
        const listener = await transport.listen({ path: "other" }, (conn) =>
          conn.start({
            chunk() {
              conn.write(bytesOf(sent));
              conn.close();
            },
            end: () => {},
            drain: () => {},
            close: () => {},
          }));
        assertStringIncludes((await errorOf("unix:other", transport, protocol)).message, hint);
        await listener.close();
      });
    }
  }

  it("is told too if the bytes come one by one", async () => {
    const transport = memory();
    const listener = await transport.listen({ path: "other" }, (conn) =>
      conn.start({
        chunk() {
          void (async () => {
            for (const byte of bytesOf(SERVERS[0]![1])) {
              conn.write(Uint8Array.of(byte));
              await new Promise<void>((resolve) => setTimeout(resolve));
            }
            conn.close();
          })();
        },
        end: () => {},
        drain: () => {},
        close: () => {},
      }));
    assertStringIncludes((await errorOf("unix:other", transport, undefined)).message, "grpc()");
    await listener.close();
  });

  for (const [name, protocol] of CLIENTS) {
    it(`hears nothing from ours, which says what it was asked: ${name} at grpc()`, async () => {
      const transport = memory();
      const refused: string[] = [];
      await using _server = await createServer({
        transport,
        protocols: [grpc()],
        onError: ({ message }) => void refused.push(message),
      }).add(PbEcho, protoHandlers()).add(EchoService, echoHandlers()).listen({ path: "grpc" });
      const { kind, message } = await errorOf("unix:grpc", transport, protocol);
      assertEquals(kind, "transport");
      assert(/: not a byte came: does it serve (ttheader|framed|buffered)\?$/.test(message), message);
      assertStringIncludes(refused[0]!, "none of what is served (grpc)");
    });
  }
});

describe("a server without gRPC", () => {
  it("says of an HTTP/2 connection and of an HTTP/1 request what would serve them", async () => {
    const transport = memory();
    const refused: string[] = [];
    await using _server = await createServer({ transport, onError: ({ message }) => void refused.push(message) })
      .add(PbEcho, protoHandlers()).listen({ path: "server" });
    const client = createClient(PbEcho, { to: "unix:server", transport, protocol: grpc() });
    assertEquals((await assertRejects(() => client.echo({ msg: "" }), RpcError)).kind, "unavailable");
    await client.close();
    const conn = await transport.dial({ path: "server" });
    const gone = new Promise<void>((resolve) =>
      conn.start({ chunk: () => {}, end: () => resolve(), drain: () => {}, close: () => resolve() })
    );
    conn.write(new TextEncoder().encode("POST /p.Echo/Echo HTTP/1.1\r\n\r\n"));
    await gone;
    assertStringIncludes(refused[0]!, "add grpc() of @updraft/rpc/grpc to `protocols`");
    assertStringIncludes(refused.at(-1)!, "add connect() of @updraft/rpc/connect to `protocols`");
  });
});

describe("foreignServer", () => {
  it("takes nothing that a server of ours sends for another's", () => {
    const ours = [
      "0000004d1000000000000001", // TTHeader
      "000006048001000200000003", // framed Thrift Binary of 1,540 bytes
      "8001000200000003",
      "8221070361",
      ascii('[1,"add",2,1,'),
      "00000604",
      "",
    ];
    assertEquals(ours.map((hex) => foreignServer(bytesOf(hex))), ours.map(() => undefined));
  });
});
