import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectHttp2, type Http2ClientOptions } from "../../../codecs/http2/http_client.ts";
import { http2, type Http2ServerOptions } from "../../../codecs/http2/http_server.ts";
import type { Http2RequestHandler } from "../../../codecs/http2/serve_exchange.ts";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { createServer } from "../../../core.ts";
import { RpcError } from "../../../lib/errors.ts";
import { memory, type MemoryOptions } from "../../../transports/memory.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred } from "../../lib/rpc/fixture.ts";

const ECHO: Http2RequestHandler = (request) => ({
  headers: { "x-path": request.path, "x-method": request.method, "x-authority": request.authority },
  body: request.body,
});

async function fixture(
  handler: Http2RequestHandler,
  options: Partial<Http2ServerOptions> = {},
  clientOptions: Partial<Http2ClientOptions> = {},
  memoryOptions: MemoryOptions = {},
) {
  const clock = new ManualClock();
  const transport = memory(memoryOptions);
  const errors: RpcError[] = [];
  const server = await createServer({
    transport,
    clock,
    protocols: [http2({ ...options, handler })],
    onError: (error) => errors.push(error),
  }).listen({ path: "server" });
  const client = await connectHttp2({ to: "unix:server", transport, clock, ...clientOptions });
  return {
    clock,
    server,
    client,
    errors,
    /** Closes both; the server's waits are by the clock. */
    async [Symbol.asyncDispose]() {
      await client.close();
      const closed = server.close();
      while (!await settled(closed)) clock.advance(100);
    },
  };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  const mark = {};
  return await Promise.race([promise, turns().then(() => mark)]) !== mark;
}

