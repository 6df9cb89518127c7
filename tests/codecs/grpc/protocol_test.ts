import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc, type GrpcOptions } from "../../../codecs/grpc/protocol.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";
import { type Client, createClient, createServer, Metadata, RpcError, type ServerOptions } from "../../../core.ts";
import type { Compressor } from "../../../lib/compressor.ts";
import type { Transport } from "../../../lib/io/raw.ts";
import { memory } from "../../../transports/memory.ts";
import {
  EchoException,
  EchoService,
  type EchoServiceClient,
  type EchoServiceHandlers,
} from "../../interop/gen/echo.ts";
import { StreamService } from "../../interop/gen/echo.ts";
import { echoHandlers, streamHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred, runUntil } from "../../lib/rpc/fixture.ts";

async function fixture(
  handlers: Partial<EchoServiceHandlers> = {},
  serverGrpc: GrpcOptions = {},
  clientGrpc: GrpcOptions = {},
  options: Partial<ServerOptions> = {},
) {
  const clock = new ManualClock();
  const transport = memory();
  const server = await createServer({ transport, protocols: [grpc(serverGrpc)], clock, ...options })
    .add(EchoService, { ...echoHandlers(), ...handlers })
    .add(StreamService, streamHandlers())
    .listen({ path: "server" });
  const how = { to: "unix:server", transport, protocol: grpc(clientGrpc), clock };
  const client: Client<EchoServiceClient> = createClient(EchoService, how);
  const streams = createClient(StreamService, how);
  return {
    clock,
    transport,
    server,
    client,
    streams,
    async [Symbol.asyncDispose]() {
      await Promise.all([client.close(), streams.close()]);
      let closed = false;
      void server.close().then(() => closed = true);
      while (!closed) {
        clock.advance(100);
        await turns();
      }
    },
  };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve));
}

async function failure(call: Promise<unknown>): Promise<GrpcError> {
  const error = await assertRejects(() => call, RpcError);
  return error as GrpcError;
}

/** `transport`, whose clients hear nothing before `heard`, and whose `hears` is told of what they hear. */
function deaf(transport: Transport, heard: Promise<void>, hears: (bytes: Uint8Array) => void): Transport {
  return {
    ...transport,
    async dial(to, options) {
      const conn = await transport.dial(to, options);
      const start = conn.start.bind(conn);
      conn.start = (sink) =>
        start({
          chunk(bytes) {
            const copy = bytes.slice();
            void heard.then(() => {
              hears(copy);
              sink.chunk(copy, true);
            });
          },
          end: () => void heard.then(() => sink.end()),
          drain: () => sink.drain(),
          close: (reason) => void heard.then(() => sink.close(reason)),
        });
      return conn;
    },
  };
}

/** Frames RST_STREAM with REFUSED_STREAM among `bytes`. */
function refusals(bytes: Uint8Array): number {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.match(/00000403.{10}00000007/g)?.length ?? 0;
}

/** A compressor for tests: repeats of a byte as the byte and how many. */
const runs: Compressor = {
  name: "runs",
  compress(bytes) {
    const out: number[] = [];
    for (let i = 0; i < bytes.length;) {
      let count = 1;
      while (count < 255 && bytes[i + count] === bytes[i]) count++;
      out.push(bytes[i]!, count);
      i += count;
    }
    return Uint8Array.from(out);
  },
  decompress(bytes, maxBytes) {
    const out: number[] = [];
    for (let i = 0; i < bytes.length; i += 2) {
      if (out.length + bytes[i + 1]! > maxBytes) throw new RpcError("overload", "too much comes out");
      out.push(...new Array(bytes[i + 1]!).fill(bytes[i]!));
    }
    return Uint8Array.from(out);
  },
};

