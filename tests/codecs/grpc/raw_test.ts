import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { grpc, type GrpcOptions } from "../../../codecs/grpc/protocol.ts";
import { RawGrpc, type UnknownServiceHandler } from "../../../codecs/grpc/raw.ts";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { findDetails } from "../../../codecs/protobuf/status_details.ts";
import {
  type CallContext,
  createClient,
  createLocalClient,
  createServer,
  framed,
  Metadata,
  RpcError,
  type ServerOptions,
} from "../../../mod.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { DETAIL, testHandlers, TestService } from "../../interop/grpc_handlers.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred, runUntil } from "../../lib/rpc/fixture.ts";

type Handlers = ReturnType<typeof testHandlers>;

/** A server of `grpc.testing.TestService` and `EchoService`, a proxy that knows neither, and clients of the proxy. */
async function proxied(handlers: Partial<Handlers> = {}, clientGrpc: GrpcOptions = {}) {
  const clock = new ManualClock();
  const transport = memory();
  const backend = await createServer({ transport, protocols: [grpc()], clock })
    .add(TestService, { ...testHandlers(), ...handlers })
    .add(EchoService, echoHandlers())
    .listen({ path: "backend" });
  const upstream = createClient(RawGrpc, { to: "unix:backend", transport, protocol: grpc(), clock });
  const unknownService: UnknownServiceHandler = (request, context) =>
    upstream.call(request, { context, meta: context.meta });
  const proxy = await createServer({ transport, protocols: [grpc({ unknownService })], clock })
    .listen({ path: "proxy" });
  const how = { to: "unix:proxy", transport, protocol: grpc(clientGrpc), clock };
  const client = createClient(TestService, how);
  const thrift = createClient(EchoService, how);
  return {
    clock,
    client,
    thrift,
    async [Symbol.asyncDispose]() {
      await Promise.all([client.close(), thrift.close(), upstream.close()]);
      await runUntil(clock, Promise.all([proxy.close(), backend.close()]));
    },
  };
}

/** A server that answers raw calls by `unknownService`, and a raw client of it. */
async function raw(unknownService: UnknownServiceHandler | undefined, options: Partial<ServerOptions> = {}) {
  const transport = memory();
  const server = await createServer({ transport, protocols: [grpc({ unknownService })], exitWaitMs: 100, ...options })
    .listen({ path: "server" });
  const client = createClient(RawGrpc, { to: "unix:server", transport, protocol: grpc() });
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

async function failure(call: Promise<unknown>): Promise<GrpcError> {
  return await assertRejects(() => call, RpcError) as GrpcError;
}

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const message of messages) found.push(message);
  return found;
}

const size = (bytes: number) => ({ payload: { body: new Uint8Array(bytes) } });
const body = ({ payload }: { payload?: { body: Uint8Array } | undefined }): number => payload?.body.length ?? -1;

