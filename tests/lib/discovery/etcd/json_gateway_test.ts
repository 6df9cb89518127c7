import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { etcdJsonGateway } from "../../../../lib/discovery/etcd/json_gateway.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { FakeHttp } from "../fake_http.ts";
import { settle } from "../heard.ts";

// The answers are those of etcd 3.4, and what a broken or newer one may say instead.

function start(auth?: { user: string; password: string }) {
  const clock = new ManualClock();
  const http = new FakeHttp();
  return { clock, http, kv: etcdJsonGateway({ endpoints: ["http://127.0.0.1:2379"], fetch: http.fetch, clock, auth }) };
}

/** The answer of a watch, and what puts lines into it. */
function stream(): { response: Response; send: (line: unknown) => void } {
  let to!: ReadableStreamDefaultController<Uint8Array>;
  const response = new Response(new ReadableStream<Uint8Array>({ start: (controller) => void (to = controller) }));
  return { response, send: (line) => to.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`)) };
}

describe("etcdJsonGateway", () => {
  it("asks for the keys below a prefix, and gives them with the revision", async () => {
    const { http, kv } = start();
    const asked = kv.range("a/b");
    const { line, body, answer } = await http.request(0);
    assertEquals([line, body], ["POST /v3/kv/range", { key: btoa("a/b"), range_end: btoa("a/c") }]);
    answer(Response.json({ header: { revision: "12" }, kvs: [{ key: btoa("a/b1"), value: btoa("x") }] }));
    assertEquals(await asked, { revision: 12n, entries: [{ key: "a/b1", value: "x" }] });
  });

  it("takes an answer that makes no sense for a failure", async () => {
    const { http, kv } = start();
    const answers: readonly (readonly [asked: () => Promise<unknown>, answer: unknown, text: string])[] = [
      [() => kv.range("a"), { header: { revision: "no" } }, `revision "no" is no number`],
      [() => kv.range("a"), { header: { revision: "1" }, kvs: {} }, "kvs of etcd's answer is no list"],
      [() => kv.range("a"), { header: { revision: "1" }, kvs: [{ key: "%" }] }, "is no base64"],
      [() => kv.grant(60), { ID: "1", TTL: "0" }, "a lease of 0 s"],
      [() => kv.grant(60), { ID: "1", TTL: "soon" }, "a lease of NaN s"],
      [() => kv.grant(60), null, "no TTL"],
    ];
    for (const [i, [asked, answer, text]] of answers.entries()) {
      const outcome = assertRejects(asked, RpcError, text);
      (await http.request(i)).answer(Response.json(answer));
      assertEquals((await outcome).kind, "protocol");
    }
  });

  it("tells changes of a watch, and ends it where etcd compacted, gave up, or is silent for a minute", async () => {
    const { clock, http, kv } = start();
    const events = [{ kv: { key: btoa("a1"), value: btoa("x") } }, { type: "DELETE", kv: { key: btoa("a2") } }];
    const endings: readonly (readonly [line: unknown, text: string | undefined])[] = [
      [{ result: { compact_revision: "40", canceled: true } }, "compacted up to 40"],
      [{ result: { canceled: true } }, "etcd ended a watch"],
      [{ error: { message: "no leader" } }, "no leader"],
      [undefined, undefined],
    ];
    for (const [i, [line, text]] of endings.entries()) {
      const { response, send } = stream();
      const changes = kv.watch("a", 5n)[Symbol.asyncIterator]();
      const first = changes.next();
      const asked = await http.request(i);
      assertEquals(asked.body, { create_request: { key: btoa("a"), range_end: btoa("b"), start_revision: "5" } });
      asked.answer(response);
      // A newer gateway says what is zero, too.
      send({ result: { created: true, compact_revision: "0", canceled: false, events: [] } });
      send({ result: { events } });
      assertEquals((await first).value, [{ key: "a1", value: "x" }, { key: "a2", value: undefined }]);
      const next = changes.next();
      if (text === undefined) {
        await settle();
        clock.advance(60_000);
        assertEquals((await next).done, true);
      } else {
        send(line);
        await assertRejects(() => next, RpcError, text);
      }
      await settle();
      assert(asked.left());
      assertEquals(clock.pending, 0);
    }
  });

  it("logs in, and once again when its token is refused", async () => {
    const { http, kv } = start({ user: "ada", password: "secret" });
    const login = async (n: number, token: string): Promise<void> => {
      const { line, body, answer } = await http.request(n);
      assertEquals([line, body], ["POST /v3/auth/authenticate", { name: "ada", password: "secret" }]);
      answer(Response.json({ token }));
    };
    const done = kv.delete("a");
    await login(0, "one");
    const refused = await http.request(1);
    assertEquals(refused.headers.get("authorization"), "one");
    refused.answer(new Response("invalid auth token", { status: 401 }));
    await login(2, "two");
    const again = await http.request(3);
    assertEquals(again.headers.get("authorization"), "two");
    again.answer(Response.json({}));
    await done;
    const second = assertRejects(() => kv.delete("a"), RpcError, "401");
    (await http.request(4)).answer(new Response("", { status: 401 }));
    await login(5, "three");
    (await http.request(6)).answer(new Response("", { status: 401 }));
    await second;
  });
});