describe("grpc", () => {
  it("carries calls, many at once, and declared exceptions", async () => {
    await using f = await fixture();
    const texts = Array.from({ length: 300 }, (_, i) => `text ${i}`);
    assertEquals(await Promise.all(texts.map((text) => f.client.echoString(text))), texts);
    assertEquals(await f.client.add(2n, 3n), 5n);
    assertInstanceOf(await assertRejects(() => f.client.fail("declared")), EchoException);
  });

  it("carries messages larger than every window", async () => {
    await using f = await fixture();
    const bytes = new Uint8Array(3_000_000).fill(7);
    assertEquals((await f.client.echoBinary(bytes)).length, bytes.length);
  });

  it("tells of errors by their status", async () => {
    const details = Uint8Array.of(8, 9);
    await using f = await fixture({
      echoString(kind) {
        if (kind === "status") throw new GrpcError(9, "declared ☺ 100 %", { details });
        if (kind === "business") throw new RpcError("business", "not füund", { code: -4, extra: { k: "ü" } });
        throw new TypeError("plain");
      },
    });
    const status = await failure(f.client.echoString("status"));
    assertEquals([status.code, status.message, status.details, status.remote], [9, "declared ☺ 100 %", details, true]);
    const business = await failure(f.client.echoString("business"));
    assertEquals([business.kind, business.code, business.message], ["business", -4, "not füund"]);
    assertEquals({ ...business.extra }, { k: "ü" });
    const plain = await failure(f.client.echoString("plain"));
    assertEquals([plain.kind, plain.code, plain.message], ["internal", 13, "plain"]);
  });

  it("carries metadata there and back", async () => {
    await using f = await fixture({
      echoString(_, { meta }) {
        meta.backward.set("x-back", meta.headers.get("x-there") ?? "");
        meta.trailers.set("x-end", meta.transient.get("T") ?? "");
        return "";
      },
    });
    const meta = new Metadata({ headers: { "x-there": "1" }, transient: { T: "2" } });
    await f.client.echoString("", { meta });
    assertEquals([meta.backward.get("x-back"), meta.trailers.get("x-end")], ["1", "2"]);
  });

  it("answers a call that failed and left metadata that cannot be sent", async () => {
    await using f = await fixture({
      echoString(_, { meta }) {
        meta.backward.set("no name", "x");
        throw new GrpcError(9, "failed");
      },
    });
    const error = await failure(f.client.echoString("", { timeoutMs: 5_000 }));
    assertEquals([error.kind, error.code], ["internal", 13]);
  });

  it("gives a deadline to the handler and ends the call at it", async () => {
    const signal = deferred<AbortSignal>();
    await using f = await fixture({
      sleep(_, context) {
        signal.resolve(context.signal);
        return new Promise(() => {});
      },
    });
    const call = failure(f.client.sleep(0, { timeoutMs: 1_000 }));
    const aborted = await signal.promise;
    f.clock.advance(1_100);
    assertEquals((await call).kind, "timeout");
    await turns();
    assert(aborted.aborted);
  });

  it("tells the handler that its caller gave up, and goes on with the connection", async () => {
    const signal = deferred<AbortSignal>();
    await using f = await fixture({
      sleep(_, context) {
        signal.resolve(context.signal);
        return new Promise((_, reject) =>
          context.signal.addEventListener("abort", () => reject(context.signal.reason))
        );
      },
    });
    const controller = new AbortController();
    const call = failure(f.client.sleep(0, { signal: controller.signal }));
    const aborted = await signal.promise;
    controller.abort();
    assertEquals((await call).kind, "canceled");
    await turns();
    assert(aborted.aborted);
    assertEquals(await f.client.echoString("goes on"), "goes on");
    assertEquals(f.server.stats.accepted, 1);
  });

  it("refuses times that are none, by their names", () => {
    const wrong = {
      "keepalive.timeMs": [{ keepalive: { timeMs: -1 } }, { keepalive: { timeMs: 0 } }, { keepalive: { timeMs: NaN } }],
      "keepalive.timeoutMs": [{ keepalive: { timeMs: 1_000, timeoutMs: -1 } }],
      maxIdleMs: [{ maxIdleMs: NaN }],
      maxAgeMs: [{ maxAgeMs: -1 }],
      maxAgeGraceMs: [{ maxAgeMs: 1_000, maxAgeGraceMs: -1 }],
    };
    for (const [name, all] of Object.entries(wrong)) {
      for (const options of all) {
        const error = assertThrows(() => grpc(options), RpcError, `${name} is `);
        assertEquals(error.kind, "invalid");
      }
    }
  });

  it("refuses messages that are too large, either way", async () => {
    await using f = await fixture({}, { maxReceiveBytes: 1_000 }, { maxReceiveBytes: 2_000 });
    const large = await failure(f.client.echoString("x".repeat(1_001)));
    assertEquals([large.code, large.kind], [8, "overload"]);
    await using g = await fixture({ echoString: () => "x".repeat(3_000) }, {}, { maxReceiveBytes: 2_000 });
    assertEquals((await failure(g.client.echoString(""))).code, 8);
    assertEquals(await f.client.echoString("still there"), "still there");
  });

  it("refuses to send messages that are too large, either way", async () => {
    await using f = await fixture({ echoString: () => "x".repeat(3_000) }, { maxSendBytes: 2_000 }, {
      maxSendBytes: 1_000,
    });
    const request = await failure(f.client.echoString("x".repeat(1_001)));
    assertEquals([request.code, request.remote, request.message.startsWith("trying to send message larger")], [
      8,
      false,
      true,
    ]);
    const answer = await failure(f.client.echoString(""));
    assertEquals([answer.code, answer.remote], [8, true]);
  });

  it("compresses where both sides can, and bounds what comes out", async () => {
    const both = { compressors: [runs], compression: "runs" };
    await using f = await fixture({}, { ...both, maxReceiveBytes: 5_000 }, both);
    const text = "a".repeat(4_000);
    assertEquals(await f.client.echoString(text), text);
    assertEquals((await failure(f.client.echoString("a".repeat(10_000)))).code, 8);
    await using g = await fixture({}, {}, both);
    const unknown = await failure(g.client.echoString(text));
    assertEquals([unknown.code, unknown.message.includes("Decompressor is not installed")], [12, true]);
  });

  it("compresses a call, and each of its messages, as it is told", async () => {
    const compressors = [runs];
    const seen: boolean[] = [];
    await using f = await fixture({}, { compressors }, { compressors });
    const server = await createServer({ transport: f.transport, protocols: [grpc()], compressors, clock: f.clock })
      .add(StreamService, {
        ...streamHandlers(),
        async *bidi(requests, { meta }) {
          meta.compression = "runs";
          for await (const request of requests) {
            seen.push(meta.wasCompressed(request));
            meta.compress = !meta.wasCompressed(request);
            yield request;
          }
        },
      }).listen({ path: "told" });
    const how = { to: "unix:told", transport: f.transport, compressors, clock: f.clock };
    const meta = new Metadata({ compression: "runs" });
    async function* requests() {
      for (const compress of [true, false, true]) {
        meta.compress = compress;
        yield { msg: "aaaa", all: undefined };
      }
    }
    const answers = async (accept: string[]): Promise<boolean[]> => {
      await using client = createClient(StreamService, { ...how, protocol: grpc({ accept }) });
      const compressed: boolean[] = [];
      for await (const answer of client.bidi(requests(), { meta })) compressed.push(meta.wasCompressed(answer));
      return compressed;
    };
    assertEquals(await answers(["runs"]), [false, true, false]);
    assertEquals(await answers([]), [false, false, false], "nothing that the client does not take");
    assertEquals(seen, [true, false, true, true, false, true]);
    await using f2 = await fixture({}, { compressors }, { compressors });
    const unknown = await failure(f2.client.echoString("", { meta: { compression: "brotli" } }));
    assertEquals([unknown.kind, unknown.message.includes("brotli")], ["invalid", true]);
    await runUntil(f.clock, server.close());
  });

  it("streams both ways", async () => {
    await using f = await fixture();
    const requests = ["a", "b", "c"].map((msg) => ({ msg, all: undefined }));
    const texts: string[] = [];
    for await (const { msg } of f.streams.bidi(requests)) texts.push(msg);
    assertEquals(texts, ["a", "b", "c"]);
    assertEquals((await f.streams.clientStream(requests)).msg, "a,b,c");
    const served: string[] = [];
    for await (const { msg } of f.streams.serverStream({ msg: "3:x", all: undefined })) served.push(msg);
    assertEquals(served, ["x-0", "x-1", "x-2"]);
  });

  it("gives the connection's window back for streams that are over and unread", async () => {
    await using f = await fixture({}, {}, { http2: { connectionWindowBytes: 65_535, maxWindowBytes: 0 } });
    const unread: AsyncIterator<{ msg: string }>[] = [];
    for (let i = 0; i < 8; i++) {
      const messages = f.streams.serverStream({ msg: `6:${"x".repeat(16_000)}`, all: undefined })
        [Symbol.asyncIterator]();
      assertEquals((await messages.next()).done, false);
      while (f.server.stats.running > 0) await turns();
      unread.push(messages);
    }
    assertEquals((await f.client.echoString("y".repeat(60_000))).length, 60_000);
    for (const messages of unread) assertEquals((await messages.next()).done, false);
  });

  it("answers what runs when the server closes", async () => {
    const finish = deferred<string>();
    await using f = await fixture({ sleep: () => finish.promise });
    const call = f.client.sleep(1);
    await turns();
    const closed = f.server.close();
    f.clock.advance(200);
    await turns();
    finish.resolve("done");
    assertEquals(await call, "done");
    for (let i = 0; i < 20; i++) {
      f.clock.advance(100);
      await turns();
    }
    await closed;
  });

  it("loses no call when connections come and go by age", async () => {
    await using f = await fixture({}, { maxAgeMs: 1_000 });
    for (let i = 0; i < 60; i++) {
      const texts = Array.from({ length: 5 }, (_, j) => `${i}.${j}`);
      const answers = Promise.all(texts.map((text) => f.client.echoString(text)));
      f.clock.advance(50);
      assertEquals(await answers, texts);
    }
    assert(f.server.stats.accepted >= 3, `only ${f.server.stats.accepted} connections were used`);
  });

  it("loses no call when connections go for want of calls", async () => {
    await using f = await fixture({}, { maxIdleMs: 100 });
    for (let i = 0; i < 60; i++) {
      // Calls meet a server that is just saying good-bye, one that has said it, and one that is gone.
      f.clock.advance(99 + i % 5);
      for (let turn = 0; turn < i % 7; turn++) await Promise.resolve();
      assertEquals(await f.client.echoString(`${i}`), `${i}`);
    }
    assert(f.server.stats.accepted >= 10, `only ${f.server.stats.accepted} connections were used`);
  });

  it("sends a call again that the server refused unseen, and no more often than it should", async () => {
    const [finish, hears] = [deferred<string>(), deferred<void>()];
    let ran = 0;
    let refused = 0;
    const sleep = (): Promise<string> => {
      ran++;
      return finish.promise;
    };
    await using f = await fixture({ sleep }, { http2: { maxConcurrentStreams: 1 } });
    await using client = createClient(EchoService, {
      to: "unix:server",
      transport: deaf(f.transport, hears.promise, (bytes) => refused += refusals(bytes)),
      protocol: grpc({ http2: { initialMaxStreams: 100 } }),
      // One that does not wait for the server's limit.
      pool: { type: "mux" },
      clock: f.clock,
    });
    const calls = [client.sleep(1), client.sleep(2)];
    await turns();
    hears.resolve();
    await turns();
    assertEquals([ran, refused], [1, 1]);
    finish.resolve("done");
    assertEquals([await Promise.all(calls), ran, refused], [["done", "done"], 2, 1]);
  });

  it("refuses a compression it does not have", () => {
    const error = (() => {
      try {
        grpc({ compressors: [runs], compression: "gzip" });
      } catch (error) {
        return error as RpcError;
      }
    })();
    assertEquals(error?.message.includes('"gzip"'), true);
  });
});
