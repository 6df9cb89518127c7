import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { Call, type CallOptions, createClient, type Middleware, RpcError } from "../../../core.ts";
import type { RawConn, Transport } from "../../../lib/io/raw.ts";
import { fallback } from "../../../middleware/fallback.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { bytesOf } from "../../codecs/ttheader/hex.ts";
import { deferred, fixture, frame, runUntil } from "./fixture.ts";

const never = (): Promise<never> => new Promise(() => {});
/** Rejects when the signal fires, as a dial that is given up. */
const untilGivenUp: Transport["dial"] = (_, { signal } = {}) =>
  new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
const kindOf = async (promise: Promise<unknown>): Promise<string> =>
  (await assertRejects(() => promise, RpcError)).kind;

describe("a call's deadline", () => {
  it("ends a call that is never answered, and its connection", async () => {
    const aborted = deferred();
    await using f = await fixture({
      sleep: (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        return never();
      },
    });
    const call = f.client({ timeoutMs: 100 }).sleep(0);
    const error = await assertRejects(() => runUntil(f.clock, call), RpcError);
    assertEquals(error.kind, "timeout");
    assertStringIncludes(error.message, "EchoService.sleep to unix:server");
    await aborted.promise;
  });

  it("of the call's own options goes before the client's", async () => {
    await using f = await fixture({ sleep: never });
    const began = f.clock.now();
    assertEquals(
      await kindOf(runUntil(f.clock, f.client({ timeoutMs: 60_000 }).sleep(0, { timeoutMs: 200 }))),
      "timeout",
    );
    assert(f.clock.now() - began < 1_000);
  });

  it("covers dialling", async () => {
    const transport: Transport = { ...memory(), dial: never };
    await using f = await fixture();
    const client = f.client({ transport, timeoutMs: 100, connectTimeoutMs: 60_000 });
    assertEquals(await kindOf(runUntil(f.clock, client.ping())), "timeout");
  });

  it("of connecting is the client's, or what a middleware gives the call, whatever the pool", async () => {
    const transport: Transport = { ...memory(), dial: untilGivenUp };
    const own: Middleware = (next) => (call) =>
      next(call.method.name === "ping" ? call.with({ connectTimeoutMs: 50 }) : call);
    await using f = await fixture();
    for (const pool of [{ type: "long" }, { type: "short" }, { type: "mux" }] as const) {
      const client = f.client({ transport, connectTimeoutMs: 400, use: [own], pool });
      for (const [call, ms] of [[() => client.ping(), 50], [() => client.echoString("x"), 400]] as const) {
        const error = await assertRejects(() => runUntil<unknown>(f.clock, call()), RpcError);
        assertEquals([error.kind, error.message], ["connect", `unix:server did not answer within ${ms} ms`]);
      }
    }
  });

  it("leaves no timer behind", async () => {
    await using f = await fixture({}, { idleTimeoutMs: 0 });
    const client = f.client({ timeoutMs: 1_000, pool: { type: "mux" } });
    for (let i = 0; i < 100; i++) await client.ping();
    assert(f.clock.pending <= 2, `${f.clock.pending} timers`);
  });

  it("set sooner by a middleware counts, set later does not", async () => {
    await using f = await fixture({ sleep: never });
    const limit = (ms: number): Middleware => (next) => (call) => next(call.withDeadline(call.clock.now() + ms));
    const began = f.clock.now();
    const client = f.client({ timeoutMs: 60_000, use: [limit(100), limit(600_000)] });
    assertEquals(await kindOf(runUntil(f.clock, client.sleep(0))), "timeout");
    assert(f.clock.now() - began < 1_000);
  });
});

