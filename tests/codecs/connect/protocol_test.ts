import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { writeStatus } from "../../../codecs/protobuf/rpc_status.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";
import { type Metadata, RpcError } from "../../../core.ts";
import type { Compressor } from "../../../lib/compressor.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred } from "../../lib/rpc/fixture.ts";
import { framed, outputRequest, post, simpleRequest, sizeOf, testServer, unframed } from "./call.ts";

const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Adds one byte in front; what it gives is no shorter, but tells that it went through here. */
const PREFIX: Compressor = {
  name: "prefix",
  compress: (bytes) => Uint8Array.of(42, ...bytes),
  decompress(bytes, maxBytes) {
    if (bytes[0] !== 42) throw new RpcError("protocol", "not prefixed");
    if (bytes.length - 1 > maxBytes) throw new RpcError("overload", "too long");
    return bytes.slice(1);
  },
};

/** A server that never answers; `expire` waits for a call and lets more than a minute go by. */
function silentServer() {
  const clock = new ManualClock();
  const begun = deferred<void>();
  const { server } = testServer(
    {
      unaryCall() {
        begun.resolve();
        return new Promise(() => {});
      },
    },
    {},
    { clock },
  );
  return {
    server,
    async expire(): Promise<void> {
      await begun.promise;
      clock.advance(61_000);
    },
  };
}

