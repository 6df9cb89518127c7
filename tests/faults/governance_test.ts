/**
 * Calls over bad networks, with governance and without: the laws that hold whatever chance does.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createClient, createServer, type FrontClientOptions, type RunningServer } from "../../mod.ts";
import { framed } from "../../codecs/thrift/protocol.ts";
import { outlierEjection } from "../../lib/discovery/balancers/outlier_ejection.ts";
import { weightedRoundRobin } from "../../lib/discovery/balancers/round_robin.ts";
import { RpcError } from "../../lib/errors.ts";
import { memory } from "../../transports/memory.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { randomOf } from "../lib/discovery/balancers/host.ts";
import { ManualClock } from "../lib/io/manual_clock.ts";
import { type FaultProxy, faultProxy } from "../../lib/testing/fault_proxy.ts";

/** Three servers, each behind a proxy of its own. */
async function setup(options: Partial<FrontClientOptions> = {}) {
  const clock = new ManualClock();
  const transport = memory();
  const servers: RunningServer[] = [];
  const proxies: FaultProxy[] = [];
  for (const name of ["a", "b", "c"]) {
    servers.push(
      await createServer({ transport, clock, protocols: [framed()], exitWaitMs: 100 })
        .add(EchoService, echoHandlers())
        .listen({ path: name }),
    );
    const ends = { on: { path: `proxy-${name}` }, to: { path: name } };
    proxies.push(await faultProxy({ transport, clock, random: randomOf(proxies.length + 1), ...ends }));
  }
  const client = createClient(EchoService, {
    to: proxies.map(({ address }) => address),
    transport,
    clock,
    protocol: framed(),
    random: randomOf(3),
    connectTimeoutMs: 50,
    ...options,
  });
  /** Moves time on in small steps until the promise is settled. */
  const pass = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const done = (): void => void (settled = true);
    promise.then(done, done);
    while (!settled) {
      await new Promise<void>((resolve) => setTimeout(resolve));
      if (!settled) clock.advance(5);
    }
    return await promise;
  };
  /** The kinds that calls ended with, and the milliseconds they took. */
  const calls = async (times: number): Promise<{ kinds: string[]; tookMs: number[] }> => {
    const kinds: string[] = [];
    const tookMs: number[] = [];
    for (let i = 0; i < times; i++) {
      const began = clock.now();
      const call = client.echo({ msg: `call ${i}` });
      kinds.push(
        await pass(
          call.then(({ msg }) => msg === `call ${i}` ? "ok" : "wrong", (error) => RpcError.from(error).kind),
        ),
      );
      tookMs.push(clock.now() - began);
    }
    return { kinds, tookMs };
  };
  const close = async (): Promise<void> => {
    await pass(client.close());
    for (const proxy of proxies) await pass(proxy.close());
    for (const server of servers) await pass(server.close());
  };
  return { clock, proxies, calls, close };
}

const failed = (kinds: readonly string[]): number => kinds.filter((kind) => kind !== "ok").length;

const anyError = { onError: () => true };
const RETRY = { retry: { times: 3, breakerErrorRate: 0.3, ...anyError } } as const;

describe("a bad network", () => {
  it("that resets connections fails calls, and none with retry that has tries left", async () => {
    const outcomes: number[] = [];
    for (const options of [{}, RETRY]) {
      const { proxies, calls, close } = await setup(options);
      proxies[0]!.faults.reset = 0.1;
      outcomes.push(failed((await calls(150)).kinds));
      await close();
    }
    assert(outcomes[0]! > 2, `${outcomes[0]} failed without retry`);
    assertEquals(outcomes[1], 0);
  });

  it("that swallows everything of one server ends calls by their deadline, and retry answers them in time", async () => {
    const plain = await setup({ timeoutMs: 200 });
    plain.proxies[1]!.faults.halfOpen = true;
    const without = await plain.calls(30);
    await plain.close();
    assertEquals(new Set(without.kinds), new Set(["ok", "timeout"]));
    assert(Math.max(...without.tookMs) <= 300, `${Math.max(...without.tookMs)} ms`);

    const backup = await setup({
      timeoutMs: 1_000,
      retry: { type: "backup", delayMs: 50, times: 2, breakerErrorRate: 0.3 },
    });
    backup.proxies[1]!.faults.halfOpen = true;
    const { kinds, tookMs } = await backup.calls(30);
    await backup.close();
    assertEquals(failed(kinds), 0);
    assert(Math.max(...tookMs) <= 150, `${Math.max(...tookMs)} ms`);
  });

  it("that refuses the connections of one server fails no call: another instance is taken", async () => {
    const { proxies, calls, close } = await setup();
    proxies[2]!.faults.refuse = true;
    const { kinds } = await calls(60);
    await close();
    assertEquals(failed(kinds), 0);
  });

  it("behind one server costs calls only until that server is ejected", async () => {
    const balancer = outlierEjection({ next: weightedRoundRobin(), consecutiveFailures: 3, ejectionMs: 600_000 });
    const { proxies, calls, close } = await setup({ balancer, timeoutMs: 100 });
    proxies[0]!.faults.halfOpen = true;
    const { kinds } = await calls(90);
    await close();
    assertEquals(failed(kinds), 3);
    assertEquals(failed(kinds.slice(12)), 0);
  });

  it("that is slow costs its delay, both ways, and no call", async () => {
    const { proxies, calls, close } = await setup();
    for (const { faults } of proxies) faults.delayMs = 40;
    const { kinds, tookMs } = await calls(10);
    await close();
    assertEquals(failed(kinds), 0);
    assert(Math.min(...tookMs) >= 80 && Math.max(...tookMs) <= 130, `${tookMs}`);
  });

  it("that is narrow costs time by the byte, and no call", async () => {
    const { proxies, calls, close } = await setup();
    for (const { faults } of proxies) faults.bytesPerSecond = 1_000;
    const { kinds, tookMs } = await calls(3);
    await close();
    assertEquals(failed(kinds), 0);
    assert(Math.min(...tookMs) >= 50, `${tookMs}`);
  });

  it("that loses bytes ends calls by their deadline, never by hanging", async () => {
    const { proxies, calls, close } = await setup({ timeoutMs: 100 });
    for (const { faults } of proxies) faults.drop = 0.3;
    const { kinds, tookMs } = await calls(40);
    await close();
    assert(kinds.includes("ok") && kinds.includes("timeout"), `${kinds}`);
    assert(Math.max(...tookMs) <= 200, `${Math.max(...tookMs)} ms`);
  });

  it("that changes bytes ends every call, and the servers go on", async () => {
    const { proxies, calls, close } = await setup({ timeoutMs: 100 });
    for (const { faults } of proxies) faults.corrupt = 0.5;
    const { kinds } = await calls(60);
    assertEquals(kinds.length, 60);
    for (const proxy of proxies) {
      proxy.faults.corrupt = 0;
      proxy.resetAll();
    }
    await calls(3); // finds that its connections are gone
    const after = await calls(12);
    await close();
    assertEquals(failed(after.kinds), 0);
  });
});