/** Some turns of the event loop: what needs no time is done after them. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("connectHttp2 and http2", () => {
  it("exchange requests and responses with content and trailers both ways", async () => {
    await using f = await fixture(async (request) => {
      const body = await request.body.bytes();
      const trailers = HeaderList.of({ "x-sum": String(body.length), "x-got": request.body.trailers!.get("x-end")! });
      return { status: 201, headers: { "x-path": request.path }, body: `got ${text(body)}`, trailers };
    });
    const response = await f.client.request({
      method: "POST",
      path: "/a?b=c",
      headers: { "x-one": "1" },
      body: "content",
      trailers: HeaderList.of({ "x-end": "yes" }),
    });
    assertEquals([response.status, response.headers.get("x-path")], [201, "/a?b=c"]);
    assertEquals(text(await response.body.bytes()), "got content");
    assertEquals([response.body.trailers?.get("x-sum"), response.body.trailers?.get("x-got")], ["7", "yes"]);
  });

  it("carry many requests at once, more than the server takes at a time", async () => {
    await using f = await fixture(ECHO, { maxConcurrentStreams: 3 });
    const paths = Array.from({ length: 40 }, (_, i) => `/${i}`);
    const answers = await Promise.all(paths.map(async (path) => {
      const { headers, body } = await f.client.request({ path, method: "PUT", body: path });
      return [headers.get("x-path"), text(await body.bytes())];
    }));
    assertEquals(answers, paths.map((path) => [path, path]));
  });

  it("stream content both ways at once, however small the pieces it arrives in", async () => {
    await using f = await fixture(ECHO, {}, {}, { chunkBytes: 7, capacityBytes: 4096 });
    async function* chunks() {
      for (let i = 0; i < 50; i++) {
        yield new Uint8Array(1000).fill(i);
        await turns();
      }
    }
    const { body } = await f.client.request({ method: "POST", body: chunks() });
    let at = 0;
    for await (const chunk of body) {
      for (const byte of chunk) assertEquals(byte, Math.floor(at++ / 1000));
    }
    assertEquals(at, 50_000);
  });

  it("hold the sender to what the reader has read", async () => {
    await using f = await fixture(ECHO, {}, { windowBytes: 65535, maxWindowBytes: 65535 });
    let made = 0;
    function* chunks() {
      for (; made < 400; made++) yield new Uint8Array(10_000);
    }
    const { body } = await f.client.request({ method: "POST", body: chunks() });
    await turns();
    // Two windows, a buffer of 64 KiB each way, and the pieces under way.
    assert(made < 60, `${made} chunks were sent although nobody reads`);
    assertEquals((await body.bytes(5_000_000)).length, 4_000_000);
  });

  it("end the other side's work when a request is given up", async () => {
    const aborted = deferred<unknown>();
    const started = deferred<void>();
    await using f = await fixture((request) => {
      request.signal.addEventListener("abort", () => aborted.resolve(request.signal.reason));
      started.resolve();
      return new Promise(() => {});
    });
    const controller = new AbortController();
    const request = assertRejects(() => f.client.request({ signal: controller.signal }), RpcError);
    await started.promise;
    controller.abort();
    assertEquals((await request).kind, "canceled");
    const reason = await aborted.promise as RpcError;
    assertEquals([reason.kind, reason.code, reason.remote], ["canceled", 8, true]);
    // The handler never ends: nothing to wait for.
    f.client.abort();
  });

  it("answer 500 for a handler that throws, and for a response that is none", async () => {
    for (
      const handler of [
        () => {
          throw new Error("no");
        },
        () => ({ status: 99 }),
        () => ({ headers: { "Upper-Case": "x" } }),
      ]
    ) {
      await using f = await fixture(handler);
      const { status, body } = await f.client.request();
      assertEquals([status, (await body.bytes()).length], [500, 0]);
    }
  });

  it("reset a response whose content breaks off", async () => {
    async function* broken() {
      yield new Uint8Array(3);
      await turns();
      throw new Error("no more");
    }
    await using f = await fixture(() => ({ body: broken() }));
    const { status, body } = await f.client.request();
    assertEquals([status, (await body.next())?.length], [200, 3]);
    const error = await assertRejects(() => body.next(), RpcError);
    assertEquals(error.code, 2);
  });

  it("finish what is under way when the server closes, and refuse more", async () => {
    const finish = deferred<void>();
    await using f = await fixture(async () => {
      await finish.promise;
      return { body: "done" };
    });
    const request = f.client.request();
    await turns();
    const closed = f.server.close();
    f.clock.advance(100);
    await turns();
    const refused = await assertRejects(() => f.client.request(), RpcError);
    assertEquals(refused.kind, "unavailable");
    finish.resolve();
    assertEquals(text(await (await request).body.bytes()), "done");
    await closed;
  });

  it("give up calls that outlast the exit wait", async () => {
    await using f = await fixture(() => new Promise(() => {}));
    const request = assertRejects(() => f.client.request(), RpcError);
    await turns();
    const closed = f.server.close();
    f.clock.advance(5_000);
    await request;
    await turns();
    f.clock.advance(2_000);
    await closed;
  });

  it("drop a peer that answers no keepalive ping, and only while requests wait", async () => {
    await using f = await fixture(() => new Promise(() => {}), { pingPolicy: { minTimeMs: 1 } }, {
      keepalive: { timeMs: 1_000, timeoutMs: 100 },
    });
    await turns();
    f.clock.advance(5_000);
    await turns();
    assert(f.client.usable, "no request waits: there is nobody to be found out for");
    const request = assertRejects(() => f.client.request(), RpcError);
    await turns();
    for (let i = 0; i < 30; i++) {
      f.clock.advance(100);
      await turns();
    }
    assert(f.client.usable, "the peer answers");
    // All at once: no answer has time to come.
    f.clock.advance(5_000);
    assertEquals((await request).kind, "transport");
  });

  it("end a client that pings too often with ENHANCE_YOUR_CALM", async () => {
    await using f = await fixture(() => new Promise(() => {}), { pingPolicy: {} }, {
      keepalive: { timeMs: 1_000, timeoutMs: 500 },
    });
    const request = assertRejects(() => f.client.request(), RpcError);
    for (let i = 0; i < 100 && f.client.usable; i++) {
      f.clock.advance(100);
      await turns();
    }
    assert(!f.client.usable);
    await request;
  });

  it("close a connection at its age, after what was under way", async () => {
    const finish = deferred<void>();
    await using f = await fixture(async () => {
      await finish.promise;
      return { body: "late" };
    }, { maxAgeMs: 10_000 });
    const request = f.client.request();
    await turns();
    f.clock.advance(8_900);
    await turns();
    assert(f.client.usable);
    f.clock.advance(2_200);
    await turns();
    assert(!f.client.usable);
    finish.resolve();
    assertEquals(text(await (await request).body.bytes()), "late");
  });

  it("end what is under way when the grace after their age is over", async () => {
    await using f = await fixture(() => new Promise(() => {}), { maxAgeMs: 10_000, maxAgeGraceMs: 5_000 });
    const request = assertRejects(() => f.client.request(), RpcError);
    let ended = false;
    void request.then(() => ended = true);
    for (let ms = 0; ms < 13_500; ms += 500) {
      f.clock.advance(500);
      await turns();
    }
    assertEquals([ended, f.client.usable], [false, false]);
    f.clock.advance(3_000);
    await request;
  });

  it("close a connection that was without a stream for too long, counted from the end of the last", async () => {
    let finish = deferred<void>();
    await using f = await fixture(async () => {
      await finish.promise;
      return { body: "late" };
    }, { maxIdleMs: 10_000 });
    const advance = async (ms: number): Promise<void> => {
      f.clock.advance(ms);
      await turns();
    };
    await advance(9_000);
    const request = f.client.request();
    await turns();
    for (let i = 0; i < 5; i++) await advance(9_000);
    assert(f.client.usable);
    finish.resolve();
    assertEquals(text(await (await request).body.bytes()), "late");
    finish = deferred();
    await advance(9_900);
    assert(f.client.usable);
    await advance(200);
    assert(!f.client.usable);
  });

  it("close idle connections with GOAWAY", async () => {
    await using f = await fixture(ECHO);
    await (await f.client.request()).body.bytes();
    for (let i = 0; i < 12 && f.client.usable; i++) {
      f.clock.advance(100_000);
      await turns();
    }
    assert(!f.client.usable);
  });
});