describe("Connect's calls that do not stream", () => {
  it("are answered in the form they came in", async () => {
    const { server } = testServer();
    const proto = await server.fetch(post("UnaryCall", "application/proto", simpleRequest(7)));
    assertEquals([proto.status, proto.headers.get("content-type"), sizeOf(await bytesOf(proto))], [
      200,
      "application/proto",
      7,
    ]);
    const json = await server.fetch(post("UnaryCall", "application/json; charset=utf-8", `{"responseSize":3}`));
    assertEquals([json.headers.get("content-type"), await json.text()], [
      "application/json",
      `{"payload":{"body":"AAAA"}}`,
    ]);
  });

  it("carry metadata both ways, trailers with a prefix", async () => {
    const { server } = testServer({
      unaryCall(_, { meta }) {
        meta.backward.set("x-seen", meta.headers.get("x-mine") ?? "");
        meta.trailers.set("x-last", "1");
        return {};
      },
    });
    const { headers } = await server.fetch(post("UnaryCall", "application/json", "{}", { "X-Mine": "me" }));
    assertEquals([headers.get("x-seen"), headers.get("trailer-x-last")], ["me", "1"]);
  });

  it("fail with metadata that cannot be sent, which the server is told", async () => {
    const { server, errors } = testServer({
      unaryCall(_, { meta }) {
        meta.trailers.set("no name", "1");
        return {};
      },
    });
    const response = await server.fetch(post("UnaryCall", "application/json", "{}"));
    assertEquals([response.status, (await response.json()).code], [500, "internal"]);
    assertEquals(errors.map(({ kind }) => kind), ["internal"]);
  });

  it("tell of errors by status and JSON, details included", async () => {
    const details = writeStatus(9, "not now", [{ type: "a.B", value: Uint8Array.of(1, 2) }]);
    const { server } = testServer({
      unaryCall() {
        throw new GrpcError(9, "not now", { details });
      },
    });
    const response = await server.fetch(post("UnaryCall", "application/proto", simpleRequest(0)));
    assertEquals([response.status, response.headers.get("content-type")], [400, "application/json"]);
    assertEquals(await response.json(), {
      code: "failed_precondition",
      message: "not now",
      details: [{ type: "a.B", value: "AQI" }],
    });
  });

  it("end at their deadline", async () => {
    const { server, expire } = silentServer();
    const answer = server.fetch(post("UnaryCall", "application/json", "{}", { "connect-timeout-ms": "60000" }));
    await expire();
    const response = await answer;
    assertEquals([response.status, (await response.json()).code], [504, "deadline_exceeded"]);
  });

  it("are given up when their caller is", async () => {
    const aborted = deferred<string>();
    const begun = deferred<void>();
    const { server } = testServer({
      unaryCall(_, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason.kind));
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    const request = new Request(post("UnaryCall", "application/json", "{}"), { signal: controller.signal });
    void server.fetch(request);
    await begun.promise;
    controller.abort();
    assertEquals(await aborted.promise, "canceled");
  });

  it("are compressed where both sides can", async () => {
    const { server } = testServer({}, { compressors: [PREFIX] });
    const request = Uint8Array.of(42, ...simpleRequest(2_000));
    const response = await server.fetch(
      post("UnaryCall", "application/proto", request, {
        "content-encoding": "prefix",
        "accept-encoding": "br, prefix",
      }),
    );
    const body = await bytesOf(response);
    assertEquals([response.headers.get("content-encoding"), body[0], sizeOf(body.subarray(1))], ["prefix", 42, 2_000]);
    const unknown = await server.fetch(
      post("UnaryCall", "application/proto", request, { "content-encoding": "zstd" }),
    );
    assertEquals((await unknown.json()).code, "unimplemented");
    const short = await server.fetch(
      post("UnaryCall", "application/proto", simpleRequest(1), { "accept-encoding": "prefix" }),
    );
    assertEquals(short.headers.get("content-encoding"), null);
  });

  it("are compressed in the server's ways by default, and as the handler says", async () => {
    const wishes: Record<string, (meta: Metadata) => void> = {
      nothing: () => {},
      prefix: (meta) => meta.compression = "prefix",
      identity: (meta) => meta.compression = "identity",
      not: (meta) => meta.compress = false,
      stranger: (meta) => meta.compression = "stranger",
    };
    let compressed: boolean | undefined;
    const { server } = testServer(
      {
        unaryCall(request, { meta }) {
          compressed = meta.wasCompressed(request);
          wishes[meta.headers.get("x-wish") ?? ""]?.(meta);
          return { payload: { body: new Uint8Array(request.responseSize) } };
        },
      },
      {},
      { compressors: [PREFIX] },
    );
    const call = async (size: number, wish: string, accept = "prefix"): Promise<string> => {
      const body = Uint8Array.of(42, ...simpleRequest(size));
      const headers = { "content-encoding": "prefix", "accept-encoding": accept, "x-wish": wish };
      const response = await server.fetch(post("UnaryCall", "application/proto", body, headers));
      await response.body?.cancel();
      return response.headers.get("content-encoding") ?? String(response.status);
    };
    assertEquals(await call(2_000, "nothing"), "prefix");
    assertEquals(compressed, true);
    assertEquals(await call(1, "nothing"), "200");
    assertEquals(await call(1, "prefix"), "prefix");
    assertEquals(await call(2_000, "prefix", "br"), "200");
    assertEquals(await call(2_000, "identity"), "200");
    assertEquals(await call(2_000, "not"), "200");
    assertEquals(await call(2_000, "stranger"), "500");
  });

  it("refuse a message in a query that is too large, and a query that says nothing", async () => {
    const { server } = testServer({}, { maxReceiveBytes: 100 });
    const get = async (query: string): Promise<string> => {
      const response = await server.fetch(new Request(`http://h/grpc.testing.TestService/CacheableUnaryCall${query}`));
      return response.ok ? String(response.status) : (await response.json()).code;
    };
    assertEquals(await get(`?connect=v1&encoding=json&message=${"%20".repeat(98)}{}`), "200");
    assertEquals(await get(`?connect=v1&encoding=json&message=${"%20".repeat(99)}{}`), "resource_exhausted");
    assertEquals(await get(""), "invalid_argument");
    assertEquals(await get("?connect=v2&encoding=json&message={}"), "invalid_argument");
    assertEquals(await get("?encoding=json&base64=1&message=!"), "invalid_argument");
  });

  const WRONG: readonly (readonly [what: string, request: Request, status: number, code?: string])[] = [
    ["a malformed message", post("UnaryCall", "application/proto", Uint8Array.of(255)), 400, "invalid_argument"],
    ["malformed JSON", post("UnaryCall", "application/json", "{"), 400, "invalid_argument"],
    ["JSON that is no UTF-8", post("UnaryCall", "application/json", Uint8Array.of(0xff)), 400, "invalid_argument"],
    [
      "a malformed timeout",
      post("UnaryCall", "application/json", "{}", { "connect-timeout-ms": "-1" }),
      400,
      "invalid_argument",
    ],
    ["too large a message", post("UnaryCall", "application/json", " ".repeat(5_000)), 429, "resource_exhausted"],
    ["an unknown method", post("Nothing", "application/json", "{}"), 404],
    ["an unknown content type", post("UnaryCall", "text/plain", "{}"), 415],
    ["another charset", post("UnaryCall", "application/json; charset=latin1", "{}"), 415],
    ["gRPC itself", post("UnaryCall", "application/grpc", "{}"), 415],
    ["a method that streams", post("StreamingOutputCall", "application/json", "{}"), 415],
    ["an envelope for a method that does not", post("UnaryCall", "application/connect+json", "{}"), 415],
    ["a GET of a method that may write", new Request("http://h/grpc.testing.TestService/UnaryCall"), 405],
    ["another version", post("UnaryCall", "application/json", "{}", { "connect-protocol-version": "2" }), 400],
    ["nothing of ours", new Request("http://h/favicon.ico"), 404],
  ];
  for (const [what, request, status, code] of WRONG) {
    it(`are refused by ${status} for ${what}`, async () => {
      const { server } = testServer({}, { maxReceiveBytes: 4_000 });
      const response = await server.fetch(request);
      assertEquals(response.status, status);
      if (code !== undefined) assertEquals((await response.json()).code, code);
      else await response.body?.cancel();
    });
  }
});

describe("Connect's streams", () => {
  it("send each message in an envelope, and tell of the end in a last one", async () => {
    const { server } = testServer();
    const request = post("StreamingOutputCall", "application/connect+proto", framed(outputRequest([1, 2])));
    const response = await server.fetch(request);
    const envelopes = unframed(await bytesOf(response));
    assertEquals(response.headers.get("content-type"), "application/connect+proto");
    assertEquals(envelopes.map(({ flags }) => flags), [0, 0, 2]);
    assertEquals(text(envelopes[2]!.message), "{}");
  });

  it("take many messages, wherever they are cut", async () => {
    const { server } = testServer();
    const message = new TextEncoder().encode(`{"payload":{"body":"AAAA"}}`);
    const all = Uint8Array.of(...framed(message), ...framed(message));
    for (let at = 0; at <= all.length; at++) {
      const parts = [all.subarray(0, at), all.subarray(at)];
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          for (const part of parts) if (part.length > 0) controller.enqueue(part.slice());
          controller.close();
        },
      });
      const init = {
        method: "POST",
        headers: { "content-type": "application/connect+json" },
        body,
        duplex: "half",
      } as RequestInit;
      const response = await server.fetch(
        new Request("http://h/grpc.testing.TestService/StreamingInputCall", init),
      );
      const [first, last] = unframed(await bytesOf(response));
      assertEquals([text(first!.message), last!.flags], [`{"aggregatedPayloadSize":6}`, 2]);
    }
  });

  it("are refused in their last envelope when they are cut off, at every byte", async () => {
    const { server } = testServer();
    const whole = framed(outputRequest([1]));
    for (let at = 0; at < whole.length; at++) {
      const request = post("StreamingOutputCall", "application/connect+proto", whole.slice(0, at));
      const envelopes = unframed(await bytesOf(await server.fetch(request)));
      assertEquals(envelopes.map(({ flags }) => flags), [2], `cut at ${at}`);
      assert(JSON.parse(text(envelopes[0]!.message)).error.code !== undefined);
    }
  });

  it("refuse envelopes that are too long before they are read", async () => {
    const { server } = testServer({}, { maxReceiveBytes: 100 });
    const request = post("StreamingOutputCall", "application/connect+proto", Uint8Array.of(0, 0x7f, 0, 0, 0));
    const [last] = unframed(await bytesOf(await server.fetch(request)));
    assertEquals(JSON.parse(text(last!.message)).error.code, "resource_exhausted");
  });

  it("ask the handler for no more than is read, and leave it when their reader does", async () => {
    let made = 0;
    const left = deferred<void>();
    const { server } = testServer({
      async *streamingOutputCall() {
        try {
          for (;;) {
            made++;
            yield { payload: { body: new Uint8Array(10_000) } };
            await Promise.resolve();
          }
        } finally {
          left.resolve();
        }
      },
    });
    const response = await server.fetch(
      post("StreamingOutputCall", "application/connect+proto", framed(outputRequest([]))),
    );
    const reader = response.body!.getReader();
    await reader.read();
    // Nothing here waits for more than microtasks.
    for (let i = 0; i < 1_000; i++) await Promise.resolve();
    assert(made < 30, `${made} messages were made`);
    await reader.cancel();
    await left.promise;
  });

  it("tell of errors and metadata in the last envelope", async () => {
    const { server } = testServer({
      async *streamingOutputCall(_, { meta }) {
        meta.trailers.set("x-last", "1");
        yield {};
        throw new GrpcError(8, "enough");
      },
    });
    const request = post("StreamingOutputCall", "application/connect+json", framed(new TextEncoder().encode("{}")));
    const envelopes = unframed(await bytesOf(await server.fetch(request)));
    assertEquals(JSON.parse(text(envelopes[1]!.message)), {
      error: { code: "resource_exhausted", message: "enough" },
      metadata: { "x-last": ["1"] },
    });
  });

  it("fail with metadata that cannot be sent, which the server is told", async () => {
    for (const which of ["backward", "trailers"] as const) {
      const { server, errors } = testServer({
        async *streamingOutputCall(_, { meta }) {
          meta[which].set("no name", "1");
          yield* [];
        },
      });
      const request = post("StreamingOutputCall", "application/connect+json", framed(new TextEncoder().encode("{}")));
      const [envelope] = unframed(await bytesOf(await server.fetch(request)));
      assertEquals(JSON.parse(text(envelope!.message)).error.code, "internal");
      assertEquals(errors.map(({ kind }) => kind), ["internal"]);
    }
  });
});

