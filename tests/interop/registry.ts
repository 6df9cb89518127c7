/**
 * Checks registries with real Kitex services and clients: `registry.ts etcd|consul REGISTRY_ADDRESS KITEX_REGISTRY_PROGRAM`, the
 * address as `host:port`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  consulRegistry,
  consulResolver,
  etcdJsonGateway,
  etcdRegistry,
  etcdResolver,
  type Instance,
  type Registry,
  type Resolver,
} from "../../lib/discovery/mod.ts";
import { systemClock } from "../../lib/io/clock.ts";
import type { Child } from "../../lib/platform.ts";
import { createClient, createServer } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService } from "./gen/echo.ts";
import { echoHandlers } from "./handlers.ts";

/** Longest time a list may take to be as expected. */
const LIST_MS = 30_000;

const platform = await autoPlatform();
const [backend = "", address = "", program = ""] = platform.args;
const errors: string[] = [];
const onError = ({ message }: Error): void => void errors.push(message);
const [registry, resolver] = backends();
/** A name of this runtime's own: others run beside it. */
const name = (what: string): string => `${platform.name}-${what}`;

const CHECKS: readonly (readonly [name: string, check: () => Promise<void>])[] = [
  ["our client finds a Kitex service, with its weight and tags, and sees it leave", async () => {
    const service = name("kitex");
    const child = await kitex(service, "serve");
    const list = following(service);
    try {
      const died = child.exited.then(async () => {
        throw new Error(`Kitex ended: ${await textOf(child.stderr)}`);
      });
      const [instance] = await Promise.race([list.until((found) => found.length === 1), died]);
      died.catch(() => {}); // it is told to end below
      assertEquals([instance?.weight, instance?.tags.lang], [7, "go"]);
      await using client = createClient(EchoService, { to: service, resolver, timeoutMs: 5_000 });
      for (let i = 0; i < 10; i++) assertEquals(await client.echoString(String(i)), String(i));
      child.kill();
      await list.until((found) => found.length === 0);
    } finally {
      child.kill(true);
      await child.exited;
      list.close();
    }
  }],
  ["a Kitex client finds our services, and none that left", async () => {
    const service = name("updraft");
    const served = { one: 0, two: 0 };
    const first = await serve(service, () => void served.one++);
    const second = await serve(service, () => void served.two++);
    const list = following(service);
    try {
      await list.until((found) => found.length === 2);
      assertEquals(await calls(service, 20), "20 passed, 0 failed");
      assertEquals([served.one > 0, served.two > 0, served.one + served.two], [true, true, 20]);
      await first.close();
      await list.until((found) => found.length === 1);
      assertEquals(await calls(service, 10), "10 passed, 0 failed");
    } finally {
      await Promise.all([first.close(), second.close()]);
      list.close();
    }
    assertEquals(errors, []);
  }],
];

function backends(): [Registry, Resolver] {
  const endpoints = [`http://${address}`];
  if (backend === "consul") {
    return [consulRegistry({ endpoints }), consulResolver({ endpoints, onError })];
  }
  const kv = etcdJsonGateway({ endpoints });
  return [etcdRegistry(kv), etcdResolver(kv, { onError })];
}

/** A server of ours that is in the registry. */
async function serve(service: string, called: () => void): Promise<{ close(): Promise<void> }> {
  return await createServer({ registry, registryInfo: { service }, use: [(next) => (call) => (called(), next(call))] })
    .add(EchoService, echoHandlers())
    .listen({ hostname: "127.0.0.1", port: 0 });
}

/** Starts Kitex; a service is there when it said so. */
async function kitex(service: string, mode: "serve" | "call", count = 0): Promise<Child> {
  const args = ["-backend", backend, "-registry", address, "-service", service, "-n", String(count), mode];
  const child = await platform.spawn(program, args);
  await child.stdin.close();
  return child;
}

/** The last line of Kitex's client after so many calls. */
async function calls(service: string, count: number): Promise<string> {
  const child = await kitex(service, "call", count);
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  assertEquals((await child.exited).code, 0, out + err);
  return out.trim().split("\n").at(-1)!;
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

/** The list of a service as it is now, and a wait for another. */
function following(service: string): {
  until(fits: (found: readonly Instance[]) => boolean): Promise<readonly Instance[]>;
  close(): void;
} {
  let found: readonly Instance[] | undefined;
  let wake = (): void => {};
  const update = (instances: readonly Instance[]): void => {
    found = instances;
    wake();
  };
  const resolution = resolver.resolve({ name: service, tags: {} }, { update, failed: onError }, systemClock);
  return {
    async until(fits) {
      const late = { over: false };
      const timer = setTimeout(() => {
        late.over = true;
        wake();
      }, LIST_MS);
      while (found === undefined || !fits(found)) {
        assert(!late.over, `${service} still has ${JSON.stringify(found)} after ${LIST_MS} ms; ${errors.join("; ")}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
      clearTimeout(timer);
      return found;
    },
    close: () => resolution.close(),
  };
}

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
await platform.stdout.write(`${CHECKS.length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
