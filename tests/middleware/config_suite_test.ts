import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ConfigCategory, ConfigKey, ConfigSink, ConfigSource } from "../../lib/config/source.ts";
import { RpcError } from "../../lib/errors.ts";
import { createLimiter } from "../../lib/limits/limiter.ts";
import type { CallHead } from "../../lib/rpc/admission.ts";
import { Call } from "../../lib/rpc/call.ts";
import { compose, type Handler, tellServices } from "../../lib/rpc/middleware.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { clientConfig, serverConfig } from "../../middleware/config_suite.ts";
import { ManualClock } from "../lib/io/manual_clock.ts";

/** A source that a test fills. */
class TestSource implements ConfigSource {
  readonly name = "test";
  readonly #sinks = new Map<string, ConfigSink>();

  follow({ client = "", server, category }: ConfigKey, sink: ConfigSink): () => void {
    const key = `${client}/${server}/${category}`;
    this.#sinks.set(key, sink);
    return () => void this.#sinks.delete(key);
  }

  get keys(): string[] {
    return [...this.#sinks.keys()];
  }

  set(category: ConfigCategory, value: unknown): void {
    this.#sinks.get(category === "limit" ? `/echo/limit` : `web/echo/${category}`)!.update(value);
  }
}

const clock = new ManualClock();
const service = { name: "Echo" } as CallHead["service"];
const method = { name: "say", streaming: "unary", oneway: false } as CallHead["method"];

function call(): Call {
  return new Call({ service, method, args: {}, side: "client", clock });
}

function serviceOf(name: string, ...methods: string[]): ServiceSchema {
  return { name, payload: "thrift", methods: methods.map((name) => ({ ...method, name })) };
}

function setup(innermost: Handler) {
  const source = new TestSource();
  const applied: string[] = [];
  const refused: string[] = [];
  const config = clientConfig({
    source,
    client: "web",
    server: "echo",
    onApplied: (category, value) => void applied.push(`${category} ${JSON.stringify(value)}`),
    onRefused: (category, { message }) => void refused.push(`${category}: ${message}`),
  });
  return { source, config, applied, refused, handler: compose(config.use, innermost) };
}

describe("clientConfig", () => {
  it("follows the four categories of a client, until it is closed", async () => {
    const { source, config } = setup(() => 1);
    assertEquals(source.keys, [
      "web/echo/retry",
      "web/echo/rpc_timeout",
      "web/echo/circuit_break",
      "web/echo/degradation",
    ]);
    for (const category of ["retry", "rpc_timeout", "circuit_break"] as const) source.set(category, undefined);
    let isReady = false;
    const ready = config.ready.then(() => isReady = true);
    await Promise.resolve();
    assertEquals(isReady, false);
    source.set("degradation", undefined);
    await ready;
    config.close();
    assertEquals(source.keys, []);
  });

  it("tells once of methods that no client of the policies has, applies the rest, and throws nothing", async () => {
    const { source, config, applied, refused } = setup(() => 1);
    const services = [serviceOf("Echo", "say"), serviceOf("Greeter", "hello")];
    source.set("rpc_timeout", { sya: { rpc_timeout_ms: 5 }, "*": { rpc_timeout_ms: 9 }, hello: { rpc_timeout_ms: 7 } });
    await Promise.resolve();
    assertEquals(refused, []); // there is no client yet
    for (const service of services) tellServices(config.use, [service]);
    await Promise.resolve();
    const sya = "rpc_timeout: rpc_timeout.sya: no such method in Echo, Greeter, did you mean say?";
    assertEquals(refused.splice(0), [sya]);
    source.set("rpc_timeout", { sya: { rpc_timeout_ms: 6 } });
    source.set("retry", { other: { enable: false } });
    source.set("circuit_break", { hello: { enable: true }, off: { enable: false } });
    await Promise.resolve();
    assertEquals(refused.splice(0), [
      "retry: retry.other: no such method in Echo, Greeter",
      "circuit_break: circuit_break.off: no such method in Echo, Greeter",
    ]);
    source.set("rpc_timeout", {});
    await Promise.resolve();
    source.set("rpc_timeout", { sya: { rpc_timeout_ms: 6 } });
    await Promise.resolve();
    assertEquals([refused, applied.length], [[sya], 6]);
  });

  it("changes retry live, and takes it away when it is deleted", async () => {
    let tries = 0;
    const { source, handler } = setup(() => {
      tries++;
      return Promise.reject(new RpcError("connect", "refused"));
    });
    const count = async (): Promise<number> => {
      tries = 0;
      await assertRejects(() => handler(call()) as Promise<unknown>, RpcError, "refused");
      return tries;
    };
    const policy = (times: number): unknown => ({
      "*": { enable: true, type: 0, failure_policy: { stop_policy: { max_retry_times: times } } },
    });
    const counts = [await count()];
    for (const value of [policy(1), policy(3), undefined]) {
      source.set("retry", value);
      counts.push(await count());
    }
    assertEquals(counts, [1, 2, 4, 1]);
  });

  it("keeps what it had when a new one is wrong, and says where", async () => {
    let deadline = 0;
    const { source, handler, refused, applied } = setup((call) => deadline = call.deadline - clock.now());
    const limitMs = async (): Promise<number> => {
      await handler(call());
      return deadline;
    };
    assertEquals(await limitMs(), Infinity);
    source.set("rpc_timeout", { say: { rpc_timeout_ms: 250 } });
    assertEquals(await limitMs(), 250);
    source.set("rpc_timeout", { say: { rpc_timeout_ms: "300" } });
    assertEquals(await limitMs(), 250);
    assertEquals(refused, ['rpc_timeout: rpc_timeout.say.rpc_timeout_ms: "300" is no number']);
    source.set("rpc_timeout", undefined);
    assertEquals(await limitMs(), Infinity);
    assertEquals(applied, ['rpc_timeout {"say":{"rpc_timeout_ms":250}}', "rpc_timeout undefined"]);
  });

  it("changes the time of connecting with that of calls", async () => {
    let seen: unknown[] = [];
    const { source, handler } = setup((call) => seen = [call.deadline - clock.now(), call.connectTimeoutMs]);
    source.set("rpc_timeout", { "*": { rpc_timeout_ms: 500, conn_timeout_ms: 30 } });
    await handler(call());
    assertEquals(seen, [500, 30]);
    source.set("rpc_timeout", { say: { conn_timeout_ms: 40 }, "*": { rpc_timeout_ms: 500 } });
    await handler(call());
    assertEquals(seen, [Infinity, 40]);
    source.set("rpc_timeout", undefined);
    await handler(call());
    assertEquals(seen, [Infinity, undefined]);
  });

  it("changes the thresholds of breakers by Kitex's key", async () => {
    const { source, handler, config } = setup(() => Promise.reject(new RpcError("transport", "broken")));
    source.set("circuit_break", { say: { enable: true, err_rate: 0.5, min_sample: 2 } });
    for (let i = 0; i < 2; i++) await assertRejects(() => handler(call()) as Promise<unknown>);
    assertEquals([...config.breaker.circuits()].map(([key, { state }]) => [key, state]), [["echo/say", "open"]]);
    source.set("circuit_break", { say: { enable: false } });
    await assertRejects(() => handler(call()) as Promise<unknown>, RpcError, "broken");
  });

  it("drops the share of calls that degradation says", async () => {
    const { source, handler } = setup(() => "sent");
    source.set("degradation", { enable: true, percentage: 100 });
    await assertRejects(async () => await handler(call()), RpcError, "degraded");
    source.set("degradation", { enable: false, percentage: 100 });
    assertEquals(await handler(call()), "sent");
  });
});

describe("serverConfig", () => {
  it("changes connections and rate of a limiter, keeps its other rules, and returns to them", async () => {
    const source = new TestSource();
    const limiter = createLimiter();
    const rules = { methods: { "Echo.say": { concurrency: 1 } } };
    const refused: string[] = [];
    const config = serverConfig({
      source,
      server: "echo",
      limiter,
      rules,
      onRefused: (category, { message }) => void refused.push(`${category}: ${message}`),
    });
    const head = { service, method, caller: undefined, deadline: Infinity, clock, metaIfAny: undefined };
    const open = (count: number): string => limiter.admitConnection(count) === undefined ? "taken" : "refused";
    source.set("limit", { connection_limit: 3, qps_limit: 100 });
    await config.ready;
    assertEquals([open(3), open(4)], ["taken", "refused"]);
    const first = limiter.admit(head);
    assertEquals([first instanceof RpcError, limiter.admit(head) instanceof RpcError], [false, true]);
    assertEquals(limiter.stats.refused.concurrency, 1);
    source.set("limit", { connection_limit: -3 });
    assertEquals([open(4), refused.length], ["refused", 1]);
    source.set("limit", undefined);
    assertEquals(open(4), "taken");
    assertEquals((limiter.admit(head) as RpcError).kind, "overload");
    config.close();
  });

  for (const qps of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 25]) {
    it(`takes a qps_limit of ${qps} for ${qps} a second, in tenths every 100 ms`, async () => {
      const source = new TestSource();
      const limiter = createLimiter();
      const config = serverConfig({ source, server: "echo", limiter });
      source.set("limit", { qps_limit: qps });
      await config.ready;
      const clock = new ManualClock();
      const head = { service, method, caller: undefined, deadline: Infinity, clock, metaIfAny: undefined };
      const passed: number[] = [];
      for (let k = 0; k <= 100; k++) {
        let count = 0;
        for (let ticket = limiter.admit(head); !(ticket instanceof RpcError); ticket = limiter.admit(head)) {
          ticket.ended();
          count++;
        }
        passed.push(count);
        clock.advance(100);
      }
      const [first = 0, ...later] = passed;
      assertEquals([first, later.length], [Math.max(1, Math.floor(qps / 10)), 100]);
      // After ten seconds ten times the limit, but for the part of a token that the first interval's had.
      const sum = later.reduce((all, count) => all + count, first);
      assertEquals(sum, Math.floor(Math.max(1, qps / 10) + 10 * qps));
      // Never in bursts: an interval has its tenth, rounded one way or the other.
      for (const count of later) assertEquals(count === Math.floor(qps / 10) || count === Math.ceil(qps / 10), true);
      config.close();
    });
  }
});