describe("gRPC-Web", () => {
  it("answers with messages and a last frame of trailers", async () => {
    const { server } = testServer();
    const response = await server.fetch(post("UnaryCall", "application/grpc-web+proto", framed(simpleRequest(4))));
    const [message, trailers] = unframed(await bytesOf(response));
    assertEquals([response.status, response.headers.get("content-type")], [200, "application/grpc-web+proto"]);
    assertEquals([sizeOf(message!.message), trailers!.flags, text(trailers!.message)], [4, 0x80, "grpc-status: 0\r\n"]);
  });

  it("has a form in base64, whose pieces may each be padded", async () => {
    const { server } = testServer();
    const call = framed(simpleRequest(4));
    const pieces = [call.subarray(0, 1), call.subarray(1, 5), call.subarray(5)];
    const body = pieces.map((piece) => btoa(String.fromCharCode(...piece))).join("");
    const response = await server.fetch(post("UnaryCall", "application/grpc-web-text", body));
    const parts = (await response.text()).match(/[^=]+={0,2}/g) ?? [];
    const bytes = parts.flatMap((part) => [...atob(part)].map((char) => char.charCodeAt(0)));
    const [message, trailers] = unframed(Uint8Array.from(bytes));
    assertEquals([sizeOf(message!.message), text(trailers!.message)], [4, "grpc-status: 0\r\n"]);
    const broken = await server.fetch(post("UnaryCall", "application/grpc-web-text", "A=B="));
    assertEquals(broken.status, 200);
    assertStringIncludes(atob(await broken.text()), "grpc-status: 3\r\n");
  });

  it("tells of errors in the trailers", async () => {
    const { server } = testServer({
      unaryCall() {
        throw new GrpcError(5, "nö");
      },
    });
    const response = await server.fetch(post("UnaryCall", "application/grpc-web", framed(simpleRequest(4))));
    const [trailers] = unframed(await bytesOf(response));
    assertEquals(text(trailers!.message), "grpc-status: 5\r\ngrpc-message: n%C3%B6\r\n");
  });

  it("ends at grpc-timeout", async () => {
    const { server, expire } = silentServer();
    const request = post("UnaryCall", "application/grpc-web", framed(simpleRequest(4)), { "grpc-timeout": "1M" });
    const answer = server.fetch(request);
    await expire();
    const [trailers] = unframed(await bytesOf(await answer));
    assertStringIncludes(text(trailers!.message), "grpc-status: 4\r\n");
  });
});

