/**
 * Our servers and clients beside recordings of Kitex v0.16.0: the same calls answered with the same bytes, and the same
 * calls sent with the same header.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type CallOptions,
  type ClientOptions,
  createClient,
  createServer,
  kitex,
  RpcError,
  ttheader,
} from "../../../mod.ts";
import { decodeFrame, type Frame } from "../../../codecs/ttheader/frame.ts";
import { IntKey } from "../../../codecs/ttheader/keys.ts";
import type { RunningServer } from "../../../lib/rpc/running_server.ts";
import type { Transport } from "../../../lib/io/raw.ts";
import { memory } from "../../../transports/memory.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { RawPeer } from "../../lib/rpc/fixture.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";
import { Vec, Vec2, type Vec2Handlers, type VecHandlers } from "./gen/vec.ts";
import { VecPb } from "./gen/vec_rpc.ts";
import { recordings } from "./recordings.ts";

/** What our server answers otherwise, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "buffered biz": "a status that the protocol has no room for is an error, not an empty answer",
  "buffered-nosuch nosuch": "the message says what is served, and the code is UNKNOWN_METHOD",
  "ttheader-nosuch nosuch": "the message says what is served, and the connection stays open",
};

function handlers(): VecHandlers {
  const boom = (): never => {
    throw new Error("biz error: boom");
  };
  const notFound = (): never => {
    throw new RpcError("business", "not found", { code: 404, extra: { k: "v" } });
  };
  return {
    add: ({ n }, { meta }) => {
      meta.backward.set("bk", "bv");
      return { n: n + 1 };
    },
    nop: () => {},
    fire: () => {},
    fail: boom,
    biz: notFound,
    addu: ({ n }) => ({ n: n + 1 }),
    bizu: notFound,
    failu: boom,
    throwu: boom,
    bidi: (requests) => requests,
  };
}

async function serve(transport: Transport): Promise<RunningServer> {
  const { add, fail, biz } = handlers();
  return await createServer({ transport, protocols: [kitex()] })
    .add(Vec, handlers(), { fallback: true })
    .add(VecPb, { add, fail, biz } as never)
    .listen({ path: "server" });
}

describe("a server answers as Kitex's does", () => {
  for (const { name, call, answer } of recordings()) {
    it(name, async () => {
      const transport = memory();
      await using _server = await serve(transport);
      const peer = new RawPeer(await transport.dial({ path: "server" }));
      peer.send(call);
      // Behind a call that has no answer, the next answer is that of another.
      if (answer === undefined) {
        peer.send("80010001 00000003 6e6f70 00000063 0c0001 080001 00000007 00 00");
        assertEquals(await peer.receive(16), "80010002000000036e6f700000006300");
      } else if (DIFFERENT[name] === undefined) {
        assertEquals(await peer.receive(answer.length / 2), answer);
      } else {
        const ours = await peer.receive(answer.startsWith("8001") ? 16 : 8);
        assert(ours !== answer, DIFFERENT[name]);
      }
      peer.conn.abort();
    });
  }
});

/** The frame that a client with such options sends for a call of `add`. */
async function frameOfCall(
  options: Pick<ClientOptions, "protocol"> & Partial<ClientOptions>,
  call: CallOptions,
): Promise<Frame> {
  const transport = memory();
  const heard: number[] = [];
  const listener = await transport.listen({ path: "raw" }, (raw) =>
    raw.start({
      chunk: (bytes) => {
        heard.push(...bytes);
        raw.abort();
      },
      end: () => {},
      drain: () => {},
      close: () => {},
    }));
  const client = createClient(Vec, { to: "unix:raw", transport, ...options });
  await assertRejects(() => client.add({ n: 7 }, call), RpcError);
  await client.close();
  await listener.close();
  return decodeFrame(Uint8Array.from(heard))!;
}

