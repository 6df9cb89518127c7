import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ConnectClientOptions, createWebClient } from "../../../codecs/connect/web_client.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";
import { Metadata, RpcError } from "../../../core.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { pause } from "../../interop/watches.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { seeded } from "../../lib/io/random.ts";
import { deferred } from "../../lib/rpc/fixture.ts";
import { testServer } from "./call.ts";

type Handlers = Parameters<typeof testServer>[0];

/** A client whose requests a server in this process answers. */
function pair(options: Partial<ConnectClientOptions>, handlers: Handlers = {}) {
  const { server } = testServer(handlers);
  const toServer = (async (url: string, init: RequestInit) => {
    const { signal } = init;
    const request = new Request(url, init);
    // As `fetch` does it, whatever the server does.
    const aborted = new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    return await Promise.race([server.fetch(request), aborted]);
  }) as typeof fetch;
  return createWebClient(TestService, { to: "http://h/", fetch: toServer, ...options });
}

const KINDS: readonly Partial<ConnectClientOptions>[] = [
  { protocol: "connect" },
  { protocol: "connect", codec: "json" },
  { protocol: "grpc-web" },
];

/** An answer that begins well and never ends. */
function endless(good: Response): Response {
  return new Response(new ReadableStream({}), { status: good.status, headers: good.headers });
}

/** An answer with some of it spoiled: its content, in pieces that break off at times, its status, its fields. */
async function spoil(good: Response, below: (limit: number) => number): Promise<Response> {
  let bytes = new Uint8Array(await good.arrayBuffer());
  let { status } = good;
  const headers = new Headers(good.headers);
  for (let n = 1 + below(2); n > 0; n--) {
    switch (below(8)) {
      case 0:
        bytes = bytes.slice(0, below(bytes.length + 1));
        break;
      case 1:
        bytes = Uint8Array.from([...bytes, ...Array.from({ length: below(40) }, () => below(256))]);
        break;
      case 2:
        headers.set("content-type", ["text/html", "application/json", "application/grpc-web+proto", ""][below(4)]!);
        break;
      case 3:
        status = [200, 301, 404, 413, 500, 503][below(6)]!;
        break;
      case 4:
        headers.set(["grpc-status", "connect-content-encoding", "trailer-a-bin", "grpc-message"][below(4)]!, "%zz");
        break;
      default:
        for (let i = below(4); i >= 0 && bytes.length > 0; i--) bytes[below(bytes.length)] = below(256);
    }
  }
  const breaks = below(6) === 0;
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.subarray(at, at + 7));
      if (breaks) controller.error(new TypeError("the connection broke"));
      else controller.close();
    },
  });
  return new Response(body, { status, headers });
}