describe("cross-origin requests", () => {
  const preflight = (): Request =>
    new Request("http://h/grpc.testing.TestService/UnaryCall", {
      method: "OPTIONS",
      headers: {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,connect-protocol-version",
      },
    });
  /** `Request` keeps `origin` for itself in some runtimes: what a server gets is put in afterwards. */
  const from = (request: Request, origin: string): Request =>
    new Proxy(request, {
      get(target, key) {
        if (key === "headers") return new Map([...target.headers, ["origin", origin]]);
        const value = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });

  it("are not allowed unless that is configured", async () => {
    const { server } = testServer();
    const response = await server.fetch(from(preflight(), "http://a.test"));
    assertEquals([response.status, response.headers.get("access-control-allow-origin")], [405, null]);
    await response.body?.cancel();
  });

  it("are allowed to the origins listed, and to no others", async () => {
    const { server } = testServer({}, { cors: { origins: ["http://a.test"] } });
    const good = await server.fetch(from(preflight(), "http://a.test"));
    assertEquals([good.status, good.headers.get("access-control-allow-origin")], [204, "http://a.test"]);
    assertEquals(good.headers.get("access-control-allow-headers"), "content-type,connect-protocol-version");
    const bad = await server.fetch(from(preflight(), "http://b.test"));
    assertEquals([bad.status, bad.headers.get("access-control-allow-origin")], [204, null]);
    const call = await server.fetch(from(post("UnaryCall", "application/json", "{}"), "http://a.test"));
    assertEquals(call.headers.get("access-control-allow-origin"), "http://a.test");
    assertStringIncludes(call.headers.get("access-control-expose-headers") ?? "", "grpc-status");
    await call.body?.cancel();
  });
});
