/**
 * A chain of servers, each called in another protocol: a deadline, the end of the first caller and what is persistent go all the way down,
 * though nobody passes them on.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect } from "../../codecs/connect/protocol.ts";
import { createWebClient } from "../../codecs/connect/web_client.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import {
  asyncContext,
  type CallContext,
  type CallOptions,
  createClient,
  createServer,
  kitex,
  RpcError,
  type RunningServer,
  ttheader,
  ttheaderStreaming,
} from "../../mod.ts";
import { PbEcho, protoHandlers } from "../interop/proto_handlers.ts";
import { deferred } from "../lib/rpc/fixture.ts";

/** Of calls made with `sleep`: the protocols of the hops, the first caller's first. */
const HOPS = ["ttheader", "grpc", "connect", "ttheader", "grpc-web", "grpc"] as const;

type Hop = (ms: number, options?: CallOptions) => Promise<unknown>;

/** What deadlines gain on the way: 20 ms at each server of TTHeader, and rounding up to a millisecond at each hop. */
const GAINED_MS = 20 * HOPS.filter((hop) => hop === "ttheader").length + HOPS.length;

/** Runs `run` over a chain of which the last server does `last`; each client gives calls `timeoutMs` at most. */
async function chain(
  last: (call: CallContext) => unknown,
  run: (first: Hop, seen: CallContext[]) => Promise<void>,
  timeoutMs = 0,
): Promise<void> {
  const seen: CallContext[] = [];
  const servers: RunningServer[] = [];
  const clients: { close(): Promise<void> }[] = [];
  let next: Hop = () => Promise.reject(new Error("there is no further server"));
  for (const hop of [...HOPS].reverse()) {
    const onward = next;
    const isLast = servers.length === 0;
    const server = await createServer({ protocols: [ttheaderStreaming(), kitex(), grpc(), connect()], exitWaitMs: 100 })
      .add(PbEcho, {
        ...protoHandlers(),
        async sleep({ ms }, call) {
          seen.push(call);
          await new Promise<void>((resolve) => setTimeout(resolve)); // what is current has to last over turns
          await (isLast ? last(call) : onward(ms));
          return { msg: "" };
        },
      })
      .listen({ hostname: "127.0.0.1", port: 0 });
    servers.push(server);
    const to = server.address;
    const client = hop === "connect" || hop === "grpc-web"
      ? createWebClient(PbEcho, { to: `http://${to}`, protocol: hop, asyncContext, timeoutMs })
      : createClient(PbEcho, { to, protocol: hop === "grpc" ? grpc() : ttheader(), timeoutMs });
    clients.push(client);
    next = (ms, options) => client.sleep({ ms }, options);
  }
  try {
    await run(next, seen);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(servers.map((server) => server.close()));
  }
}

describe(`a chain of calls by ${HOPS.join(", ")}`, () => {
  it("has what is left of the first caller's time at every hop", () =>
    chain(() => {}, async (first, seen) => {
      const began = performance.now();
      await first(0, { timeoutMs: 20_000 });
      assertEquals(seen.length, HOPS.length);
      // What a hop's call and its timers are late by is added, and on a busy machine that is much: but no hop begins the time anew.
      const latest = performance.now() + 20_000 + GAINED_MS;
      for (const { deadline } of seen) {
        assert(deadline > began && deadline < latest, `${deadline}, not before ${latest}`);
      }
    }, 1_000_000));

  it("has no deadline where the first caller has none", () =>
    chain(() => {}, async (first, seen) => {
      await first(0);
      assertEquals(seen.map(({ deadline }) => deadline), HOPS.map(() => Infinity));
    }));

  it("ends at the deadline, the last handler too", async () => {
    const ended = deferred<string>();
    await chain(({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          ended.resolve(RpcError.from(signal.reason).kind);
          reject(signal.reason);
        });
      }), async (first) => {
      const error = await assertRejects(() => first(0, { timeoutMs: 300 }), RpcError);
      assertEquals(error.kind, "timeout");
      assert(["timeout", "canceled"].includes(await ended.promise));
    });
  });

  it("ends all the way down when the first caller gives up", async () => {
    const begun = deferred();
    const ended = deferred<string>();
    await chain(({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          ended.resolve(RpcError.from(signal.reason).kind);
          reject(signal.reason);
        });
        begun.resolve();
      }), async (first) => {
      const stop = new AbortController();
      const call = assertRejects(() => first(0, { signal: stop.signal, timeoutMs: 60_000 }), RpcError);
      await begun.promise;
      stop.abort();
      assertEquals([(await call).kind, await ended.promise], ["canceled", "canceled"]);
    });
  });

  it("carries what is persistent", () =>
    chain(() => {}, async (first, seen) => {
      await first(0, { meta: { persistent: { trace: "t-1" } } });
      assertEquals(
        seen.map(({ meta }) => meta.persistent.get("trace") ?? meta.persistent.get("TRACE")),
        HOPS.map(() => "t-1"),
      );
    }));
});
