/**
 * What every server of `StreamService` must do, stream by stream, seen through Updraft's client.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type CallOptions, type Client, Metadata, RpcError } from "../../mod.ts";
import type { Check } from "./checks.ts";
import type { EchoRequest, StreamServiceClient } from "./gen/echo.ts";

/** The checks; `peer` names the server's maker. */
export function streamChecks(client: Client<StreamServiceClient>, peer: string): Check[] {
  const ended = async (messages: AsyncIterable<{ msg: string }>): Promise<string[]> => {
    const texts: string[] = [];
    for await (const { msg } of messages) texts.push(msg);
    return texts;
  };
  return [
    ["bidi ping-pong, headers and trailers", async () => {
      const meta = new Metadata();
      const { requests, push, close } = mailbox();
      const replies = client.bidi(requests, { meta })[Symbol.asyncIterator]();
      for (let i = 0; i < 20; i++) {
        push(`m${i}`);
        assertEquals((await replies.next()).value?.msg, `m${i}`);
      }
      assertEquals(meta.backward.get("srv-header"), "h1");
      close();
      assertEquals((await replies.next()).done, true);
      assertEquals(meta.trailers.get("srv-trailer"), "t1");
    }],
    ["bidi send all then receive", async () => {
      const texts = Array.from({ length: 200 }, () => "x".repeat(100));
      assertEquals(await ended(client.bidi(texts.map(request))), texts);
    }],
    ["bidi 1 MiB", async () => {
      const big = "y".repeat(1 << 20);
      assert((await ended(client.bidi([request(big)])))[0] === big);
    }],
    ["bidi no messages", async () => assertEquals(await ended(client.bidi([])), [])],
    ["client stream", async () => {
      assertEquals((await client.clientStream(["a", "b", "c"].map(request))).msg, "a,b,c");
    }],
    ["client stream of 2,000 messages", async () => {
      const texts = Array.from({ length: 2000 }, (_, i) => `${i}`);
      assertEquals((await client.clientStream(texts.map(request))).msg, texts.join(","));
    }],
    ["server stream", async () => {
      assertEquals(await ended(client.serverStream(request("3:x"))), ["x-0", "x-1", "x-2"]);
    }],
    ["server stream of 1,000 messages", async () => {
      assertEquals((await ended(client.serverStream(request("1000:x")))).length, 1000);
    }],
    ["server stream business status", async () => {
      const texts: string[] = [];
      const error = await assertRejects(async () => {
        for await (const { msg } of client.serverStream(request("err:777"))) texts.push(msg);
      }, RpcError);
      assertEquals([error.kind, error.code, error.message, error.extra], ["business", 777, "stream biz error", {
        k: "v",
      }]);
      assert(texts.length <= 1);
    }],
    ["leaving the loop", async () => {
      for await (const { msg } of client.serverStream(request("100000:x"))) {
        assertEquals(msg, "x-0");
        break;
      }
    }],
    ["abort", () => gaveUp("canceled", (signal) => ({ signal }))],
    ["timeout", () => gaveUp("timeout", () => ({ timeoutMs: 100 }))],
    ["receive timeout", () => gaveUp("timeout", () => ({ recvTimeoutMs: 100 }))],
    ["requests that fail", async () => {
      function* broken(): Generator<EchoRequest> {
        yield request("a");
        throw new Error("no more requests");
      }
      const error = await assertRejects(() => client.clientStream(broken()), RpcError, "no more requests");
      assertEquals(error.kind, "canceled");
    }],
    ["200 streams at once", async () => {
      const texts = Array.from({ length: 200 }, (_, i) => `text ${i}`);
      const all = await Promise.all(texts.map((text) => ended(client.bidi([request(text), request(text)]))));
      assertEquals(all, texts.map((text) => [text, text]));
    }],
    ["unary in the stream service", async () => {
      assertEquals((await client.streamUnary(request(`u ${peer}`))).msg, `u ${peer}`);
    }],
  ];

  /** One reply comes, then none, until the call ends by `options`; the connection goes on. */
  async function gaveUp(kind: string, options: (signal: AbortSignal) => CallOptions): Promise<void> {
    const controller = new AbortController();
    const { requests, push } = mailbox();
    push("one");
    const replies = client.bidi(requests, options(controller.signal))[Symbol.asyncIterator]();
    assertEquals((await replies.next()).value?.msg, "one");
    const next = assertRejects(() => replies.next(), RpcError);
    if (kind === "canceled") controller.abort();
    assertEquals((await next).kind, kind);
    assertEquals((await replies.next()).done, true);
    assertEquals(await ended(client.serverStream(request("1:after"))), ["after-0"]);
  }
}

function request(msg: string): EchoRequest {
  return { msg, all: undefined };
}

/** Requests that are sent as they are pushed. */
function mailbox(): { requests: AsyncIterable<EchoRequest>; push(text: string): void; close(): void } {
  const texts: string[] = [];
  let wake = (): void => {};
  let closed = false;
  async function* requests(): AsyncGenerator<EchoRequest> {
    for (;;) {
      for (let text = texts.shift(); text !== undefined; text = texts.shift()) yield request(text);
      if (closed) return;
      await new Promise<void>((resolve) => wake = resolve);
    }
  }
  return {
    requests: requests(),
    push(text) {
      texts.push(text);
      wake();
    },
    close() {
      closed = true;
      wake();
    },
  };
}
