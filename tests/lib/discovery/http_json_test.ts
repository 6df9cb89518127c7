import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HttpJson } from "../../../lib/discovery/http_json.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { settle } from "./heard.ts";

const endpoints = ["http://one", "http://two/"];
type Answer = (url: string, init: RequestInit) => Response | Promise<Response>;

function client(answer: Answer, more = {}): { http: HttpJson; asked: string[]; clock: ManualClock } {
  const asked: string[] = [];
  const clock = new ManualClock();
  const fake = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push(`${init?.method} ${url}`);
    return Promise.resolve(answer(String(url), init ?? {}));
  };
  return { http: new HttpJson({ endpoints, fetch: fake as typeof fetch, clock, ...more }), asked, clock };
}

/** A body that gives these pieces, then stays open. */
function open(...pieces: string[]): { body: ReadableStream<Uint8Array>; left: () => boolean } {
  let left = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => pieces.forEach((piece) => controller.enqueue(new TextEncoder().encode(piece))),
    cancel: () => void (left = true),
  });
  return { body, left: () => left };
}

describe("HttpJson", () => {
  it("asks with JSON and gives the answer", async () => {
    const { http, asked } = client((_, { body }) => Response.json({ got: JSON.parse(String(body)) }));
    assertEquals((await http.ask("/a", { body: { x: 1 } })).value, { got: { x: 1 } });
    assertEquals(asked, ["POST http://one/a"]);
  });

  it("goes to the next endpoint after a failure, and says what failed", async () => {
    const { http, asked } = client((url) => {
      if (url.startsWith("http://one")) throw new TypeError("refused");
      return url.endsWith("/bad") ? new Response("no such thing", { status: 404 }) : new Response("");
    });
    assertEquals((await assertRejects(() => http.ask("/a"), RpcError)).kind, "connect");
    assertEquals((await http.ask("/a")).value, undefined);
    const error = await assertRejects(() => http.ask("/bad"), RpcError, "answered 404: no such thing");
    assertEquals([error.kind, error.code], ["unavailable", 404]);
    assertEquals(asked, ["GET http://one/a", "GET http://two/a", "GET http://two/bad"]);
  });

  it("gives up an answer that does not come, or that its caller does not want", async () => {
    const never: Answer = (_, { signal }) =>
      new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
    const { http, clock } = client(never);
    const late = assertRejects(() => http.ask("/a"), RpcError, "did not answer within 5000 ms");
    clock.advance(5_000);
    assertEquals((await late).kind, "timeout");
    const controller = new AbortController();
    const unwanted = assertRejects(() => http.ask("/a", { signal: controller.signal }), RpcError);
    controller.abort();
    assertEquals((await unwanted).kind, "canceled");
    assertEquals(clock.pending, 0);
  });

  it("takes no more than the limit, and no other than JSON", async () => {
    const { http } = client((url) => new Response(url.endsWith("/big") ? `"${"x".repeat(200)}"` : "<html>"), {
      maxBytes: 100,
    });
    await assertRejects(() => http.ask("/big"), RpcError, "an answer of more than 100 bytes");
    await assertRejects(() => http.ask("/html"), RpcError, "no JSON: <html>");
  });

  it("gives lines as they come, split anywhere, and leaves the answer with the loop", async () => {
    const stream = open('{"a":1}\n{"a', '":2}\n\n{"a":3}', "\n");
    const { http, clock } = client(() => new Response(stream.body));
    const got: unknown[] = [];
    for await (const line of http.lines("/watch", { silentMs: 1_000 })) {
      got.push(line);
      if (got.length === 3) break;
    }
    assertEquals(got, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    assert(stream.left());
    assertEquals(clock.pending, 0);
  });

  it("takes no line without end", async () => {
    const { http } = client(() => new Response(open("x".repeat(200)).body), { maxBytes: 100 });
    await assertRejects(
      () => http.lines("/watch", { silentMs: 1_000 }).next(),
      RpcError,
      "a line of more than 100 bytes",
    );
  });

  it("ends lines of a peer that says nothing any more, and no sooner", async () => {
    const stream = open('{"a":1}\n');
    const { http, clock } = client(() => new Response(stream.body));
    const lines = http.lines("/watch", { silentMs: 1_000 });
    assertEquals(await lines.next(), { done: false, value: { a: 1 } });
    const next = lines.next();
    await settle();
    clock.advance(999);
    await settle();
    assert(!stream.left());
    clock.advance(1);
    assertEquals((await next).done, true);
    assert(stream.left());
    assertEquals(clock.pending, 0);
  });

  it("gives up lines that its caller does not want, whatever the body does", async () => {
    const { http, clock } = client(() => new Response(open().body));
    const controller = new AbortController();
    const next = http.lines("/watch", { silentMs: 1_000, signal: controller.signal }).next();
    await settle();
    controller.abort(new RpcError("canceled", "enough"));
    assertEquals((await assertRejects(() => next, RpcError, "enough")).kind, "canceled");
    assertEquals(clock.pending, 0);
  });

  it("takes a line in thousands of parts in a time that grows with its length only", async () => {
    const parts = ['"', ...Array.from({ length: 20_000 }, () => "x".repeat(100)), '"\n'];
    const { http } = client(() => new Response(open(...parts).body));
    const { value } = await http.lines("/watch", { silentMs: 1_000 }).next();
    assertEquals((value as string).length, 2_000_000);
  });

  it("tells the status of a refusal whose body has no end", async () => {
    const { http } = client(() => new Response(open("no ".repeat(1_000)).body, { status: 404 }));
    const error = await assertRejects(() => http.ask("/a"), RpcError, "answered 404: no no");
    assertEquals([error.code, error.message.length < 300], [404, true]);
  });

  it("sends a form, and takes an answer that is no JSON where a word is asked for", async () => {
    const { http } = client((_, { body, headers }) =>
      new Response(`${new Headers(headers).get("content-type")} ${body}`)
    );
    assertEquals(
      await http.askText("/a", { form: { user: "a b", word: "&=" } }),
      "application/x-www-form-urlencoded user=a+b&word=%26%3D",
    );
  });

  it("refuses endpoints that are none", () => {
    for (const bad of [[], ["localhost:2379"], ["http://"]]) {
      assertThrows(() => new HttpJson({ endpoints: bad }), RpcError);
    }
  });
});
