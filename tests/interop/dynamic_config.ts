/**
 * Checks dynamic configuration in a real store: `dynamic_config.ts etcd|zookeeper ADDRESS PROGRAM ARGUMENT...`; the store is started
 * here, killed, and started again.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { etcdConfig } from "../../lib/config/etcd_source.ts";
import type { ConfigSource } from "../../lib/config/source.ts";
import { zooKeeperConfig } from "../../lib/config/zookeeper_source.ts";
import { etcdJsonGateway, zooKeeperClient } from "../../lib/discovery/mod.ts";
import { createLimiter } from "../../lib/limits/limiter.ts";
import { clientConfig, serverConfig } from "../../middleware/mod.ts";
import { createClient, createServer, RpcError } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { Daemon } from "./daemon.ts";
import { EchoService } from "./gen/echo.ts";
import { echoHandlers } from "./handlers.ts";

/** Longest time until a configuration is heard of. */
const HEARD_MS = 30_000;

const platform = await autoPlatform();
const [backend = "", address = "", program = "", ...args] = platform.args;
const store = backend === "zookeeper" ? zooKeeperStore() : etcdStore();
const daemon = new Daemon(platform, [program, ...args], () => store.isReady());

/** Where configuration is, and how it gets there. */
interface Store {
  readonly source: ConfigSource;
  isReady(): Promise<boolean>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

function etcdStore(): Store {
  const endpoints = [`http://${address}`];
  const kv = etcdJsonGateway({ endpoints });
  return {
    source: etcdConfig(kv),
    isReady: async () => (await fetch(`${endpoints[0]}/health`)).ok,
    put: (key, value) => kv.put(key, value, undefined),
    delete: (key) => kv.delete(key),
    close: () => Promise.resolve(),
  };
}

function zooKeeperStore(): Store {
  const client = zooKeeperClient({ servers: [address], transport: auto() });
  return {
    source: zooKeeperConfig(client),
    isReady: async () => await client.children("/") !== undefined,
    async put(key, data) {
      for (let end = key.indexOf("/", 1); end > 0; end = key.indexOf("/", end + 1)) {
        await client.create({ path: key.slice(0, end), data: "", ephemeral: false });
      }
      if (!await client.create({ path: key, data, ephemeral: false })) await client.write(key, data);
    },
    delete: async (key) => void await client.remove(key),
    close: () => client.close(),
  };
}

/** What was told of configurations, `category JSON` or `! category: reason`, and a wait for more. */
class Told {
  readonly all: string[] = [];
  #wake = (): void => {};

  readonly onApplied = (category: string, value: unknown): void => this.#tell(`${category} ${JSON.stringify(value)}`);
  readonly onRefused = (category: string, { message }: RpcError): void => this.#tell(`! ${category}: ${message}`);

  /** The first one from here on that `fits`. */
  async next(fits: (text: string) => boolean): Promise<string> {
    let at = this.all.length;
    const until = Date.now() + HEARD_MS;
    for (;; at++) {
      while (this.all.length <= at) {
        if (Date.now() > until) throw new Error(`not heard within ${HEARD_MS} ms: ${this.all.join("; ")}`);
        const timer = setTimeout(() => this.#wake(), 1_000);
        await new Promise<void>((resolve) => this.#wake = resolve);
        clearTimeout(timer);
      }
      if (fits(this.all[at]!)) return this.all[at]!;
    }
  }

  #tell(text: string): void {
    this.all.push(text);
    this.#wake();
  }
}

const told = new Told();
const { source } = store;
let tries = 0;

async function put(category: string, value: string): Promise<void> {
  await store.put(`/KitexConfig/web/echo/${category}`, value);
}

async function kindOf(call: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => call, RpcError)).kind;
}

await daemon.start();
const limiter = createLimiter();
const limits = serverConfig({ source, server: "echo", limiter, ...told });
const server = await createServer({ limit: limiter, use: [(next) => (call) => (tries++, next(call))] })
  .add(EchoService, echoHandlers())
  .listen({ hostname: "127.0.0.1", port: 0 });
const policies = clientConfig({ source, client: "web", server: "echo", ...told });
const client = createClient(EchoService, { to: server.address, use: policies.use, connectTimeoutMs: 10_000 });
await Promise.all([limits.ready, policies.ready]);

/** The state of a policy of timeouts: does a call of a minute end by itself? */
const timesOut = async (): Promise<void> => assertEquals(await kindOf(client.sleep(60_000)), "timeout");

const CHECKS: readonly (readonly [name: string, check: () => Promise<void>])[] = [
  ["limits of a server are applied, and taken back when they are deleted", async () => {
    const key = "/KitexConfig/echo/limit";
    const heard = told.next((text) => text.startsWith("limit {"));
    await store.put(key, '{"connection_limit":0,"qps_limit":10}');
    await heard;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => client.echoString("x").then(() => "well", (error) => (error as RpcError).kind)),
    );
    assertEquals([...new Set(outcomes)].sort(), ["overload", "well"]);
    const gone = told.next((text) => text.startsWith("limit "));
    await store.delete(key);
    assertEquals(await gone, "limit undefined");
    for (let i = 0; i < 20; i++) assertEquals(await client.echoString("x"), "x");
  }],
  ["what is written is applied while calls go on", async () => {
    const heard = told.next((text) => text.startsWith("rpc_timeout {"));
    await put("rpc_timeout", '{"*":{"rpc_timeout_ms":500,"conn_timeout_ms":500}}');
    await heard;
    await timesOut();
    const retried = told.next((text) => text.startsWith("retry {"));
    await put("retry", '{"*":{"enable":true,"type":0,"failure_policy":{"stop_policy":{"max_retry_times":2}}}}');
    await retried;
    tries = 0;
    await timesOut();
    assertEquals(tries, 3);
    const gone = told.next((text) => text.startsWith("retry "));
    await store.delete("/KitexConfig/web/echo/retry");
    assertEquals(await gone, "retry undefined");
    tries = 0;
    await timesOut();
    assertEquals(tries, 1);
  }],
  ["one with a mistake is refused with the reason, and the one before stays", async () => {
    for (
      const [text, reason] of [
        ['{"*":{"rpc_timeout_ms":"soon"}}', '! rpc_timeout: rpc_timeout.*.rpc_timeout_ms: "soon" is no number'],
        ["no json", "! rpc_timeout: /KitexConfig/web/echo/rpc_timeout is no JSON"],
      ] as const
    ) {
      const heard = told.next((text) => text.includes("rpc_timeout"));
      await put("rpc_timeout", text);
      assertEquals((await heard).slice(0, reason.length), reason);
      await timesOut();
    }
  }],
  ["a store that dies takes no policy along, and is followed again when it is back", async () => {
    const lost = told.next((text) => text.startsWith("! rpc_timeout"));
    await daemon.kill();
    await lost;
    await timesOut();
    await daemon.start();
    const heard = told.next((text) => text.startsWith("rpc_timeout "));
    await store.delete("/KitexConfig/web/echo/rpc_timeout");
    assertEquals(await heard, "rpc_timeout undefined");
    await client.sleep(600);
  }],
];

let failed = 0;
for (const [what, check] of CHECKS) {
  try {
    await check();
    await platform.stdout.write(`PASS ${what}\n`);
  } catch (error) {
    failed++;
    const text = error instanceof Error ? error.message : String(error);
    await platform.stdout.write(`FAIL ${what}: ${text.replaceAll("\n", " ").slice(0, 600)}\n`);
  }
}
policies.close();
limits.close();
await client.close();
await server.close();
await store.close();
await daemon.kill();
await platform.stdout.write(`${CHECKS.length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