describe("a call's signal", () => {
  it("ends the call at once and frees its connection", async () => {
    const aborted = deferred();
    const begun = deferred();
    await using f = await fixture({
      sleep: (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        begun.resolve();
        return never();
      },
    });
    const controller = new AbortController();
    const call = kindOf(f.client().sleep(0, { signal: controller.signal }));
    await begun.promise;
    controller.abort();
    assertEquals(await call, "canceled");
    await aborted.promise;
  });

  it("that fired already keeps the call from being sent", async () => {
    await using f = await fixture();
    const error = await assertRejects(() => f.client().ping({ signal: AbortSignal.abort(new Error("why")) }), RpcError);
    assertEquals([error.kind, error.message, f.server.stats.calls], ["canceled", "why", 0]);
  });

  it("ends a call that is still dialling", async () => {
    const transport: Transport = { ...memory(), dial: never };
    await using f = await fixture();
    const controller = new AbortController();
    const call = kindOf(f.client({ transport }).ping({ signal: controller.signal }));
    controller.abort();
    assertEquals(await call, "canceled");
  });

  it("keeps no listener after the call", async () => {
    await using f = await fixture();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: unknown[]) => (listeners++, add(...args as Parameters<typeof add>));
    signal.removeEventListener = (...args: unknown[]) => (listeners--, remove(...args as Parameters<typeof remove>));
    await f.client().ping({ signal });
    assertEquals(listeners, 0);
  });
});

describe("a call's fallback", () => {
  const run = (error: unknown): string => `instead of ${(error as RpcError).kind}`;

  it("stands in for its error, on a client without one, also when it is given up", async () => {
    await using f = await fixture({ sleep: never });
    const client = f.client();
    const controller = new AbortController();
    const sleeping = client.sleep(0, { signal: controller.signal, fallback: { run } });
    controller.abort();
    assertEquals(await sleeping, "instead of canceled");
    assertEquals(await runUntil(f.clock, client.sleep(0, { timeoutMs: 50, fallback: { run } })), "instead of timeout");
    assertEquals(await client.echoString("well", { fallback: { run } }), "well");
  });

  it("goes before the client's, and `false` turns that off", async () => {
    await using f = await fixture({ sleep: never });
    const client = f.client({ use: [fallback({ run: () => "the client's" })] });
    const slept = (options: CallOptions): Promise<string> =>
      runUntil(f.clock, client.sleep(0, { timeoutMs: 50, ...options }));
    assertEquals(await slept({}), "the client's");
    assertEquals(await slept({ fallback: { run } }), "instead of timeout");
    assertEquals(await kindOf(slept({ fallback: false })), "timeout");
    assertEquals(await kindOf(slept({ fallback: { run, when: () => false } })), "timeout");
  });
});

describe("arguments", () => {
  it("that do not fit are refused with their path before anything is sent", async () => {
    await using f = await fixture();
    const client = f.client();
    await client.ping();
    const error = await assertRejects(() => client.echo({ msg: 7 as never }), RpcError);
    assertEquals(error.kind, "invalid");
    assertStringIncludes(error.message, "msg");
    assertEquals(f.server.stats.calls, 1);
    assertEquals(await client.echoString("still"), "still");
    assertEquals(f.server.stats.accepted, 1);
  });

  it("over the frame limit are refused before anything is sent", async () => {
    await using f = await fixture();
    const client = f.client({ protocol: framed({ limits: { maxFrameBytes: 100 } }) });
    assertEquals(await kindOf(client.echoString("x".repeat(200))), "invalid");
    assertEquals(await client.echoString("short"), "short");
  });
});

/** A server that answers each message with what `answer` gives, as hex. */
function fakeServer(answer: (seqid: number, conn: RawConn) => string | undefined): Transport {
  const transport = memory();
  void transport.listen({ path: "fake" }, (conn) => {
    conn.start({
      chunk(bytes) {
        for (let at = 0; at < bytes.length;) {
          const view = new DataView(bytes.buffer, bytes.byteOffset + at);
          const nameLength = view.getInt32(8);
          const hex = answer(view.getInt32(12 + nameLength), conn);
          if (hex !== undefined) {
            conn.write(
              Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16)),
            );
          }
          at += 4 + view.getInt32(0);
        }
      },
      end: () => conn.close(),
      drain: () => {},
      close: () => {},
    });
  });
  return transport;
}

