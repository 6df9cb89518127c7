/**
 * What a peer takes of header fields (SETTINGS_MAX_HEADER_LIST_SIZE) is kept to by both sides.
 *
 * @module
 */
import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { connectHttp2 } from "../../../codecs/http2/http_client.ts";
import { http2 } from "../../../codecs/http2/http_server.ts";
import { createClient, createServer, Metadata, RpcError } from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";

type Handlers = ReturnType<typeof testHandlers>;

/** A server and a client of it; each takes so many octets of header fields. */
async function fixture(handlers: Partial<Handlers>, serverBytes = 16_384, clientBytes = 16_384) {
  const transport = memory();
  const protocolOf = (maxHeaderListBytes: number) => grpc({ http2: { maxHeaderListBytes } });
  const failed: string[] = [];
  const server = await createServer({
    transport,
    protocols: [protocolOf(serverBytes)],
    onError: ({ message }) => void failed.push(message),
    exitWaitMs: 100,
  }).add(TestService, { ...testHandlers(), ...handlers }).listen({ path: "server" });
  const client = createClient(TestService, { to: "unix:server", transport, protocol: protocolOf(clientBytes) });
  return {
    server,
    client,
    failed,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

async function failure(call: Promise<unknown>): Promise<GrpcError> {
  const error = await assertRejects(() => call, RpcError);
  assertInstanceOf(error, GrpcError);
  return error;
}

async function last(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

const LARGE = "x".repeat(2_000);

describe("a client", () => {
  it("fails a call whose metadata are more than the server takes, and sends nothing of it", async () => {
    await using f = await fixture({}, 1_000);
    await f.client.emptyCall({});
    for (
      const call of [
        f.client.emptyCall({}, { meta: { headers: { "x-large": LARGE } } }),
        f.client.streamingInputCall([], { meta: { headers: { "x-large": LARGE } } }),
        last(f.client.fullDuplexCall([], { meta: { headers: { "x-large": LARGE } } })),
      ]
    ) {
      const error = await failure(call);
      assertEquals([error.code, error.remote, error.retryable], [GrpcStatus.RESOURCE_EXHAUSTED, false, false]);
      assertMatch(error.message, /^the header list of the request has 2\d\d\d octets, and the other side takes 1000$/);
    }
    assertEquals([f.server.stats.calls, f.server.stats.refused], [1, 0]);
    await f.client.emptyCall({}, { meta: { headers: { "x-small": "x".repeat(300) } } });
    assertEquals(f.server.stats.accepted, 1);
  });

  it("of HTTP/2 does so with its requests", async () => {
    const transport = memory();
    await using server = await createServer({
      transport,
      protocols: [http2({ handler: () => ({ body: "answer" }), maxHeaderListBytes: 1_000 })],
    }).listen({ path: "server" });
    await using client = await connectHttp2({ to: server.address, transport });
    const error = await assertRejects(() => client.request({ headers: { "x-large": LARGE } }), RpcError);
    assertEquals(error.kind, "overload");
    assertEquals((await (await client.request()).body.bytes()).length, 6);
  });
});

describe("a server", () => {
  it("fails a call whose answer begins or ends with more metadata than the caller takes", async () => {
    for (const where of ["backward", "trailers"] as const) {
      await using f = await fixture(
        {
          emptyCall(_, { meta }) {
            meta[where].set("x-large", LARGE);
            return {};
          },
          async *streamingOutputCall(_, { meta }) {
            meta[where].set("x-large", LARGE);
            yield {};
          },
          async *fullDuplexCall(requests, { meta }) {
            meta[where].set("x-large", LARGE);
            for await (const _ of requests) yield {}; // there are none
          },
        },
        16_384,
        1_000,
      );
      const calls = [f.client.emptyCall({}), last(f.client.streamingOutputCall({})), last(f.client.fullDuplexCall([]))];
      for (const call of calls) {
        const error = await failure(call);
        assertEquals([error.code, error.remote], [GrpcStatus.RESOURCE_EXHAUSTED, true]);
        assertMatch(error.message, /^the header list of the answer(?:'s end)? has 2\d\d\d octets, and .* takes 1000$/);
      }
      assertEquals(f.server.stats.accepted, 1);
      assertEquals([f.failed.length, f.server.stats.failed], [3, 3]);
    }
  });

  it("sends an error without its metadata, its details and the end of its message, where those are too much", async () => {
    const error = new GrpcError(GrpcStatus.ABORTED, "short", { details: new Uint8Array(100) });
    const cases: [error: RpcError, metadata: string, message: RegExp, details: number | undefined][] = [
      [error, LARGE, /^short$/, 100],
      [new GrpcError(GrpcStatus.ABORTED, "short", { details: new Uint8Array(2_000) }), "", /^short$/, undefined],
      [new GrpcError(GrpcStatus.ABORTED, "ü".repeat(2_000)), LARGE, /^ü{60,}$/, undefined],
    ];
    for (const [thrown, large, message, details] of cases) {
      await using f = await fixture(
        {
          emptyCall(_, { meta }) {
            meta.backward.set("x-one", large);
            meta.trailers.set("x-two", large);
            throw thrown;
          },
          async *streamingOutputCall(_, { meta }) {
            yield {};
            meta.trailers.set("x-two", large);
            throw thrown;
          },
        },
        16_384,
        1_000,
      );
      for (const call of [f.client.emptyCall({}), last(f.client.streamingOutputCall({}))]) {
        const error = await failure(call);
        assertEquals([error.code, error.details?.length], [GrpcStatus.ABORTED, details]);
        assertMatch(error.message, message);
      }
    }
  });

  it("keeps a business status, without its extra", async () => {
    await using f = await fixture(
      {
        emptyCall() {
          throw new RpcError("business", "not found", { code: 404, extra: { large: LARGE } });
        },
      },
      16_384,
      1_000,
    );
    const error = await assertRejects(() => f.client.emptyCall({}), RpcError);
    assertEquals([error.kind, error.code, error.message, error.extra], ["business", 404, "not found", undefined]);
  });

  it("sends metadata that fit", async () => {
    await using f = await fixture(
      {
        emptyCall(_, { meta }) {
          meta.backward.set("x-one", "x".repeat(800));
          meta.trailers.set("x-two", "x".repeat(800));
          return {};
        },
      },
      16_384,
      1_000,
    );
    const meta = new Metadata();
    await f.client.emptyCall({}, { meta });
    assertEquals([meta.backward.get("x-one")?.length, meta.trailers.get("x-two")?.length], [800, 800]);
  });
});
