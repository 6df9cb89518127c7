/**
 * Our servers and clients beside recordings of Kitex v0.16.0: the same calls answered with the same bytes, and the same
 * calls sent with the same header.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  buffered,
  type CallOptions,
  type ClientOptions,
  createClient,
  createServer,
  framed,
  kitex,
  Metadata,
  RpcError,
  ttheader,
} from "../../../mod.ts";
import { decodeFrame, type Frame } from "../../../codecs/ttheader/frame.ts";
import { IntKey } from "../../../codecs/ttheader/keys.ts";
import type { RunningServer } from "../../../lib/rpc/running_server.ts";
import type { Transport } from "../../../lib/io/raw.ts";
import type { ServiceSchema } from "../../../lib/schema/service.ts";
import { memory } from "../../../transports/memory.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { RawPeer } from "../../lib/rpc/fixture.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";
import { Vec, Vec2, type Vec2Handlers } from "./gen/vec.ts";
import { VecPb } from "./gen/vec_rpc.ts";
import { vecHandlers } from "./vec_handlers.ts";
import { conversations } from "../vectors/conversations.ts";
import { recordings } from "./recordings.ts";

/** What our server answers otherwise, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "buffered biz": "a status that the protocol has no room for is an error, not an empty answer",
  "buffered-nosuch nosuch": "the message says what is served, and the code is UNKNOWN_METHOD",
  "ttheader-nosuch nosuch": "the message says what is served, and the connection stays open",
};

async function serve(transport: Transport): Promise<RunningServer> {
  const { add, fail, biz } = vecHandlers();
  return await createServer({ transport, protocols: [kitex()] })
    .add(Vec, vecHandlers(), { fallback: true })
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

/** The bytes that a client sends for a call, in its first write. */
async function bytesOfCall({ service, method, options, request }: Way, call: CallOptions): Promise<Uint8Array> {
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
  const client = createClient(service, { to: "unix:raw", transport, ...options });
  await client[method]!(request, call).catch(() => {}); // nobody answers
  await client.close();
  await listener.close();
  return Uint8Array.from(heard);
}

/** The frame that a client with such options sends for a call of `add`. */
async function frameOfCall(options: Partial<ClientOptions>, call: CallOptions): Promise<Frame> {
  return decodeFrame(await bytesOfCall({ ...wayOf("ttheader add"), options }, call))!;
}

/** How the recorded client called: its service, protocol and request. */
interface Way {
  readonly service: ServiceSchema<unknown, Record<string, Call>>;
  readonly method: string;
  readonly options: Partial<ClientOptions>;
  readonly request: unknown;
}

type Call = (request: unknown, options: CallOptions) => Promise<unknown>;

function wayOf(name: string): Way {
  const [form, method] = name.split(" ") as [string, string];
  const service = (form.startsWith("pb-") ? VecPb : method === "nosuch" ? Vec2 : Vec) as unknown as Way["service"];
  const protocol = form.startsWith("buffered")
    ? buffered()
    : form === "framed"
    ? framed()
    : ttheader({ framed: form !== "ttheader-unframed" });
  const withText = form === "buffered" || form.startsWith("pb-");
  return {
    service,
    method,
    options: { protocol, caller: "cli", destService: "svc" },
    request: withText ? { n: 7, s: "hi" } : { n: 7 },
  };
}

const META = { transient: { TK: "tv" }, persistent: { PK: "pv" } };

/** The digits of a message, its sequence id left out: it stands behind the name of the method. */
function withoutSeqid(hex: string, method: string): string {
  return hex.replace(new RegExp(`(${nameOf(method)})[0-9a-f]{8}`), "$1");
}

/** The name of a method in an envelope. */
function nameOf(method: string): string {
  return method.length.toString(16).padStart(8, "0") + hexOf(new TextEncoder().encode(method));
}

