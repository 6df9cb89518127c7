/**
 * What a sniffer makes of gRPC: calls of our own client and server, seen on the wire.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { GrpcCalls } from "../../../cli/sniff/grpc.ts";
import { MessageReader } from "../../../cli/sniff/messages.ts";
import type { Direction, Sniffed } from "../../../cli/sniff/sniffed.ts";
import { Sniffer } from "../../../cli/sniff/sniffer.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import {
  type ClientOptions,
  createClient,
  createServer,
  type FrontClientOptions,
  gzip,
  type Transport,
} from "../../../mod.ts";
import type { RawConn } from "../../../lib/io/raw.ts";
import type { ServiceSchema } from "../../../lib/schema/service.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { PbEcho, PbStream, protoHandlers, protoStreamHandlers } from "../../interop/proto_handlers.ts";

/** The transport, telling what is written on connections that are dialled and accepted. */
function tapped(transport: Transport, tap: (from: Direction, bytes: Uint8Array) => void): Transport {
  const listen = (conn: RawConn, from: Direction): RawConn => {
    const write = conn.write.bind(conn);
    conn.write = (bytes) => {
      const taken = write(bytes);
      tap(from, bytes.slice(0, taken));
      return taken;
    };
    return conn;
  };
  return {
    name: transport.name,
    dial: async (to, options) => listen(await transport.dial(to, options), "client"),
    listen: (on, accept, options) => transport.listen(on, (conn) => accept(listen(conn, "server")), options),
  };
}

type Seen = Record<Direction, Sniffed[]>;

/** What is seen of some calls that share a connection. */
async function seen(
  known: readonly ServiceSchema[],
  compression: string | undefined,
  make: (options: Pick<ClientOptions, "to" | "transport" | "protocol">) => Promise<void>,
): Promise<Seen> {
  const items: Seen = { client: [], server: [] };
  const both = { messages: new MessageReader(known), compressors: [gzip()!], calls: new GrpcCalls() };
  const sniffers = {
    client: new Sniffer({ from: "client", ...both }),
    server: new Sniffer({ from: "server", ...both }),
  };
  const transport = tapped(memory(), (from, bytes) => {
    for (let at = 0; at < bytes.length; at += 7) items[from].push(...sniffers[from].feed(bytes.subarray(at, at + 7)));
  });
  await using _server = await createServer({ transport, protocols: [grpc({ compression })] })
    .add(PbEcho, protoHandlers()).add(PbStream, protoStreamHandlers()).add(EchoService, echoHandlers())
    .listen({ path: "server" });
  await make({ to: "unix:server", transport, protocol: grpc({ compression }) });
  return items;
}

async function makeCalls(options: FrontClientOptions): Promise<void> {
  await using echo = createClient(PbEcho, options);
  await echo.echo({ msg: "hello", all: { vi64: 7n, inner: { name: "x" } } });
  await echo.echo({ msg: "again" });
}

const bodies = (items: readonly Sniffed[]): unknown[] =>
  items.flatMap(({ details }) => details.messages as { body: unknown }[] ?? []).map(({ body }) => body);
const headers = (items: readonly Sniffed[]): string[][] =>
  items.flatMap(({ details }) => details.headers === undefined ? [] : [details.headers as string[]]);

for (const compression of [undefined, "gzip"]) {
  describe(`a sniffer of gRPC${compression === undefined ? "" : `, compressed by ${compression}`}`, () => {
    it("decodes all headers of a connection, those that only name earlier ones too", async () => {
      const { client, server } = await seen([], compression, makeCalls);
      assertEquals([...client, ...server].filter(({ error }) => error !== undefined), []);
      const paths = headers(client).map((fields) => fields.find((field) => field.startsWith(":path: ")));
      assertEquals(paths.slice(0, 2), [":path: /echo.pb.PbEcho/Echo", ":path: /echo.pb.PbEcho/Echo"]);
      assert(headers(server).some((fields) => fields.includes("grpc-status: 0")));
    });

    it("reads messages by field numbers and wire types", async () => {
      const { client, server } = await seen([], compression, makeCalls);
      const [first] = bodies(client) as Record<string, unknown>[];
      assertEquals(first?.["1 bytes"], "hello");
      assertEquals(bodies(server)[0], first);
      const [message] = client.flatMap(({ details }) => details.messages as { compressed: boolean }[] ?? []);
      assertEquals(message?.compressed, compression !== undefined);
    });

    it("reads messages by their descriptors, and Thrift by its IDL", async () => {
      const known = [PbEcho, PbStream, EchoService];
      const calls = await seen(known, compression, makeCalls);
      const shown = [{ msg: "hello", all: { vi64: "7", inner: { name: "x" } } }, { msg: "again" }];
      assertEquals([bodies(calls.client), bodies(calls.server)], [shown, shown]);
      const stream = await seen(known, compression, async (options) => {
        await using streams = createClient(PbStream, options);
        for await (const _ of streams.bidi([{ msg: "a" }, { msg: "b".repeat(40_000) }])) { /* all of them */ }
      });
      const lengths = (bodies(stream.client) as { msg: string }[]).map(({ msg }) => msg.length);
      assertEquals([lengths, bodies(stream.server).length], [[1, 40_000], 2]);
      const thrift = await seen(known, compression, async (options) => {
        await using client = createClient(EchoService, options);
        assertEquals(await client.echoString("thrift"), "thrift");
      });
      assertEquals(Object.values(bodies(thrift.client)[0] as object), ["thrift"]);
      assertEquals(bodies(thrift.server), [{ success: "thrift" }]);
    });
  });
}

describe("a sniffer of gRPC", () => {
  it("gives up on content that is no message, and holds no more than it may", () => {
    const hex = (text: string): Uint8Array =>
      Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
    const preface = "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a";
    // content-type: application/grpc, as a literal without indexing
    const type = "000c636f6e74656e742d74797065" + "106170706c69636174696f6e2f67727063";
    const frame = (kind: string, stream: string, data: string): string =>
      `${(data.length / 2).toString(16).padStart(6, "0")}${kind}000000${stream}${data}`;
    const sniff = (...data: readonly (readonly [stream: string, content: string])[]): Sniffed[] => {
      const sniffer = new Sniffer({ from: "client", messages: new MessageReader([]), maxBytes: 1_000 });
      const heads = ["01", "03"].map((stream) => frame("0104", stream, type)).join("");
      const frames = data.map(([stream, content]) => frame("0000", stream, content)).join("");
      return [...sniffer.feed(hex(preface + heads + frames))].slice(3);
    };
    const text = ({ details }: Sniffed): string => JSON.stringify(details.messages ?? null);
    const [bad, after] = sniff(["01", "0700000000"], ["01", "0000000000"]).map(text);
    assertStringIncludes(bad!, "7 is no flag of a message: messages of the stream are not read any more");
    assertEquals(after, "null");
    assertStringIncludes(text(sniff(["01", "00ffffffff"])[0]!), "too large");
    assertStringIncludes(text(sniff(["01", "0100000001ff"])[0]!), "compressed by nothing that was named");
    const half = `0000000384${"00".repeat(600)}`;
    const rest = "00".repeat(300);
    const held = sniff(["01", half], ["03", half], ["01", rest], ["03", rest]).map(text);
    assertEquals(held.map((shown) => shown.includes('"length":900')), [false, false, true, false]);
  });
});