for (const kind of KINDS) {
  describe(`a web client by ${kind.protocol} ${kind.codec ?? "proto"}`, () => {
    it("calls, and reads streams", async () => {
      const client = pair(kind);
      assertEquals((await client.unaryCall({ responseSize: 9 })).payload?.body.length, 9);
      const sizes: (number | undefined)[] = [];
      const responseParameters = [{ size: 1 }, { size: 70_000 }, { size: 3 }];
      for await (const { payload } of client.streamingOutputCall({ responseParameters })) {
        sizes.push(payload?.body.length);
      }
      assertEquals(sizes, [1, 70_000, 3]);
    });

    it("gets the errors of the server, of calls and of streams", async () => {
      const client = pair(kind);
      const responseStatus = { code: 9, message: "not nöw" };
      const error = await assertRejects(() => client.unaryCall({ responseStatus }), RpcError);
      assertInstanceOf(error, GrpcError);
      assertEquals([error.code, error.message, error.remote], [9, "not nöw", true]);
      const stream = client.streamingOutputCall({ responseStatus });
      const late = await assertRejects(async () => {
        for await (const _ of stream);
      }, RpcError);
      assertEquals([late.code, late.message], [9, "not nöw"]);
    });

    it("carries metadata both ways", async () => {
      const client = pair(kind, {
        unaryCall(_, { meta }) {
          meta.backward.set("x-seen", meta.headers.get("x-mine") ?? "");
          meta.trailers.set("x-last", "1");
          return {};
        },
      });
      const meta = new Metadata({ headers: { "x-mine": "me" } });
      await client.unaryCall({}, { meta });
      assertEquals([meta.backward.get("x-seen"), meta.trailers.get("x-last")], ["me", "1"]);
    });

    it("gives calls up: by a signal, by time, by leaving a stream", async () => {
      const clock = new ManualClock();
      const left = deferred<void>();
      let begun = deferred<void>();
      const client = pair({ ...kind, clock }, {
        unaryCall() {
          begun.resolve();
          return new Promise(() => {});
        },
        async *streamingOutputCall(_, { signal }) {
          try {
            yield {};
            await pause(Infinity, signal);
          } finally {
            left.resolve();
          }
        },
      });
      const controller = new AbortController();
      const call = client.unaryCall({}, { signal: controller.signal });
      await begun.promise;
      controller.abort();
      assertEquals((await assertRejects(() => call, RpcError)).kind, "canceled");
      begun = deferred();
      const late = assertRejects(() => client.unaryCall({}, { timeoutMs: 60_000 }), RpcError);
      await begun.promise;
      clock.advance(60_000);
      assertEquals((await late).kind, "timeout");
      for await (const _ of client.streamingOutputCall({})) break;
      await left.promise;
    });

    it("refuses at once what a browser cannot send", async () => {
      const client = pair({ ...kind, fetch: () => Promise.reject(new Error("must not be called")) });
      assertEquals((await assertRejects(() => client.streamingInputCall([]), RpcError)).kind, "unimplemented");
      const duplex = client.fullDuplexCall([]);
      assertEquals((await assertRejects(() => duplex[Symbol.asyncIterator]().next(), RpcError)).kind, "unimplemented");
    });

    it("tells of answers that are not the protocol's", async () => {
      const answer = (status: number): typeof fetch => () => Promise.resolve(new Response("<html>", { status }));
      const gone = await assertRejects(() => pair({ ...kind, fetch: answer(503) }).emptyCall({}), RpcError);
      assertEquals(gone.kind, "unavailable");
      const other = await assertRejects(() => pair({ ...kind, fetch: answer(200) }).emptyCall({}), RpcError);
      assert(other.message.includes("HTTP status 200"), other.message);
    });

    it("ends calls in time though a fetch of the program's own heeds no signal", async () => {
      for (const answer of [() => new Promise<Response>(() => {}), (good: Response) => endless(good)]) {
        const clock = new ManualClock();
        const begun = deferred<void>();
        const { server } = testServer({});
        const deaf = (async (url: string, { signal: _, ...init }: RequestInit) => {
          const good = await server.fetch(new Request(url, init));
          begun.resolve();
          return await answer(good);
        }) as typeof fetch;
        const client = pair({ ...kind, clock, fetch: deaf });
        const late = assertRejects(() => client.unaryCall({}, { timeoutMs: 50 }), RpcError);
        const lateStream = assertRejects(async () => {
          for await (const _ of client.streamingOutputCall({}, { timeoutMs: 50 }));
        }, RpcError);
        await begun.promise;
        for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
        clock.advance(50);
        assertEquals([(await late).kind, (await lateStream).kind], ["timeout", "timeout"]);
      }
    });

    it("has each call settled, whatever is done to its answer", async () => {
      const below = seeded(20_261_131);
      const { server } = testServer({});
      const hostile = (async (url: string, init: RequestInit) => {
        return await spoil(await server.fetch(new Request(url, init)), below);
      }) as typeof fetch;
      const client = pair({ ...kind, fetch: hostile, timeoutMs: 10_000 });
      const kinds = new Set<string>();
      const settle = async (call: Promise<unknown>): Promise<void> => {
        await call.then(() => kinds.add("answered"), (error: unknown) => {
          assertInstanceOf(error, RpcError);
          kinds.add(error.kind);
        });
      };
      for (let i = 0; i < 300; i++) {
        await settle(client.unaryCall({ responseSize: 20 }));
        await settle(client.unaryCall({ responseStatus: { code: 5, message: "none" } }));
        await settle((async () => {
          for await (const _ of client.streamingOutputCall({ responseParameters: [{ size: 9 }, { size: 200 }] }));
        })());
      }
      assert(kinds.has("answered") && kinds.size > 4, `the answers were all alike: ${[...kinds]}`);
    });

    it("says why fetch failed where that is its cause alone, as on Node", async () => {
      const refused = new Error("connect ECONNREFUSED 127.0.0.1:1");
      const each = Object.assign(new AggregateError([refused]), { code: "ECONNREFUSED" });
      for (const [cause, why] of [[refused, refused.message], [each, "ECONNREFUSED"]] as const) {
        const failed = new TypeError("fetch failed", { cause });
        await using client = pair({ ...kind, fetch: () => Promise.reject(failed) });
        const error = await assertRejects(() => client.emptyCall({}), RpcError);
        assertEquals([error.kind, error.message, error.cause], ["transport", `fetch failed: ${why}`, failed]);
      }
    });

    it("reports a network that fails as kind transport", async () => {
      const client = pair({ ...kind, fetch: () => Promise.reject(new TypeError("offline")) });
      assertEquals((await assertRejects(() => client.emptyCall({}), RpcError)).kind, "transport");
    });
  });
}
