/**
 * Our client against servers that answer garbage, lie about lengths and ids, cut messages off or say nothing: each call
 * settles, none hangs, and the client goes on.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { buffered, type Client, createClient, createServer, framed, type PoolOptions, RpcError } from "../../mod.ts";
import type { Endpoint, RawConn, RawListener, Transport } from "../../lib/io/raw.ts";
import { auto } from "../../transports/auto.ts";
import { EchoException, EchoService, type EchoServiceClient, OtherException } from "../interop/gen/echo.ts";
import { echoHandlers, fullValue } from "../interop/handlers.ts";
import { seeded } from "../lib/io/random.ts";
import { corpus, type Recording } from "./corpus.ts";
import { mutate, spoilInside } from "./mutate.ts";
import { join, RawPeer } from "./raw_peer.ts";

const POOLS: readonly PoolOptions[] = [{ type: "long" }, { type: "short" }, { type: "mux" }];
const PAYLOADS = ["binary", "compact", "json"] as const;
const PROTOCOLS = [framed, buffered].flatMap((make) => PAYLOADS.map((payload) => make({ payload })));
const AT_ONCE = 4;

/** A hostile server: what it does with a connection, given the first request on it. */
type Script = (peer: RawPeer, request: Uint8Array) => Promise<unknown> | void;

/** Serves each connection with the script, after the first bytes of a request are there. */
async function hostileServer(
  transport: Transport,
  script: Script,
): Promise<RawListener & { readonly local: Endpoint }> {
  return await transport.listen({ hostname: "127.0.0.1", port: 0 }, (conn: RawConn) => {
    void serve(new RawPeer(conn), script);
  });
}

async function serve(peer: RawPeer, script: Script): Promise<void> {
  const first = await peer.receive(8);
  if (first.length > 0) await script(peer, join([first, peer.rest()]));
  await peer.ended;
  peer.conn.close();
}

const bytes = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const PING = "70696e67";
/** A framed binary message with the name `ping`. */
const message = (type: number, seqid: string, body: string): string => {
  const rest = `800100${type.toString(16).padStart(2, "0")}00000004${PING}${seqid}${body}`;
  return (rest.length / 2).toString(16).padStart(8, "0") + rest;
};

const SCRIPTS: readonly [name: string, script: Script][] = [
  ["closes", (peer) => peer.conn.closeWrite()],
  ["resets", (peer) => peer.conn.abort()],
  ["says nothing", () => {}],
  ["sends garbage", (peer) => peer.send(bytes("deadbeef".repeat(100)))],
  ["sends zeros", (peer) => peer.send(new Uint8Array(1000))],
  ["speaks HTTP", (peer) => peer.send(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"))],
  ["announces 2 GiB", (peer) => peer.send(bytes("7fffffff80010002"))],
  ["announces a negative length", (peer) => peer.send(bytes("ffffffff80010002"))],
  ["announces 16 MiB and sends a little", (peer) => peer.send(bytes("01000000" + "80010002"))],
  ["names another sequence id", (peer) => peer.send(bytes(message(2, "7fffffff", "00")))],
  ["names sequence id 0", (peer) => peer.send(bytes(message(2, "00000000", "00")))],
  ["names another method", (peer) => peer.send(bytes("0000001180010002000000046e6f70650000000100"))],
  ["answers with a call", (peer) => peer.send(bytes(message(1, "00000001", "00")))],
  ["answers with type 9", (peer) => peer.send(bytes(message(9, "00000001", "00")))],
  ["answers with a broken exception", (peer) => peer.send(bytes(message(3, "00000001", "0b0001ffffffff00")))],
  ["answers with an empty frame", (peer) => peer.send(bytes("00000000"))],
  ["answers with a cut struct", (peer) => peer.send(bytes(message(2, "00000001", "0b0001")))],
  ["nests without end", (peer) => peer.send(bytes(message(2, "00000001", "0c0001".repeat(5000))))],
  ["answers ten times", (peer) => peer.send(bytes(message(2, "00000001", "00").repeat(10)))],
  ["cuts the length off", async (peer) => {
    await peer.send(bytes("0000"));
    peer.conn.closeWrite();
  }],
  ["cuts the answer off", async (peer) => {
    await peer.send(bytes(message(2, "00000001", "00")).subarray(0, 15));
    peer.conn.closeWrite();
  }],
  ["resets within the answer", async (peer) => {
    await peer.send(bytes(message(2, "00000001", "00")).subarray(0, 15));
    peer.conn.abort();
  }],
  ["echoes the request", (peer, request) => peer.send(request)],
];

/** Makes calls at once and checks that each ends in a value or a fitting error. */
async function makeCalls(client: Client<EchoServiceClient>): Promise<void> {
  const calls = Array.from(
    { length: AT_ONCE },
    (_, i) => i % 2 === 0 ? client.ping() : client.echo({ msg: "x", all: fullValue() }),
  );
  for (const outcome of await Promise.allSettled(calls)) {
    if (outcome.status === "fulfilled") continue;
    const { reason } = outcome;
    if (reason instanceof EchoException || reason instanceof OtherException) continue;
    assertInstanceOf(reason, RpcError);
    assert(reason.message.length < 1000, reason.message.slice(0, 200));
    assert(
      ["protocol", "transport", "timeout", "connect", "internal", "unimplemented"].includes(reason.kind),
      reason.kind,
    );
  }
}

describe("a client of a hostile server", () => {
  for (const [name, script] of SCRIPTS) {
    it(`that ${name} has each call settled`, async () => {
      const transport = auto();
      const server = await hostileServer(transport, script);
      await Promise.all(POOLS.flatMap((pool) =>
        PROTOCOLS.map(async (protocol) => {
          const client = createClient(EchoService, { to: server.local, transport, protocol, pool, timeoutMs: 150 });
          await makeCalls(client);
          await client.close();
        })
      ));
      await server.close();
    });
  }

  it("that spoils its answers in 1,000 ways has each call settled", async () => {
    const transport = auto();
    const replies = (await corpus()).filter(({ kind }) => kind === "reply");
    const random = seeded(7_777);
    for (const payload of PAYLOADS) {
      for (const make of [framed, buffered]) {
        const own = replies.filter((reply) => reply.framed === (make === framed) && reply.payload === payload);
        let connections = 0;
        const server = await hostileServer(transport, async (peer) => {
          connections++;
          await peer.send(spoiledReply(own, random));
          if (random(2) === 0) peer.conn.closeWrite();
          else peer.conn.abort();
        });
        const client = createClient(EchoService, {
          to: server.local,
          transport,
          protocol: make({ payload }),
          pool: { type: "short" },
          timeoutMs: 500,
        });
        while (connections < 167) await makeCalls(client);
        await client.close();
        await server.close();
      }
    }
  });

  it("that mends its ways is served well again", async () => {
    const transport = auto();
    for (const pool of POOLS) {
      const hostile = await hostileServer(transport, (peer) => peer.send(bytes("deadbeef".repeat(10))));
      const { local } = hostile as { local: { hostname: string; port: number } };
      const client = createClient(EchoService, { to: local, transport, pool, timeoutMs: 5_000 });
      await makeCalls(client);
      await hostile.close();
      await using _ = await createServer({ transport }).add(EchoService, echoHandlers()).listen(local);
      assertEquals(await client.echoString("well again"), "well again");
      await client.close();
    }
  });
});

function spoiledReply(replies: readonly Recording[], below: (limit: number) => number): Uint8Array {
  const { bytes, framed } = replies[below(replies.length)]!;
  return framed && below(3) > 0 ? spoilInside(bytes, below) : mutate(replies, below);
}