describe("a proxy of raw calls", () => {
  it("carries calls of all four kinds, and Thrift", async () => {
    await using f = await proxied();
    assertEquals(body(await f.client.unaryCall({ responseSize: 300_000, ...size(200_000) })), 300_000);
    const asked = { responseParameters: [1, 70_000, 3].map((size) => ({ size })) };
    assertEquals((await all(f.client.streamingOutputCall(asked))).map(body), [1, 70_000, 3]);
    const { aggregatedPayloadSize } = await f.client.streamingInputCall([size(1), size(70_000), size(3)]);
    assertEquals(aggregatedPayloadSize, 70_004);
    assertEquals((await all(f.client.fullDuplexCall([asked, asked]))).map(body), [1, 70_000, 3, 1, 70_000, 3]);
    assertEquals(await f.thrift.echoString("over Thrift"), "over Thrift");
  });

  it("answers each message of a stream before the next is sent", async () => {
    await using f = await proxied();
    let answered = deferred<void>();
    async function* questions() {
      for (const size of [1, 2, 3]) {
        yield { responseParameters: [{ size }] };
        await answered.promise;
        answered = deferred();
      }
    }
    const sizes: number[] = [];
    for await (const answer of f.client.fullDuplexCall(questions())) {
      sizes.push(body(answer));
      answered.resolve();
    }
    assertEquals(sizes, [1, 2, 3]);
  });

  it("passes statuses on, with their details, and messages that are empty", async () => {
    await using f = await proxied();
    const status = { responseStatus: { code: GrpcStatus.DATA_LOSS, message: "ö, 100% gone" } };
    for (const call of [f.client.unaryCall(status), all(f.client.streamingOutputCall(status))]) {
      const error = await failure(call);
      assertInstanceOf(error, GrpcError);
      assertEquals([error.code, error.message], [GrpcStatus.DATA_LOSS, "ö, 100% gone"]);
      assertEquals(findDetails(error, StringValueSchema).map(({ value }) => value), [DETAIL]);
    }
    const unknown = await failure(f.client.unimplementedCall({}));
    assertEquals(unknown.code, GrpcStatus.UNIMPLEMENTED);
    await using empty = await raw(() => {
      throw new GrpcError(GrpcStatus.ABORTED, "");
    });
    const error = await failure(all(empty.client.call({ path: "/a/b", messages: [] })));
    assertEquals([error.code, error.message], [GrpcStatus.ABORTED, ""]);
  });

  it("carries metadata both ways, bytes and what names the caller among them", async () => {
    let seen: CallContext["meta"] | undefined;
    await using f = await proxied({
      unaryCall(_, { meta }) {
        seen = meta;
        meta.backward.set("x-initial", "i").set("x-initial-bin", "AAEC");
        meta.trailers.set("x-trailing", "t").set("x-trailing-bin", "AwQF,Bgc");
        return {};
      },
    });
    const headers = { "x-one": "1", "x-two-bin": "/wD+", "grpc-trace-bin": "AAA", "grpc-previous-rpc-attempts": "2" };
    const meta = new Metadata({ headers, transient: { T_KEY: "t" }, persistent: { P_KEY: "p" } });
    await f.client.unaryCall({}, { meta });
    for (const [name, value] of Object.entries(headers)) assertEquals(seen?.headers.get(name), value);
    assertEquals(seen?.headers.get("user-agent"), "updraft");
    assertEquals(seen?.headers.get("destination-method"), "UnaryCall");
    assertEquals([...seen!.transient, ...seen!.persistent], [["T_KEY", "t"], ["P_KEY", "p"]]);
    assertEquals([...meta.backward], [["x-initial", "i"], ["x-initial-bin", "AAEC"]]);
    assertEquals([...meta.trailers], [["x-trailing", "t"], ["x-trailing-bin", "AwQF,Bgc"]]);
  });

  it("passes metadata on that come before there is a message", async () => {
    const finish = deferred<void>();
    await using f = await proxied({
      async *streamingOutputCall(_, { meta }) {
        meta.backward.set("x-early", "1");
        meta.flush();
        meta.backward.set("x-late", "2");
        meta.flush();
        await finish.promise;
        yield {};
      },
    });
    const meta = new Metadata();
    const answers = f.client.streamingOutputCall({}, { meta })[Symbol.asyncIterator]();
    const first = answers.next();
    await settled(() => meta.backward.size);
    assertEquals([...meta.backward], [["x-early", "1"]]);
    finish.resolve();
    assertEquals((await first).done, false);
    assertEquals((await answers.next()).done, true);
    assertEquals([...meta.backward], [["x-early", "1"]]);
  });

  it("fails a call whose early metadata its caller does not take", async () => {
    await using f = await proxied({
      async *streamingOutputCall(_, { meta }) {
        meta.backward.set("x-large", "x".repeat(2_000));
        meta.flush();
        await new Promise(() => {});
        yield {};
      },
    }, { http2: { maxHeaderListBytes: 1_000 } });
    const error = await failure(all(f.client.streamingOutputCall({})));
    assertEquals([error.code, error.remote], [GrpcStatus.RESOURCE_EXHAUSTED, true]);
  });

  it("carries the caller's deadline and its end to the backend", async () => {
    const contexts: CallContext[] = [];
    const began = deferred<void>();
    const aborted = deferred<void>();
    await using f = await proxied({
      unaryCall(_, context) {
        contexts.push(context);
        context.signal.addEventListener("abort", () => aborted.resolve());
        began.resolve();
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    const call = failure(f.client.unaryCall({}, { signal: controller.signal, timeoutMs: 60_000 }));
    await began.promise;
    const leftMs = contexts[0]!.deadline - f.clock.now();
    assert(leftMs > 0 && leftMs <= 60_000, `${leftMs} ms are left`);
    controller.abort();
    assertEquals((await call).kind, "canceled");
    await aborted.promise;
  });

  it("ends a call at its deadline with DEADLINE_EXCEEDED", async () => {
    const began = deferred<void>();
    const reasons: unknown[] = [];
    await using f = await proxied({
      unaryCall(_, { signal }) {
        signal.addEventListener("abort", () => reasons.push(RpcError.from(signal.reason).kind));
        began.resolve();
        return new Promise(() => {});
      },
    });
    const call = failure(f.client.unaryCall({}, { timeoutMs: 1_000 }));
    await began.promise;
    f.clock.advance(999);
    assertEquals(reasons, []);
    assertEquals((await runUntil(f.clock, call)).kind, "timeout");
    assertEquals(reasons.length, 1);
  });

  it("ends the backend's stream where the reader leaves", async () => {
    const left = deferred<void>();
    await using f = await proxied({
      async *streamingOutputCall() {
        try {
          for (;;) yield size(1_000);
        } finally {
          left.resolve();
        }
      },
    });
    for await (const _ of f.client.streamingOutputCall({})) break;
    await left.promise;
  });

  it("holds a backend back whose messages are not read, and a caller whose messages are not", async () => {
    let sent = 0;
    const stuck = deferred<void>();
    await using f = await proxied({
      async *streamingOutputCall() {
        for (; sent < 2_000; sent++) yield size(10_000);
      },
      async streamingInputCall(requests) {
        await stuck.promise;
        let aggregatedPayloadSize = 0;
        for await (const request of requests) aggregatedPayloadSize += body(request);
        return { aggregatedPayloadSize };
      },
    });
    const answers = f.client.streamingOutputCall({})[Symbol.asyncIterator]();
    await answers.next();
    await settled(() => sent);
    assert(sent < 500, `${sent} messages were sent and nobody reads them`);
    while (!(await answers.next()).done);
    assertEquals(sent, 2_000);

    let asked = 0;
    async function* questions() {
      for (; asked < 2_000; asked++) yield size(10_000);
    }
    const call = f.client.streamingInputCall(questions());
    await settled(() => asked);
    assert(asked < 500, `${asked} messages were taken and nobody reads them`);
    stuck.resolve();
    assertEquals((await call).aggregatedPayloadSize, 20_000_000);
  });
});

/** Waits until a count stays the same. */
async function settled(count: () => number): Promise<void> {
  for (let same = 0, last = -1; same < 20; same = count() === last ? same + 1 : 0) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

describe("raw calls", () => {
  it("carry messages byte for byte, with the path and the type they have", async () => {
    const seen: unknown[] = [];
    await using f = await raw(async function* ({ path, contentType, messages }, { service, method }) {
      seen.push(path, contentType, service.fullName, service.name, method.name);
      yield* messages;
    });
    const sent = [0, 1, 5, 300, 16_384, 100_000].map((length) => {
      return Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    });
    const request = { path: "/acme.v1.Any/Thing", contentType: "application/grpc+made.up", messages: sent };
    assertEquals(await all(f.client.call(request)), sent);
    assertEquals(seen, ["/acme.v1.Any/Thing", "application/grpc+made.up", "acme.v1.Any", "Any", "Thing"]);
  });

  it("pass through the middleware of client and server", async () => {
    const seen: string[] = [];
    const note = (side: string): NonNullable<ServerOptions["use"]>[number] => (next) => (call) => {
      seen.push(`${side} ${call.service.fullName}/${call.method.name}`);
      return next(call);
    };
    const transport = memory();
    const unknownService: UnknownServiceHandler = ({ messages }) => messages;
    await using server = await createServer({
      transport,
      protocols: [grpc({ unknownService })],
      use: [note("server")],
    }).listen({ path: "server" });
    await using client = createClient(RawGrpc, {
      to: server.address,
      transport,
      protocol: grpc(),
      use: [note("client")],
    });
    await all(client.call({ path: "/a.B/c", messages: [] }));
    assertEquals(seen, ["client a.B/c", "server a.B/c"]);
  });

  it("leave the methods of services to those", async () => {
    const transport = memory();
    const unknownService: UnknownServiceHandler = async function* () {
      yield Uint8Array.of(1);
    };
    await using server = await createServer({ transport, protocols: [grpc({ unknownService })] })
      .add(TestService, testHandlers())
      .listen({ path: "server" });
    await using client = createClient(RawGrpc, { to: server.address, transport, protocol: grpc() });
    const answers = (method: string) =>
      all(client.call({ path: `/grpc.testing.TestService/${method}`, messages: [new Uint8Array()] }));
    assertEquals(await answers("EmptyCall"), [new Uint8Array()]);
    assertEquals(await answers("Other"), [Uint8Array.of(1)]);
  });

  it("are answered with UNIMPLEMENTED where nobody takes them", async () => {
    await using f = await raw(undefined);
    const error = await failure(all(f.client.call({ path: "/a.B/c", messages: [] })));
    assertEquals([error.code, error.message], [GrpcStatus.UNIMPLEMENTED, "unknown service a.B"]);
  });

  it("fail with INTERNAL where their handler does, and tell the server's onError", async () => {
    const failed: string[] = [];
    await using f = await raw(() => {
      throw new Error("no backend");
    }, { onError: ({ message }) => void failed.push(message) });
    const error = await failure(all(f.client.call({ path: "/a/b", messages: [] })));
    assertEquals([error.code, error.message, failed], [GrpcStatus.INTERNAL, "no backend", ["no backend"]]);
  });

  it("are refused for what is no path, no type of gRPC, and no bytes", async () => {
    await using f = await raw(({ messages }) => messages);
    for (const path of ["", "a/b", "/ab", "/a b/c", "/a/b\n"]) {
      assertThrows(() => f.client.call({ path, messages: [] }), RpcError, "is no path");
    }
    assertThrows(() => f.client.call({ path: "/a/b", contentType: "text/html", messages: [] }), RpcError, "text/html");
    const messages = ["text"] as unknown as Uint8Array[];
    const error = await failure(all(f.client.call({ path: "/a/b", messages })));
    assertEquals([error.kind, error.message], ["invalid", "a message of a raw call is no Uint8Array"]);
  });
});

describe("RawGrpc", () => {
  it("is for clients over gRPC alone", () => {
    const server = createServer({ protocols: [grpc()] });
    assertThrows(() => server.add(RawGrpc, {}), RpcError, "for clients alone");
    assertThrows(() => createLocalClient(RawGrpc, {}), RpcError, "for clients alone");
    assertThrows(() => createClient(RawGrpc, { to: "a:1", protocol: framed() }), RpcError, "framed cannot carry");
  });
});
