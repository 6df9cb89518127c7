/**
 * Hostile HTTP/2 and HTTP/1.1, seeded: spoiled frames and requests against a live port where gRPC and Connect are served, and
 * spoiled answers to a client of gRPC. Nobody else's calls fail, and each call of that client settles.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { connect } from "../../codecs/connect/protocol.ts";
import { createWebClient } from "../../codecs/connect/web_client.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient, createServer, RpcError } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { testHandlers, TestService } from "../interop/grpc_handlers.ts";
import { seeded } from "../lib/io/random.ts";
import { frameRecording, hostileReplies, hostileRequests } from "./hostile_frames.ts";
import type { Random } from "./mutate.ts";
import { join, RawPeer } from "./raw_peer.ts";

const INPUTS = 4_000;
/** How many connections attack at once. */
const AT_ONCE = 8;
/** How many connections a hostile server answers on. */
const ANSWERS = 200;
/** From this many bytes on, a client has sent some of its requests. */
const REQUEST_BYTES = 250;
const MIB = 1024 * 1024;
/** What the process may grow by: the attackers' own bytes, and what the runtime has not collected yet. */
const MOST_GROWTH = 256 * MIB;

const encoder = new TextEncoder();
const PATH = "/grpc.testing.TestService/UnaryCall";
const JSON_BODY = `{"responseSize":10,"payload":{"body":"AAAA"}}`;

/** Requests of Connect, gRPC-Web and a preflight, as HTTP/1.1. */
function http1Requests(): Uint8Array[] {
  const post = (type: string, content: string, fields = ""): Uint8Array =>
    encoder.encode(
      `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\n${fields}content-length: ${content.length}\r\n\r\n${content}`,
    );
  const chunked =
    `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n` +
    `5;a=b\r\n{"res\r\n8\r\nponseSiz\r\n5\r\ne":1}\r\n0\r\n\r\n`;
  return [
    post("application/json", JSON_BODY),
    post("application/json", JSON_BODY, "connect-protocol-version: 1\r\nconnect-timeout-ms: 5000\r\n"),
    post("application/grpc-web+json", `\0\0\0\0${String.fromCharCode(JSON_BODY.length)}${JSON_BODY}`),
    post("application/connect+json", `\0\0\0\0\u0002{}`).slice(),
    encoder.encode(chunked),
    encoder.encode(
      `OPTIONS ${PATH} HTTP/1.1\r\nhost: a\r\norigin: http://b\r\naccess-control-request-method: POST\r\n\r\n`,
    ),
    encoder.encode(`GET ${PATH}?encoding=json&message=%7B%7D HTTP/1.1\r\nhost: a\r\n\r\n`),
  ];
}

/** Some requests on one connection, one of them spoiled or more. */
function hostileText(sound: readonly Uint8Array[], below: Random): { bytes: Uint8Array; spoiled: number } {
  const requests = Array.from({ length: 1 + below(4) }, () => sound[below(sound.length)]!.slice());
  const spoiled = 1 + below(3);
  for (let i = 0; i < spoiled; i++) {
    const at = below(requests.length);
    const bytes = requests[at]!;
    const where = below(bytes.length);
    switch (below(6)) {
      case 0:
        requests[at] = bytes.slice(0, Math.max(1, where));
        break;
      case 1:
        requests[at] = join([
          bytes.subarray(0, where),
          Uint8Array.from({ length: below(80) }, () => below(256)),
          bytes.subarray(where),
        ]);
        break;
      case 2:
        requests[at] = join([bytes.subarray(0, where), encoder.encode("\r\n\r\n"), bytes.subarray(where)]);
        break;
      case 3:
        requests[at] = join([
          bytes.subarray(0, where),
          new Uint8Array(below(20_000)).fill(0x61),
          bytes.subarray(where),
        ]);
        break;
      default:
        bytes[where] = below(256);
    }
  }
  return { bytes: join(requests), spoiled };
}