describe("answers that are none", () => {
  const answers: Record<string, [(seqid: number) => string, RegExp]> = {
    "a wrong sequence id": [(seqid) => frame(2, "ping", seqid + 1, "00"), /sequence id/],
    "another method's name": [(seqid) => frame(2, "pong", seqid, "00"), /answer to pong/],
    "a request": [(seqid) => frame(1, "ping", seqid, "00"), /message type 1/],
    "a frame that is too large": [() => "7fffffff80010002", /exceeds/],
    "a negative frame length": [() => "ffffffff80010002", /frame length -1/],
    "garbage": [() => "00000004deadbeef", /./],
    "a cut struct": [(seqid) => frame(2, "ping", seqid, "0b"), /ping/],
  };
  for (const [what, [answer, message]] of Object.entries(answers)) {
    it(`${what}: the call fails, and says why`, async () => {
      await using client = createClient(EchoService, {
        to: "unix:fake",
        transport: fakeServer(answer),
        protocol: framed(),
      });
      const error = await assertRejects(() => client.ping(), RpcError);
      assertEquals(error.kind, "protocol");
      assert(message.test(error.message), error.message);
    });
  }

  it("an exception with another sequence id, as proxies send, is this call's", async () => {
    const transport = fakeServer(() => frame(3, "", 0, "0b000100000003627573 0800020000000600"));
    await using client = createClient(EchoService, { to: "unix:fake", transport, protocol: framed() });
    const error = await assertRejects(() => client.ping(), RpcError);
    assertEquals([error.kind, error.code, error.message], ["internal", 6, "bus"]);
  });

  for (const type of [2, 3]) {
    for (const poolType of ["long", "mux"] as const) {
      it(`to a oneway call, of type ${type}, is no other call's (${poolType})`, async () => {
        let calls = 0;
        const late = deferred();
        const transport = fakeServer((seqid, conn) => {
          if (++calls < 3) return undefined;
          // Both oneway calls are answered first, by a server that knows the method otherwise.
          for (const id of [seqid - 2, seqid - 1]) {
            conn.write(bytesOf(frame(type, "notify", id, type === 2 ? "00" : "0b000100000003627573 0800020000000100")));
          }
          void late.promise.then(() => conn.write(bytesOf(frame(2, "ping", seqid, "00"))));
          return undefined;
        });
        await using client = createClient(EchoService, {
          to: "unix:fake",
          transport,
          protocol: framed(),
          pool: { type: poolType },
        });
        await client.notify("one");
        await client.notify("two");
        const ping = client.ping();
        await new Promise<void>((resolve) => setTimeout(resolve));
        late.resolve();
        await ping;
      });
    }
  }

  it("no value from a method that has one is an error, unless asked for", async () => {
    const transport = fakeServer((seqid) => frame(2, "echoString", seqid, "00"));
    await using strict = createClient(EchoService, { to: "unix:fake", transport, protocol: framed() });
    const error = await assertRejects(() => strict.echoString(""), RpcError);
    assertEquals([error.kind, error.code], ["protocol", 5]);
    const protocol = framed({ emptyResult: "undefined" });
    await using lenient = createClient(EchoService, { to: "unix:fake", transport, protocol });
    assertEquals<unknown>(await lenient.echoString(""), undefined);
  });

  it("a connection that ends instead is a transport error", async () => {
    const transport = fakeServer((_, conn) => void conn.abort());
    await using client = createClient(EchoService, { to: "unix:fake", transport, protocol: framed() });
    const error = await assertRejects(() => client.ping(), RpcError);
    assertEquals([error.kind, error.retryable], ["transport", false]);
  });
});

describe("a shared connection whose server owes more than a thousand answers", () => {
  it("is replaced, and closed once its last call is over", async () => {
    const transport = memory({ capacityBytes: 1 << 20 });
    const conns: { readonly raw: RawConn; closed: boolean }[] = [];
    const listener = await transport.listen({ path: "mute" }, (raw) => {
      const conn = { raw, closed: false };
      conns.push(conn);
      raw.start({
        chunk: () => {},
        end: () => raw.close(),
        drain: () => {},
        close: () => void (conn.closed = true),
      });
    });
    const client = createClient(EchoService, {
      to: "unix:mute",
      transport,
      protocol: framed(),
      pool: { type: "mux", maxIdleTimeoutMs: 0 },
    });
    const [all, last] = [new AbortController(), new AbortController()];
    const outlives = assertRejects(() => client.ping({ signal: last.signal }), RpcError);
    const givenUp = Promise.allSettled(Array.from({ length: 1_001 }, () => client.ping({ signal: all.signal })));
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
    await turn();
    all.abort();
    await givenUp;
    const next = assertRejects(() => client.ping(), RpcError);
    await turn();
    assertEquals(conns.map(({ closed }) => closed), [false, false]);
    last.abort();
    await outlives;
    await turn();
    assertEquals(conns.map(({ closed }) => closed), [true, false]);
    await client.close();
    await next;
    await listener.close();
  });
});