describe("a client calls as Kitex's does", () => {
  for (const { name, call } of recordings()) {
    it(name, async () => {
      const way = wayOf(name);
      const { method } = way;
      const sent = await bytesOfCall(way, { meta: META });
      if (!name.includes("ttheader") && !name.startsWith("pb-")) {
        assertEquals(withoutSeqid(hexOf(sent), method), withoutSeqid(call, method));
        return;
      }
      const [frame, recorded] = [decodeFrame(sent)!, decodeFrame(bytesOf(call))!];
      assertEquals(frame.consumed, sent.length);
      assertEquals([frame.flags, frame.protocolId, frame.seqid], [recorded.flags, recorded.protocolId, 1]);
      // Kitex's service of Protocol Buffers has no package in its name.
      const own = frame.strings.get("isn") === "vecpb.VecPb"
        ? new Map([...frame.strings, ["isn", "VecPb"]])
        : frame.strings;
      assertEquals([...own].sort(), [...recorded.strings].sort());
      assertEquals([...frame.ints].sort(), [...recorded.ints].sort());
      assertEquals(withoutSeqid(hexOf(frame.payload), method), withoutSeqid(hexOf(recorded.payload), method));
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

/** Where our client gives another outcome than Kitex's program printed, and why. */
const OTHER_OUTCOME: Readonly<Record<string, string>> = {
  "buffered biz": "answer of Vec.biz has neither a value nor an exception",
};

describe("a client makes of the answers what Kitex's does", () => {
  for (const { name, pieces, outcomes } of conversations("unary")) {
    it(name, async () => {
      const { service, method, options, request } = wayOf(name);
      const transport = memory();
      const listener = await transport.listen({ path: "kitex" }, (raw) =>
        raw.start({
          chunk: () => void (pieces[1] !== undefined && raw.write(bytesOf(asFirst(pieces[1][1], method)))),
          end: () => raw.close(),
          drain: () => {},
          close: () => {},
        }));
      const client = createClient(service, { to: "unix:kitex", transport, ...options });
      const meta = new Metadata(META);
      const outcome = client[method]!(request, { meta });
      const [, value = "", text = "", backward = ""] = /=> (\S+) err=(.*) backward map\[(.*)\]$/.exec(outcomes[0]!)!;
      const message = OTHER_OUTCOME[name] ?? /^remote or network error\[remote\]: (.*)$/.exec(text)?.[1];
      if (message !== undefined) assertEquals((await assertRejects(() => outcome, RpcError)).message, message);
      else if (text.startsWith("biz error")) {
        const { kind, code, message, extra } = await assertRejects(() => outcome, RpcError);
        assertEquals(`${kind} ${code} ${message} ${JSON.stringify(extra)}`, 'business 404 not found {"k":"v"}');
      } else {
        const fields = await outcome as { n: number } | undefined;
        assertEquals(fields === undefined ? "" : `{"n":${fields.n}}`, value.replace(/^(null|<nil>)$/, ""));
      }
      assertEquals([...meta.backward].map(([key, value]) => `${key}:${value}`).sort().join(" "), backward);
      await client.close();
      await listener.close();
    });
  }
});

/** An answer as it is for a first call: with sequence id 1. */
function asFirst(answer: string, method: string): string {
  const first = answer.replace(new RegExp(`(${nameOf(method)})[0-9a-f]{8}`), "$100000001");
  return first.slice(8, 12) === "1000" ? first.slice(0, 16) + "00000001" + first.slice(24) : first;
}

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
    const second: Vec2Handlers = { ...vecHandlers(), add: () => ({ n: 100 }), nosuch: () => ({ n: 0 }) };
    await using _server = await createServer({ transport, protocols: [kitex()] })
      .add(Vec, vecHandlers(), { fallback: true }).add(Vec2, second).listen({ path: "server" });
    await using one = createClient(Vec, { to: "unix:server", transport });
    await using two = createClient(Vec2, { to: "unix:server", transport });
    assertEquals([(await one.add({ n: 1 })).n, (await two.add({ n: 1 })).n], [2, 100]);
  });
});
