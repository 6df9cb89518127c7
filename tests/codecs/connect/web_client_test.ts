import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ConnectClientOptions, createWebClient } from "../../../codecs/connect/web_client.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";
import { Metadata, RpcError } from "../../../core.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { pause } from "../../interop/watches.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
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

    it("reports a network that fails as kind transport", async () => {
      const client = pair({ ...kind, fetch: () => Promise.reject(new TypeError("offline")) });
      assertEquals((await assertRejects(() => client.emptyCall({}), RpcError)).kind, "transport");
    });
  });
}