describe("a client calls as Kitex's does", () => {
  const cases = [
    ["ttheader add", ttheader({ framed: true })],
    ["ttheader-unframed add", ttheader()],
  ] as const;
  for (const [name, protocol] of cases) {
    it(name, async () => {
      const recorded = decodeFrame(bytesOf(recordings().find((one) => one.name === name)!.call))!;
      const frame = await frameOfCall({ protocol, caller: "cli", destService: "svc" }, {
        meta: { transient: { TK: "tv" }, persistent: { PK: "pv" } },
      });
      assertEquals([frame.flags, frame.protocolId], [recorded.flags, recorded.protocolId]);
      assertEquals(frame.strings, recorded.strings);
      assertEquals(frame.ints, recorded.ints);
      const withoutSeqid = (bytes: Uint8Array): string => hexOf(bytes).replace(/(616464)[0-9a-f]{8}/, "$1");
      assertEquals(withoutSeqid(frame.payload), withoutSeqid(recorded.payload));
    });
  }

  for (const meta of [undefined, { persistent: { PK: "pv" } }]) {
    it(`and says what was set, ${meta === undefined ? "nothing else" : "with metadata"}`, async () => {
      const timesOf = async (options: Partial<ClientOptions>): Promise<(string | undefined)[]> => {
        const { ints } = await frameOfCall({ protocol: ttheader(), clock: new ManualClock(), ...options }, { meta });
        return [ints.get(IntKey.RPC_TIMEOUT), ints.get(IntKey.CONNECT_TIMEOUT)];
      };
      assertEquals(await timesOf({}), [undefined, undefined]);
      assertEquals(await timesOf({ timeoutMs: 500, connectTimeoutMs: 70.5 }), ["500", "70"]);
      assertEquals(await timesOf({ connectTimeoutMs: 50 }), [undefined, "50"]);
    });
  }

  it("each client by itself, where several share a protocol", async () => {
    const protocol = ttheader();
    const said: (string | undefined)[] = [];
    for (const connectTimeoutMs of [50, undefined, 60]) {
      said.push((await frameOfCall({ protocol, connectTimeoutMs }, {})).ints.get(IntKey.CONNECT_TIMEOUT));
    }
    assertEquals(said, ["50", undefined, "60"]);
  });
});

describe("services and methods that are not served", () => {
  const frameOf = (service: string, method: string): string => {
    const text = (value: string): string =>
      value.length.toString(16).padStart(4, "0") + hexOf(new TextEncoder().encode(value));
    let info = `0000 01 0001 ${text("isn")} ${text(service)}`.replaceAll(" ", "");
    while ((info.length / 2) % 4 !== 0) info += "00";
    const name = hexOf(new TextEncoder().encode(method));
    const payload = `80010001${(name.length / 2).toString(16).padStart(8, "0")}${name}000000070c00010800010000000700` +
      "00";
    const size = (info.length / 8).toString(16).padStart(4, "0");
    const rest = `1000000000000007${size}${info}${payload}`;
    return (rest.length / 2).toString(16).padStart(8, "0") + rest;
  };
  const cases: readonly [service: string, method: string, code: number | undefined, text: string][] = [
    ["Vec", "zzz", 1, "unknown method zzz of service Vec"],
    ["Nope", "zzz", 20, "unknown service Nope, method zzz"],
    ["Nope", "add", undefined, ""],
  ];
  for (const [service, method, code, text] of cases) {
    it(`${service}.${method} is ${code === undefined ? "found by its method" : `answered with code ${code}`}`, async () => {
      const transport = memory();
      await using _server = await serve(transport);
      const peer = new RawPeer(await transport.dial({ path: "server" }));
      peer.send(frameOf(service, method));
      const length = await peer.receive(4);
      const frame = decodeFrame(bytesOf(length + await peer.receive(parseInt(length, 16))))!;
      assertEquals(frame.ints.get(22), code === undefined ? "2" : "3");
      if (code !== undefined) {
        const payload = hexOf(frame.payload);
        assertStringIncludes(payload, hexOf(new TextEncoder().encode(text)));
        assert(payload.endsWith(`080002${code.toString(16).padStart(8, "0")}00`));
      }
      peer.conn.abort();
    });
  }
  it("two services with one method are told apart by name", async () => {
    const transport = memory();
    const second: Vec2Handlers = { ...handlers(), add: () => ({ n: 100 }), nosuch: () => ({ n: 0 }) };
    await using _server = await createServer({ transport, protocols: [kitex()] })
      .add(Vec, handlers(), { fallback: true }).add(Vec2, second).listen({ path: "server" });
    await using one = createClient(Vec, { to: "unix:server", transport });
    await using two = createClient(Vec2, { to: "unix:server", transport });
    assertEquals([(await one.add({ n: 1 })).n, (await two.add({ n: 1 })).n], [2, 100]);
  });
});
