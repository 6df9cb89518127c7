import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Http1Options } from "../../../codecs/http1/options.ts";
import { http1 } from "../../../codecs/http1/protocol.ts";
import { createServer } from "../../../core.ts";
import type { HttpHandler } from "../../../lib/http/message.ts";
import type { RawConn, RawSink, Transport } from "../../../lib/io/raw.ts";
import { memory } from "../../../transports/memory.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred } from "../../lib/rpc/fixture.ts";

const ECHO: HttpHandler = async (request) => ({
  headers: { "x-path": request.path, "x-method": request.method, "x-host": request.authority },
  body: await request.body.bytes(),
});

/** Counts what the ends of connections that a transport accepts are given. */
function counting(transport: Transport): { readonly transport: Transport; arrived(bytes: number): Promise<void> } {
  let count = 0;
  let heard = (): void => {};
  const counted = (conn: RawConn): RawConn =>
    new Proxy(conn, {
      get(target, key) {
        if (key === "start") {
          return (sink: RawSink): void =>
            target.start({
              chunk(bytes, owned) {
                sink.chunk(bytes, owned);
                count += bytes.length;
                heard();
              },
              end: () => sink.end(),
              drain: () => sink.drain(),
              close: (reason) => sink.close(reason),
            });
        }
        const value = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  return {
    transport: {
      ...transport,
      listen: (on, accept, options) => transport.listen(on, (conn) => accept(counted(conn)), options),
    },
    async arrived(bytes) {
      while (count < bytes) await new Promise<void>((resolve) => heard = resolve);
    },
  };
}

/** A server, and a peer that sends text and collects what comes back, one char an octet. */
async function fixture(handler: HttpHandler = ECHO, options: Http1Options = {}) {
  const clock = new ManualClock();
  const { transport, arrived } = counting(memory());
  const peers: RawConn[] = [];
  let sent = 0;
  const refused: string[] = [];
  const server = await createServer({
    transport,
    clock,
    readTimeoutMs: 0,
    protocols: [http1({ ...options, handler })],
    onError: (error) => refused.push(error.message),
  }).listen({ path: "server" });
  return {
    clock,
    refused,
    server,
    async peer() {
      const raw = await transport.dial({ path: "server" });
      peers.push(raw);
      let drained = (): void => {};
      let text = "";
      let ended = false;
      let heard: (() => void) | undefined;
      raw.start({
        chunk(bytes) {
          for (const byte of bytes) text += String.fromCharCode(byte);
          heard?.();
        },
        end() {
          ended = true;
          heard?.();
        },
        drain: () => drained(),
        close() {
          ended = true;
          heard?.();
        },
      });
      return {
        raw,
        get text() {
          return text;
        },
        send(data: string): void {
          sent += raw.write(Uint8Array.from(data, (char) => char.charCodeAt(0)));
        },
        /** Sends all of it, as it is taken. */
        async sendAll(bytes: Uint8Array) {
          for (let at = 0; at < bytes.length;) {
            const drain = new Promise<void>((resolve) => drained = resolve);
            at += raw.write(bytes.subarray(at));
            if (at < bytes.length) await drain;
          }
        },
        /** What came, once it passes `enough`; the connection's end is enough for all. */
        async until(enough: (text: string) => boolean = () => false) {
          while (!enough(text) && !ended) await new Promise<void>((resolve) => heard = resolve);
          return text;
        },
      };
    },
    /** Resolves when the server has so much, else all that was sent by `send`. */
    arrived: (bytes = sent) => arrived(bytes),
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer.abort();
      server.abort();
      await server.close();
    },
  };
}

const GET = "GET /a?b=1 HTTP/1.1\r\nHost: x:1\r\n\r\n";
const POST = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED = "POST /c HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" +
  "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";

const answers = (text: string): number => text.split("HTTP/1.1 ").length - 1;
const bodyOf = (text: string): string => text.slice(text.indexOf("\r\n\r\n") + 4);
const ends = (end: string) => (text: string): boolean => text.endsWith(end);

describe("an HTTP/1.1 server", () => {
  it("answers a request with its parts and a length", async () => {
    await using f = await fixture();
    const peer = await f.peer();
    peer.send(POST);
    const text = await peer.until(ends("hello"));
    assertStringIncludes(text, "HTTP/1.1 200 OK\r\nx-path: /p\r\nx-method: POST\r\nx-host: x\r\n");
    assertStringIncludes(text, "content-length: 5\r\n\r\nhello");
  });

  it("reads chunks, passes over their extensions, and gives trailers", async () => {
    let sum: string | undefined;
    await using f = await fixture(async (request) => {
      const body = await request.body.bytes();
      sum = request.body.trailers?.get("x-sum");
      return { body };
    });
    const peer = await f.peer();
    peer.send(CHUNKED);
    assertEquals(bodyOf(await peer.until(ends("9"))), "abc0123456789");
    assertEquals(sum, "1");
  });

  it("answers the same wherever requests are cut", async () => {
    await using f = await fixture();
    const all = POST + CHUNKED;
    for (let at = 1; at < all.length; at++) {
      const peer = await f.peer();
      peer.send(all.slice(0, at));
      await f.arrived();
      peer.send(all.slice(at));
      const text = await peer.until(ends("abc0123456789"));
      assertEquals([answers(text), text.includes("hello")], [2, true], `cut at ${at}`);
      peer.raw.abort();
    }
  });

  it("passes over an empty line before a request, wherever that is cut", async () => {
    await using f = await fixture();
    for (const parts of [[GET + "\r\n" + GET], [GET, "\r", "\n" + GET], [GET + "\r\n"], [GET + "\r", "\n" + GET]]) {
      const peer = await f.peer();
      for (const part of parts) {
        peer.send(part);
        await f.arrived();
      }
      const wanted = parts.join("").split("GET ").length - 1;
      assertEquals(answers(await peer.until((text) => answers(text) === wanted)), wanted);
      f.clock.advance(11_000); // no header is waited for
      assertEquals(peer.text.includes("408"), false);
    }
  });

  it("stays with HTTP/1.1 where an upgrade is asked for", async () => {
    await using f = await fixture();
    const peer = await f.peer();
    const fields = "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n";
    peer.send(`GET / HTTP/1.1\r\nhost: x\r\n${fields}\r\n${GET}`);
    const text = await peer.until((text) => answers(text) === 2);
    assertEquals([text.split("HTTP/1.1 200 OK").length, text.includes("upgrade")], [3, false]);
  });

  it("closes at once when it is told to, if a request is not all there", async () => {
    const f = await fixture();
    const peer = await f.peer();
    peer.send("GET / HTTP/1.1\r\nhost:");
    await f.arrived();
    const closed = f.server.close();
    f.clock.advance(200);
    assertEquals(await peer.until(), "");
    peer.raw.close();
    await closed;
  });

  it("tells why it gives calls up, in as many bytes as it says", async () => {
    const begun = deferred<void>();
    const f = await fixture(({ signal }) => {
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const peer = await f.peer();
    peer.send(GET);
    await begun.promise;
    f.server.abort();
    const text = await peer.until();
    assertStringIncludes(text, "HTTP/1.1 503 ");
    assertEquals(Number(/content-length: (\d+)/.exec(text)?.[1]), bodyOf(text).length);
    peer.raw.close();
    await f.server.close();
  });

  it("answers pipelined requests in their order, each after the one before", async () => {
    const first = deferred<void>();
    const started = deferred<void>();
    const begun: string[] = [];
    await using f = await fixture(async ({ path }) => {
      begun.push(path);
      started.resolve();
      if (path === "/1") await first.promise;
      return { body: path };
    });
    const peer = await f.peer();
    peer.send(["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(""));
    await started.promise;
    assertEquals(begun, ["/1"]);
    first.resolve();
    const text = await peer.until(ends("/3"));
    assertEquals([...text.matchAll(/\r\n\r\n(\/\d)/g)].map(([, path]) => path), ["/1", "/2", "/3"]);
  });

  it("sends content of unknown length in chunks, with trailers, and as it comes to HTTP/1.0", async () => {
    await using f = await fixture(() => ({
      body: [new TextEncoder().encode("ab"), new Uint8Array(), new TextEncoder().encode("c")],
      trailers: [["x-end", "1"]],
    }));
    const modern = await f.peer();
    modern.send(GET);
    const text = await modern.until(ends("x-end: 1\r\n\r\n"));
    assertEquals(bodyOf(text), "2\r\nab\r\n1\r\nc\r\n0\r\nx-end: 1\r\n\r\n");
    const old = await f.peer();
    old.send("GET / HTTP/1.0\r\n\r\n");
    const plain = await old.until();
    assertEquals([bodyOf(plain), plain.includes("connection: close")], ["abc", true]);
  });

  it("keeps HTTP/1.0 connections only where that is asked for", async () => {
    await using f = await fixture(() => ({ body: "x" }));
    const peer = await f.peer();
    peer.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
    assertStringIncludes(await peer.until(ends("x")), "connection: keep-alive");
    peer.send("GET / HTTP/1.0\r\n\r\n");
    assertEquals(answers(await peer.until()), 2);
  });

  it("answers HEAD without content, and with its length", async () => {
    await using f = await fixture(() => ({ body: "four" }));
    const peer = await f.peer();
    peer.send("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n" + GET);
    const text = await peer.until(ends("four"));
    assertEquals([answers(text), text.split("content-length: 4").length], [2, 3]);
  });

  it("says 100 Continue to who waits for it", async () => {
    await using f = await fixture();
    const peer = await f.peer();
    peer.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n");
    await peer.until(ends("HTTP/1.1 100 Continue\r\n\r\n"));
    peer.send("ok");
    assertStringIncludes(await peer.until(ends("ok")), "HTTP/1.1 200 OK");
  });

  it("closes after an answer that did not wait for the content", async () => {
    await using f = await fixture(() => ({ status: 403 }));
    const peer = await f.peer();
    peer.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc");
    const text = await peer.until();
    assertStringIncludes(text, "HTTP/1.1 403 Forbidden\r\n");
    assertStringIncludes(text, "connection: close");
  });

  it("makes a sender wait while its content is not read", async () => {
    const go = deferred<void>();
    await using f = await fixture(async (request) => {
      await go.promise;
      return { body: String((await request.body.bytes(1 << 22)).length) };
    });
    const peer = await f.peer();
    const size = 2_000_000;
    peer.send(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${size}\r\n\r\n`);
    const rest = new Uint8Array(size);
    let all = false;
    const sending = peer.sendAll(rest).then(() => all = true);
    await f.arrived(64 * 1024);
    assertEquals(all, false);
    go.resolve();
    await sending;
    assertEquals(bodyOf(await peer.until(ends(String(size)))), String(size));
  });

  it("aborts the handler of a client that is gone", async () => {
    const aborted = deferred<unknown>();
    const begun = deferred<void>();
    await using f = await fixture(({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason.kind));
      begun.resolve();
      return new Promise(() => {});
    });
    const peer = await f.peer();
    peer.send(GET);
    await begun.promise;
    peer.raw.close();
    assertEquals(await aborted.promise, "canceled");
  });

  it("answers 500 for a handler that throws or answers what cannot be sent, and goes on", async () => {
    let count = 0;
    await using f = await fixture(() => {
      if (count++ === 0) throw new Error("secret");
      if (count === 2) return { headers: { "x-a": "b\r\nset-cookie: c" } };
      return { body: "fine" };
    });
    const peer = await f.peer();
    peer.send(GET + GET + GET);
    const text = await peer.until(ends("fine"));
    assertEquals([text.split("500 Internal").length, text.includes("secret"), text.includes("set-cookie")], [
      3,
      false,
      false,
    ]);
    assertEquals(f.refused.length, 2);
  });

  it("cuts content off whose source fails", async () => {
    await using f = await fixture(() => ({
      body: (async function* () {
        yield new TextEncoder().encode("part");
        await Promise.resolve();
        throw new Error("no more");
      })(),
    }));
    const peer = await f.peer();
    peer.send(GET);
    const text = await peer.until();
    assert(text.endsWith("4\r\npart\r\n"), text);
  });

  it("finishes what it has begun when the server closes", async () => {
    const go = deferred<void>();
    const begun = deferred<void>();
    const f = await fixture(async () => {
      begun.resolve();
      await go.promise;
      return { body: "done" };
    });
    const peer = await f.peer();
    peer.send(GET);
    await begun.promise;
    const closed = f.server.close();
    f.clock.advance(200);
    go.resolve();
    const text = await peer.until();
    assertEquals([bodyOf(text), text.includes("connection: close")], ["done", true]);
    f.clock.advance(2_000);
    await closed;
  });
});

/** What is refused, and how. */
const REFUSED: readonly (readonly [what: string, request: string, status: number])[] = [
  [
    "both lengths",
    "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
  ],
  ["two equal lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc", 400],
  ["two lengths in one", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3, 3\r\n\r\nabc", 400],
  ["a signed length", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +3\r\n\r\nabc", 400],
  ["a hexadecimal length", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0x3\r\n\r\nabc", 400],
  ["an empty length", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length:\r\n\r\n", 400],
  ["two codings", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501],
  ["an unknown coding", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n", 501],
  [
    "two fields of codings",
    "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n",
    400,
  ],
  ["chunks in HTTP/1.0", "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400],
  ["a blank before a colon", "GET / HTTP/1.1\r\nhost: x\r\ncontent-length : 3\r\n\r\n", 400],
  ["a folded field", "GET / HTTP/1.1\r\nhost: x\r\nx-a: b\r\n c\r\n\r\n", 400],
  ["a field without a name", "GET / HTTP/1.1\r\nhost: x\r\n: c\r\n\r\n", 400],
  ["a line that is no field", "GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n", 400],
  ["a bare LF", "GET / HTTP/1.1\nhost: x\n\n", 400],
  ["a bare LF in the header", "GET / HTTP/1.1\r\nhost: x\nx-a: b\r\n\r\n", 400],
  ["a bare CR in a value", "GET / HTTP/1.1\r\nhost: x\r\nx-a: b\rc\r\n\r\n", 400],
  ["NUL in a value", "GET / HTTP/1.1\r\nhost: x\r\nx-a: b\0c\r\n\r\n", 400],
  ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two hosts", "GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", 400],
  ["a host that is none", "GET / HTTP/1.1\r\nhost: x/y\r\n\r\n", 400],
  ["a target that is none", "GET a HTTP/1.1\r\nhost: x\r\n\r\n", 400],
  ["a target with a user", "GET http://a@b/ HTTP/1.1\r\nhost: b\r\n\r\n", 400],
  ["two blanks in the line", "GET  / HTTP/1.1\r\nhost: x\r\n\r\n", 400],
  ["a target with a fragment", "GET /a#b HTTP/1.1\r\nhost: x\r\n\r\n", 400],
  ["no version", "GET /\r\nhost: x\r\n\r\n", 400],
  ["another version", "GET / HTTP/2.0\r\nhost: x\r\n\r\n", 505],
  ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n", 501],
  ["an unknown expectation", "POST / HTTP/1.1\r\nhost: x\r\nexpect: more\r\n\r\n", 417],
  ["a chunk size that is none", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", 400],
  ["a chunk size with a prefix", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0x3\r\nabc\r\n", 400],
  [
    "an enormous chunk size",
    "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1000000000000000\r\n",
    400,
  ],
  ["a chunk longer than its size", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabc\r\n", 400],
  ["a bare LF after a chunk size", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\nab\r\n", 400],
  [
    "a length in trailers",
    "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\ncontent-length: 3\r\n\r\n",
    400,
  ],
  ["a long line", `GET /${"a".repeat(9_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 414],
  ["a line without an end", `GET /${"a".repeat(9_000)}`, 414],
  ["many fields", `GET / HTTP/1.1\r\nhost: x\r\n${"a: b\r\n".repeat(101)}\r\n`, 431],
  ["a long header", `GET / HTTP/1.1\r\nhost: x\r\na: ${"b".repeat(17_000)}\r\n\r\n`, 431],
  [
    "long chunk extensions",
    `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;${"a".repeat(300)}`,
    400,
  ],
  ["too much content", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n", 413],
  ["too much content in chunks", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3E9\r\n", 413],
];

describe("an HTTP/1.1 server refuses", () => {
  for (const [what, request, status] of REFUSED) {
    it(`${what} with ${status}, and takes nothing after it`, async () => {
      const paths: string[] = [];
      await using f = await fixture(async (request) => {
        paths.push(request.path);
        return { body: await request.body.bytes() };
      }, { maxBodyBytes: 1_000, maxHeadBytes: 16_000 });
      const peer = await f.peer();
      peer.send(`${request}GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n`);
      const text = await peer.until();
      assertEquals(text.slice(0, 13), `HTTP/1.1 ${status} `);
      assertEquals([answers(text), text.includes("connection: close"), paths.includes("/smuggled")], [1, true, false]);
      assertEquals(f.refused.length >= 1, true);
    });
  }

  it("a header that takes too long, by 408", async () => {
    await using f = await fixture();
    const peer = await f.peer();
    peer.send("GET / HTTP/1.1\r\n");
    await f.arrived();
    for (let i = 0; i < 9; i++) {
      f.clock.advance(1_000);
      peer.send(`x-${i}: y\r\n`);
      await f.arrived();
    }
    assertEquals(peer.text, "");
    f.clock.advance(1_100);
    assertEquals((await peer.until()).slice(0, 13), "HTTP/1.1 408 ");
  });

  it("content that stops coming, by 408", async () => {
    await using f = await fixture();
    const peer = await f.peer();
    peer.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
    await f.arrived();
    f.clock.advance(30_100);
    assertEquals((await peer.until()).slice(0, 13), "HTTP/1.1 408 ");
  });
});
