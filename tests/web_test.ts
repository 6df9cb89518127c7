import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { buffered } from "../codecs/thrift/protocol.ts";
import { createServer, RpcError } from "../core.ts";
import type { Transport } from "../lib/io/raw.ts";
import { memory } from "../transports/memory.ts";
import { createClient, type WebClientOptions } from "../web.ts";
import { EchoException, EchoService } from "./interop/gen/echo.ts";
import { echoHandlers, fullValue } from "./interop/handlers.ts";

const URL_TEXT = "https://rpc.test/echo";

/** A `fetch` that hands each body to a server of unframed messages, as an HTTP server would. */
function fetchOver(transport: Transport): typeof fetch {
  return async (_, init) => {
    const conn = await transport.dial({ path: "server" });
    init?.signal?.throwIfAborted();
    const body = init?.body as Uint8Array;
    const chunks: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      init?.signal?.addEventListener("abort", () => {
        conn.abort();
        reject(init.signal?.reason);
      });
      let at = conn.write(body);
      conn.start({
        chunk: (bytes) => void chunks.push(bytes.slice()),
        end: () => conn.close(),
        drain: () => {
          at += conn.write(body.subarray(at));
          if (at === body.length) conn.closeWrite();
        },
        close: () => resolve(),
      });
      if (at === body.length) conn.closeWrite();
    });
    return new Response(new Blob(chunks as Uint8Array<ArrayBuffer>[]).stream());
  };
}

/** Deadlines alone keep no process alive, and memory has no sockets that would. */
function keepAwake(): AsyncDisposable {
  const timer = setInterval(() => {}, 60_000);
  return { [Symbol.asyncDispose]: () => Promise.resolve(clearInterval(timer)) };
}

async function withServer(
  options: Partial<WebClientOptions>,
  run: (client: ReturnType<typeof createClient<import("./interop/gen/echo.ts").EchoServiceClient>>) => Promise<void>,
): Promise<void> {
  await using _awake = keepAwake();
  const transport = memory();
  const payload = options.payload ?? "binary";
  await using server = await createServer({ transport, protocols: [buffered({ payload })] })
    .add(EchoService, { ...echoHandlers(), sleep: () => new Promise(() => {}) })
    .listen({ path: "server" });
  await using client = createClient(EchoService, { to: URL_TEXT, fetch: fetchOver(transport), ...options });
  assert(server.address !== "");
  await run(client);
}

describe("the fetch client", () => {
  for (const payload of ["binary", "compact", "json"] as const) {
    it(`makes calls with the ${payload} payload`, () =>
      withServer({ payload }, async (client) => {
        assertEquals(await client.echoAll(fullValue()), fullValue());
        assertEquals(await client.add(2n, 3n), 5n);
        assertEquals(await client.ping(), undefined);
        const error = await assertRejects(() => client.fail("declared"), EchoException);
        assertEquals(error.code, 42);
        assertStringIncludes((await assertRejects(() => client.fail("plain"), RpcError)).message, "plain go error");
      }));
  }

  it("posts with the payload's content type and the headers given", async () => {
    const seen: Headers[] = [];
    const send: typeof fetch = (_, init) => {
      assertEquals(init?.method, "POST");
      seen.push(new Headers(init?.headers));
      return Promise.resolve(new Response());
    };
    const client = createClient(EchoService, { to: URL_TEXT, fetch: send, headers: { authorization: "Bearer x" } });
    await client.notify("oneway");
    assertEquals(seen[0]?.get("content-type"), "application/vnd.apache.thrift.binary");
    assertEquals(seen[0]?.get("authorization"), "Bearer x");
  });

  it("ends a call at its deadline, and by its signal", () =>
    withServer({}, async (client) => {
      const late = await assertRejects(() => client.sleep(0, { timeoutMs: 20 }), RpcError);
      assertEquals(late.kind, "timeout");
      const controller = new AbortController();
      const call = assertRejects(() => client.sleep(0, { signal: controller.signal }), RpcError);
      controller.abort();
      assertEquals((await call).kind, "canceled");
    }));

  it("ends its calls when it is closed, and takes no more", () =>
    withServer({}, async (client) => {
      const call = assertRejects(() => client.sleep(0), RpcError);
      await client.close();
      assertEquals((await call).kind, "canceled");
      assertEquals((await assertRejects(() => client.ping(), RpcError)).kind, "canceled");
    }));

  const statuses = { 401: "forbidden", 404: "unimplemented", 429: "overload", 500: "internal", 503: "unavailable" };
  for (const [status, kind] of Object.entries(statuses)) {
    it(`makes HTTP status ${status} an error of kind ${kind}`, async () => {
      const send: typeof fetch = () => Promise.resolve(new Response("no", { status: Number(status) }));
      const client = createClient(EchoService, { to: URL_TEXT, fetch: send });
      const error = await assertRejects(() => client.ping(), RpcError);
      assertEquals([error.kind, error.message], [kind, `rpc.test answered with HTTP status ${status}`]);
    });
  }

  it("stops reading a response over the limit", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const send: typeof fetch = () => Promise.resolve(new Response(endless as ReadableStream<Uint8Array<ArrayBuffer>>));
    const client = createClient(EchoService, { to: URL_TEXT, fetch: send, limits: { maxMessageBytes: 5000 } });
    const error = await assertRejects(() => client.ping(), RpcError, "over 5000 bytes");
    assertEquals(error.kind, "protocol");
    assert(pulled < 20);
  });

  it("makes a failed fetch, an empty body and a body that is no message errors of their own", async () => {
    const failing = (send: () => Promise<Response>): Promise<RpcError> =>
      assertRejects(() => createClient(EchoService, { to: URL_TEXT, fetch: send }).ping(), RpcError);
    assertEquals((await failing(() => Promise.reject(new TypeError("offline")))).kind, "transport");
    assertEquals((await failing(() => Promise.resolve(new Response("")))).kind, "protocol");
    assertEquals((await failing(() => Promise.resolve(new Response("<html>")))).kind, "protocol");
  });

  for (const to of ["", "localhost:80", "ftp://host/", "/relative"]) {
    it(`refuses the target "${to}"`, () => {
      assertThrows(() => createClient(EchoService, { to }), RpcError, `"${to}"`);
    });
  }
});