describe("the long pool", () => {
  it("uses one connection for calls one after the other", async () => {
    await using f = await fixture();
    const client = f.client();
    for (let i = 0; i < 20; i++) await client.ping();
    assertEquals(f.server.stats.accepted, 1);
  });

  it("keeps no more idle connections than it may", async () => {
    await using f = await fixture();
    const client = f.client({ pool: { type: "long", maxIdlePerAddress: 3 } });
    await Promise.all(Array.from({ length: 20 }, () => client.ping()));
    while (f.server.stats.connections > 3) await new Promise<void>((resolve) => setTimeout(resolve));
    await Promise.all(Array.from({ length: 3 }, () => client.ping()));
    assertEquals([f.server.stats.accepted, f.server.stats.connections], [20, 3]);
  });

  it("closes connections that idle for long, but the fewest it keeps", async () => {
    await using f = await fixture({}, { idleTimeoutMs: 0 });
    const client = f.client({ pool: { type: "long", maxIdleTimeoutMs: 2_000, minIdlePerAddress: 2 } });
    await Promise.all(Array.from({ length: 5 }, () => client.ping()));
    for (let i = 0; i < 200 && f.server.stats.connections > 2; i++) {
      f.clock.advance(50);
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
    assertEquals(f.server.stats.connections, 2);
    f.clock.advance(60_000);
    await client.ping();
    assertEquals([f.server.stats.accepted, f.server.stats.connections], [5, 2]);
  });

  it("does not use a connection that the server closed meanwhile", async () => {
    await using f = await fixture({}, { idleTimeoutMs: 1_000 });
    const client = f.client();
    await client.ping();
    while (f.server.stats.connections > 0) {
      f.clock.advance(50);
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
    await client.ping();
    assertEquals(f.server.stats.accepted, 2);
  });

  for (
    const [options, message] of [
      [{ maxIdlePerAddress: 0 }, "maxIdlePerAddress 0"],
      [{ maxIdlePerAddress: 10, maxIdleGlobal: 5 }, "maxIdleGlobal 5"],
      [{ maxIdleTimeoutMs: 100 }, "maxIdleTimeoutMs 100"],
      [{ minIdlePerAddress: 6 }, "minIdlePerAddress 6"],
    ] as const
  ) {
    it(`refuses ${message}`, async () => {
      await using f = await fixture();
      assertThrows(() => f.client({ pool: { type: "long", ...options } }), RpcError, message);
    });
  }
});

describe("the short pool", () => {
  it("uses a connection for each call", async () => {
    await using f = await fixture();
    const client = f.client({ pool: { type: "short" } });
    for (let i = 0; i < 5; i++) await client.ping();
    assertEquals(f.server.stats.accepted, 5);
    while (f.server.stats.connections > 0) await new Promise<void>((resolve) => setTimeout(resolve));
  });
});

describe("the mux pool", () => {
  it("carries all calls at once on its connections", async () => {
    await using f = await fixture({}, { protocols: [framed({ replies: "any" })] });
    const client = f.client({ pool: { type: "mux", connections: 2 } });
    const texts = Array.from({ length: 200 }, (_, i) => `text ${i}`);
    assertEquals(await Promise.all(texts.map((text) => client.echoString(text))), texts);
    assertEquals(f.server.stats.accepted, 2);
  });

  it("loses only the call whose answer is lost", async () => {
    await using f = await fixture({ sleep: never }, { protocols: [framed({ replies: "any" })] });
    const client = f.client({ pool: { type: "mux" } });
    const lost = kindOf(runUntil(f.clock, client.sleep(0, { timeoutMs: 100 })));
    assertEquals(await client.echoString("a"), "a");
    assertEquals(await lost, "timeout");
    assertEquals(await client.echoString("b"), "b");
    assertEquals(f.server.stats.accepted, 1);
  });

  it("drops the late answer of a call that was given up", async () => {
    const late = deferred<string>();
    await using f = await fixture({ sleep: () => late.promise }, { protocols: [framed({ replies: "any" })] });
    const client = f.client({ pool: { type: "mux" } });
    assertEquals(await kindOf(runUntil(f.clock, client.sleep(0, { timeoutMs: 100 }))), "timeout");
    late.resolve("late");
    for (let i = 0; i < 5; i++) assertEquals(await client.echoString(`${i}`), `${i}`);
    assertEquals(f.server.stats.accepted, 1);
  });

  it("fails all calls of a connection that broke, each once, and dials anew", async () => {
    const conns: RawConn[] = [];
    await using f = await fixture({ sleep: never });
    const dial: Transport["dial"] = async (to, options) => {
      const conn = await f.transport.dial(to, options);
      conns.push(conn);
      return conn;
    };
    const client = f.client({ transport: { ...f.transport, dial }, pool: { type: "mux" } });
    const calls = Array.from({ length: 10 }, () => kindOf(client.sleep(0)));
    while (f.server.stats.running === 0) await new Promise<void>((resolve) => setTimeout(resolve));
    conns[0]!.abort();
    assertEquals(await Promise.all(calls), Array.from({ length: 10 }, () => "transport"));
    assertEquals(await client.echoString("again"), "again");
    assertEquals(conns.length, 2);
  });

  it("fails all calls that waited for a dial that failed", async () => {
    await using f = await fixture();
    const client = f.client({ to: "unix:nobody", pool: { type: "mux" } });
    const kinds = await Promise.all(Array.from({ length: 5 }, () => kindOf(client.ping())));
    assertEquals(new Set(kinds), new Set(["connect"]));
  });
});

describe("a client", () => {
  it("that is closed ends its calls and takes no more", async () => {
    await using f = await fixture({ sleep: never });
    const client = f.client();
    const call = kindOf(client.sleep(0));
    while (f.server.stats.running === 0) await new Promise<void>((resolve) => setTimeout(resolve));
    await client.close();
    assertEquals(await call, "canceled");
    assertEquals(await kindOf(client.ping()), "canceled");
    await client.close();
  });

  it("sends its oneway calls before it is closed", async () => {
    const notified: string[] = [];
    await using f = await fixture({ notify: (text) => void notified.push(text) });
    const client = f.client({ pool: { type: "mux" } });
    await Promise.all(Array.from({ length: 10 }, (_, i) => client.notify(`${i}`)));
    await client.close();
    while (notified.length < 10) await new Promise<void>((resolve) => setTimeout(resolve));
    assertEquals(notified.length, 10);
  });

  it("sends a call elsewhere when its options say so", async () => {
    await using f = await fixture();
    const other = fakeServer((seqid) => frame(2, "ping", seqid, "00"));
    const dial: Transport["dial"] = (to, options) =>
      "path" in to && to.path === "fake" ? other.dial(to, options) : f.transport.dial(to, options);
    const client = f.client({ transport: { ...f.transport, dial } });
    await client.ping({ to: "unix:fake" });
    assertEquals(f.server.stats.calls, 0);
  });

  it("runs its middleware around each call, with what it may change", async () => {
    await using f = await fixture();
    const log: string[] = [];
    const shout: Middleware = (next) => (call) => {
      assertInstanceOf(call, Call);
      log.push(call.method.name);
      return next(call.with({ args: { s: `${call.args.s}!` } }));
    };
    const client = f.client({ use: [shout] });
    assertEquals(await client.echoString("hi"), "hi!");
    assertEquals(log, ["echoString"]);
  });

  it("may be answered by a middleware alone", async () => {
    await using f = await fixture();
    const client = f.client({ use: [() => () => "cached"] });
    assertEquals(await client.echoString("hi"), "cached");
    assertEquals(f.server.stats.accepted, 0);
  });

  it("rejects, and does not throw, what a middleware throws", async () => {
    await using f = await fixture();
    const client = f.client({
      use: [() => () => {
        throw new RpcError("forbidden", "no");
      }],
    });
    assertEquals(await kindOf(client.ping()), "forbidden");
  });

  it("refuses a target without a port", async () => {
    await using f = await fixture();
    assertThrows(() => f.client({ to: "no-port" }), RpcError, '"no-port"');
  });
});