describe("a live port of gRPC and Connect", () => {
  it(`outlives ${INPUTS} hostile frames and requests, and answers everybody else`, async () => {
    const transport = auto();
    const server = await createServer({ transport, protocols: [grpc(), connect()] })
      .add(TestService, testHandlers())
      .listen({ hostname: "127.0.0.1", port: 0 });
    const client = createClient(TestService, { to: server.address, transport, protocol: grpc(), timeoutMs: 60_000 });
    const web = createWebClient(TestService, { to: `http://${server.address}`, timeoutMs: 60_000 });
    const recording = await frameRecording();
    const texts = http1Requests();
    const below = seeded(20_261_130);
    let inputs = 0;
    let answered = 0;
    let most = 0;

    async function attack(): Promise<void> {
      while (inputs < INPUTS) {
        const { bytes, spoiled } = below(3) === 0 ? hostileText(texts, below) : hostileRequests(recording, below);
        inputs += spoiled;
        const peer = await RawPeer.dial(transport, server.local, { keep: false });
        await peer.send(bytes);
        if (below(4) === 0) peer.conn.abort();
        else peer.conn.closeWrite();
        await peer.dropped(); // FIN or reset: no connection is left hanging
      }
    }
    async function call(
      unary: (size: number) => Promise<{ readonly payload?: { readonly body: Uint8Array } | undefined }>,
    ) {
      while (inputs < INPUTS) {
        const size = 1 + answered++ % 1000;
        assertEquals((await unary(size)).payload?.body.length, size);
        if (answered % 50 === 0) most = Math.max(most, process.memoryUsage().rss);
      }
    }
    /** One stream, open all the time. */
    async function converse(): Promise<void> {
      let heard = 0;
      async function* requests() {
        while (inputs < INPUTS) {
          yield { responseParameters: [{ size: 10 }] };
          await new Promise<void>((resolve) => setTimeout(resolve));
        }
      }
      for await (const _ of client.fullDuplexCall(requests(), { timeoutMs: 0 })) heard++;
      assert(heard > 10, `${heard} messages came back`);
    }

    await client.emptyCall({});
    const before = process.memoryUsage().rss;
    await Promise.all([
      call((responseSize) => client.unaryCall({ responseSize })),
      call((responseSize) => web.unaryCall({ responseSize })),
      converse(),
      ...Array.from({ length: AT_ONCE }, attack),
    ]);
    const growth = most - before;
    console.log(
      `hostile frames: ${inputs} inputs, ${answered} calls beside them, grew by ${Math.round(growth / MIB)} MiB`,
    );
    assert(growth < MOST_GROWTH, `grew by ${Math.round(growth / MIB)} MiB`);
    assert(answered > 100, `only ${answered} calls got through`);
    await client.close();
    await server.close();
    assertEquals([server.stats.running, server.stats.connections], [0, 0]);
  });
});

describe("a client of gRPC", () => {
  it(`has each call settled by a server that spoils its answers in ${ANSWERS} ways`, async () => {
    const transport = auto();
    const recording = await frameRecording();
    const below = seeded(4_242);
    const kinds = new Map<string, number>();
    let connections = 0;
    const server = await transport.listen({ hostname: "127.0.0.1", port: 0 }, (conn) => {
      connections++;
      const peer = new RawPeer(conn);
      void (async () => {
        const { settings, answers } = hostileReplies(recording, below);
        await peer.send(settings);
        await peer.receive(REQUEST_BYTES);
        await peer.send(answers);
        if (below(2) === 0) peer.conn.closeWrite();
        else peer.conn.abort();
        await peer.dropped();
      })();
    });
    const settle = async (call: Promise<unknown>): Promise<void> => {
      const kind = await call.then(() => "answered", (error: unknown) => {
        assertInstanceOf(error, RpcError);
        assert(error.message.length < 2000, error.message.slice(0, 200));
        return error.kind;
      });
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    };
    const payload = { body: new Uint8Array(10) };
    const output = { responseParameters: [{ size: 10 }] };
    async function read(messages: AsyncIterable<unknown>): Promise<void> {
      for await (const _ of messages); // to its end
    }
    while (connections < ANSWERS) {
      const client = createClient(TestService, { to: server.local, transport, protocol: grpc(), timeoutMs: 300 });
      await Promise.all([
        settle(client.emptyCall({})),
        settle(client.unaryCall({ responseSize: 50, payload })),
        settle(client.unaryCall({})),
        settle(read(client.streamingOutputCall(output))),
        settle(client.streamingInputCall([{ payload }])),
        settle(read(client.fullDuplexCall([output, output]))),
      ]);
      await client.close();
    }
    await server.close();
    const seen = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(", ");
    console.log(`hostile answers of gRPC: ${connections} connections, ${seen}`);
    assert((kinds.get("answered") ?? 0) > 0, `nothing was answered: ${seen}`);
    assert(kinds.size > 3, `the answers were all alike: ${seen}`);
  });
});
