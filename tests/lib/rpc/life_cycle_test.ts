import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { framed } from "../../../codecs/thrift/protocol.ts";
import {
  closeOnSignals,
  createServer,
  type LifeCycleOptions,
  type Registry,
  type RegistryInfo,
  RpcError,
  type RunningServer,
} from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { runUntil } from "./fixture.ts";

interface Setup {
  clock: ManualClock;
  heard: string[];
  infos: RegistryInfo[];
  errors: string[];
  listen(on?: { hostname?: string; port: number } | { path: string }): Promise<RunningServer>;
}

function setup(
  options: LifeCycleOptions & { deregister?: () => Promise<void>; registers?: () => Promise<void> } = {},
): Setup {
  const clock = new ManualClock();
  const heard: string[] = [];
  const infos: RegistryInfo[] = [];
  const errors: string[] = [];
  const registry: Registry = {
    name: "fake",
    async register(info) {
      heard.push("registers");
      await options.registers?.();
      infos.push(info);
      return {
        deregister: async () => {
          heard.push("deregisters");
          await options.deregister?.();
        },
      };
    },
  };
  const server = createServer({
    transport: memory(),
    protocols: [framed()],
    clock,
    exitWaitMs: 1_000,
    onError: ({ message }) => errors.push(message),
    registry,
    registryInfo: { service: "echo", weight: 7 },
    onStart: [() => heard.push("first start hook"), async () => await Promise.resolve(heard.push("second start hook"))],
    onShutdown: [() => heard.push("shutdown hook")],
    ...options,
  }).add(EchoService, echoHandlers());
  return { clock, heard, infos, errors, listen: (on = { hostname: "10.0.0.1", port: 80 }) => server.listen(on) };
}

describe("a server with a registry", () => {
  it("registers after its start hooks, leaves the registry before it stops to listen, and tells where it stands", async () => {
    const f = setup();
    const server = await f.listen();
    assertEquals(server.state, "ready");
    server.onStateChange((state) => f.heard.push(state));
    assertEquals(f.infos.map(({ service, endpoint, weight }) => ({ service, endpoint, weight })), [
      { service: "echo", endpoint: { hostname: "10.0.0.1", port: 80 }, weight: 7 },
    ]);
    await runUntil(f.clock, Promise.all([server.close(), server.close()]));
    assertEquals(f.heard, [
      "first start hook",
      "second start hook",
      "registers",
      "draining",
      "shutdown hook",
      "deregisters",
      "closed",
    ]);
    assertEquals([server.state, f.errors], ["closed", []]);
  });

  it("still takes calls for drainDelayMs after it left", async () => {
    const f = setup({ drainDelayMs: 200 });
    const server = await f.listen();
    const before = f.clock.now();
    await runUntil(f.clock, server.close());
    assert(f.clock.now() - before >= 200);
  });

  it("is closed, and not in the registry, when a start hook fails", async () => {
    const f = setup({
      onStart: [() => {
        throw new Error("no database");
      }],
    });
    await assertRejects(() => runUntil(f.clock, f.listen()), Error, "no database");
    assertEquals(f.heard, ["shutdown hook"]);
  });

  it("is closed when it cannot be registered", async () => {
    const f = setup({ registers: () => Promise.reject(new RpcError("connect", "registry gone")) });
    await assertRejects(() => runUntil(f.clock, f.listen()), RpcError, "registry gone");
  });

  it("closes although hooks and registry fail or hang, and says so", async () => {
    const f = setup({
      onShutdown: [
        () => Promise.reject(new Error("odd")),
        () => new Promise(() => {}),
        () => f.heard.push("last hook"),
      ],
      deregister: () => new Promise(() => {}),
    });
    const server = await f.listen();
    await runUntil(f.clock, server.close());
    assertEquals(server.state, "closed");
    assert(f.heard.includes("last hook"));
    assertEquals(f.errors, [
      "odd",
      "a shutdown hook was not done within 10000 ms",
      "the registry was not done within 3000 ms",
    ]);
  });

  it("refuses an address that nobody reaches, unless told another", async () => {
    const f = setup();
    const error = await assertRejects(() => runUntil(f.clock, f.listen({ port: 80 })), RpcError);
    assertStringIncludes(error.message, "0.0.0.0:80 cannot be registered");
    const table: [string, RegistryInfo["endpoint"]][] = [
      ["10.1.1.1", { hostname: "10.1.1.1", port: 80 }],
      ["fd00::1", { hostname: "fd00::1", port: 80 }],
      ["[fd00::1]", { hostname: "fd00::1", port: 80 }],
      ["echo.local:8080", { hostname: "echo.local", port: 8080 }],
      ["[fd00::1]:8080", { hostname: "fd00::1", port: 8080 }],
    ];
    for (const [address, endpoint] of table) {
      const g = setup({ registryInfo: { service: "echo", address } });
      const server = await g.listen({ port: 80 });
      assertEquals(g.infos[0]?.endpoint, endpoint, address);
      await runUntil(g.clock, server.close());
    }
  });

  it("needs both a registry and what to enter", async () => {
    const f = setup({ registryInfo: undefined });
    await assertRejects(() => f.listen(), RpcError, "need each other");
  });
});

describe("closeOnSignals", () => {
  it("closes at the first signal, ends what still runs at the second, and lets go of signals then", async () => {
    const f = setup();
    const server = await f.listen();
    let signal = (): void => {};
    let listening = false;
    closeOnSignals(server, {
      onSignal(handler) {
        listening = true;
        signal = () => handler("SIGTERM");
        return () => void (listening = false);
      },
    });
    assert(listening);
    signal();
    assertEquals(server.state, "draining");
    signal();
    await runUntil(f.clock, server.close());
    assert(!listening);
  });
});
