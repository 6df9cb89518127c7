/**
 * Checks registries with real Kitex services and clients: `registry.ts etcd|consul|zookeeper REGISTRY_ADDRESS
 * KITEX_REGISTRY_PROGRAM REGISTRY_PROGRAM REGISTRY_ARGUMENT...`, the address as `host:port`. The registry is started here, killed, and
 * started again; a ZooKeeper without what it knew, which is in the folder `data` beside the file that is its last argument.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  consulRegistry,
  consulResolver,
  etcdJsonGateway,
  etcdRegistry,
  etcdResolver,
  type Instance,
  type Registry,
  type Resolver,
  type ZooKeeperClient,
  zooKeeperClient,
  zooKeeperRegistry,
  zooKeeperResolver,
} from "../../lib/discovery/mod.ts";
import { RpcError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/io/clock.ts";
import type { Dialing } from "../../lib/io/raw.ts";
import type { Child } from "../../lib/platform.ts";
import { createClient, createServer } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { Daemon } from "./daemon.ts";
import { EchoService } from "./gen/echo.ts";
import { echoHandlers } from "./handlers.ts";

/** Longest time a list may take to be as expected. */
const LIST_MS = 30_000;

/** How a registry is asked. */
interface Asking {
  seconds?: number | undefined;
  fetch?: typeof fetch;
  transport?: Dialing | undefined;
  auth?: { readonly user: string; readonly password: string };
}

const platform = await autoPlatform();
const [backend = "", address = "", program = "", ...command] = platform.args;
const errors: string[] = [];
const onError = ({ message }: Error): void => void errors.push(message);
const endpoints = [`http://${address}`];
const daemon = new Daemon(platform, command as [string, ...string[]], isReady);
/** Clients of ZooKeeper, to be closed at the end. */
const zooKeepers: ZooKeeperClient[] = [];
/** Requests of the resolver so far. */
let asked = 0;
/** While true, the registry that `silent` is hears nothing of its servers. */
let isSilent = false;
const resolver = resolverOf();
const registry = registryOf({});
/** Entries of these go soon after their server says nothing any more. */
const quick = registryOf({ seconds: 2 });
const silent = registryOf({
  seconds: 2,
  fetch: (input, init) => isSilent ? Promise.reject(new TypeError("silent")) : fetch(input, init),
  transport: muted(auto()),
});
/** A name of this runtime's own: others run beside it. */
const name = (what: string): string => `${platform.name}-${what}`;

const CHECKS: (readonly [name: string, check: () => Promise<void>])[] = [
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
      const before = asked;
      await using client = createClient(EchoService, { to: service, resolver, timeoutMs: 5_000 });
      for (let i = 0; i < 10; i++) assertEquals(await client.echoString(String(i)), String(i));
      child.kill();
      await list.until((found) => found.length === 0);
      assert(asked - before <= 4, `${asked - before} requests to hear of one change`);
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
  ["a server that says nothing any more is left out, and there again when it does", async () => {
    const service = name("silent");
    const endpoint = { hostname: "127.0.0.1", port: 1 };
    const registration = await silent.register({ service, endpoint });
    const list = following(service);
    try {
      await list.until((found) => found.length === 1);
      isSilent = true;
      await list.until((found) => found.length === 0);
      isSilent = false;
      await list.until((found) => found.length === 1);
    } finally {
      isSilent = false;
      await registration.deregister();
      list.close();
    }
  }],
  ["a registry that dies takes no client down, and is told again of the servers it lost", async () => {
    const service = name("outliving");
    const servers = [await serve(service, () => {}, quick), await serve(service, () => {}, quick)];
    const list = following(service);
    const client = createClient(EchoService, { to: service, resolver, timeoutMs: 10_000 });
    let [made, over] = [0, false];
    const calling = (async () => {
      for (; !over; made++) {
        assertEquals(await client.echoString(String(made)), String(made));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    calling.catch(() => {}); // heard below
    try {
      await list.until((found) => found.length === 2);
      await Promise.race([calling, until(() => made > 0)]);
      await daemon.kill();
      if (backend === "zookeeper") await platform.files.remove(command.at(-1)!.replace(/[^/]*$/, "data"));
      const [before] = [made, await Promise.race([calling, until(() => errors.length > 0)])];
      await Promise.race([calling, until(() => made > before + 20)]);
      await daemon.start();
      // It may hear of one before the other: while it knows one alone, that one must not leave.
      await Promise.race([calling, knowsAgain(service, 2)]);
      await servers[0]!.close();
      await Promise.race([calling, list.until((found) => found.length === 1)]);
      assertEquals(await calls(service, 10), "10 passed, 0 failed");
    } finally {
      over = true;
      list.close();
      await Promise.all([...servers.map((server) => server.close()), calling.catch(() => {})]);
      await client.close();
      errors.length = 0;
    }
    await calling;
  }],
];

if (backend === "zookeeper") {
  CHECKS.push(["services of a user are that user's alone", async () => {
    const service = name("private");
    const ada = zooKeeperOf({ auth: { user: "ada", password: "secret" } });
    const registration = await zooKeeperRegistry(ada).register({
      service,
      endpoint: { hostname: "127.0.0.1", port: 1 },
    });
    try {
      const path = `/${service}/127.0.0.1:1`;
      assertEquals(await ada.data(path), '{"Weight":10,"Tags":{}}');
      for (const other of [zooKeeperOf({}), zooKeeperOf({ auth: { user: "ada", password: "guessed" } })]) {
        await assertRejects(() => other.data(path), RpcError, `refuses access to ${path}`);
        await assertRejects(() => other.children(`/${service}`), RpcError, `refuses access to /${service}`);
      }
    } finally {
      await registration.deregister();
    }
  }]);
  CHECKS.push(["a ZooKeeper that is started again goes on with sessions and what they registered", async () => {
    const service = name("lasting");
    const zooKeeper = zooKeeperOf({ seconds: 10 });
    const endpoint = { hostname: "127.0.0.1", port: 1 };
    const registration = await zooKeeperRegistry(zooKeeper).register({ service, endpoint }, { onError });
    try {
      errors.length = 0;
      await daemon.kill();
      await until(() => errors.length > 0);
      await daemon.start();
      await knowsAgain(service, 1);
      // It may be about to connect: requests fail with a try that does, and not before.
      let owner: string | undefined;
      const ask = (): void => void zooKeeper.owner(`/${service}/127.0.0.1:1`).then((is) => owner = is ?? "nobody", ask);
      ask();
      await until(() => owner !== undefined);
      assertEquals([errors.filter((text) => text.includes("was lost")), owner], [[], "us"]);
    } finally {
      await registration.deregister();
      errors.length = 0;
    }
  }]);
}

async function isReady(): Promise<boolean> {
  if (backend === "zookeeper") {
    await using zooKeeper = zooKeeperClient({ servers: [address], transport: auto(), timeoutMs: 1_000 });
    return await zooKeeper.children("/") !== undefined;
  }
  const response = await fetch(`${endpoints[0]}${backend === "consul" ? "/v1/status/leader" : "/health"}`);
  const text = await response.text();
  return response.ok && text !== '""';
}

function resolverOf(): Resolver {
  const counted: typeof fetch = (input, init) => (asked++, fetch(input, init));
  if (backend === "consul") return consulResolver({ endpoints, fetch: counted, onError });
  if (backend === "zookeeper") {
    const nodes = zooKeeperOf({});
    const children: ZooKeeperClient["children"] = (...asking) => (asked++, nodes.children(...asking));
    return zooKeeperResolver({ ...nodes, children }, { onError });
  }
  return etcdResolver(etcdJsonGateway({ endpoints, fetch: counted }), { onError });
}

/** `seconds` until a silent server is out; default Kitex's ways. */
function registryOf({ seconds, transport, ...more }: Asking): Registry {
  if (backend === "zookeeper") return zooKeeperRegistry(zooKeeperOf({ seconds, transport }));
  if (backend === "consul") {
    const check = seconds === undefined ? undefined : { type: "ttl", ttlSeconds: seconds } as const;
    return consulRegistry({ endpoints, check, ...more });
  }
  return etcdRegistry(etcdJsonGateway({ endpoints, ...more }), { ttlSeconds: seconds });
}

function zooKeeperOf({ seconds = 4, transport = auto(), auth }: Asking): ZooKeeperClient {
  const client = zooKeeperClient({ servers: [address], transport, sessionTimeoutMs: seconds * 1_000, auth });
  zooKeepers.push(client);
  return client;
}

/** Connections of it say nothing, and there are no new ones, while `isSilent`. */
function muted(transport: Dialing): Dialing {
  return {
    name: transport.name,
    async dial(to, options) {
      if (isSilent) throw new TypeError("silent");
      const raw = await transport.dial(to, options);
      const write = raw.write.bind(raw);
      raw.write = (bytes) => isSilent ? bytes.length : write(bytes);
      return raw;
    },
  };
}

/** Waits until the registry itself knows so many instances: what is followed from before keeps its last list. */
async function knowsAgain(service: string, count: number): Promise<void> {
  const list = following(service);
  try {
    await list.until((found) => found.length === count);
  } finally {
    list.close();
  }
}

/** Waits until it is so. */
async function until(is: () => boolean): Promise<void> {
  for (const end = Date.now() + LIST_MS; !is();) {
    assert(Date.now() < end, `not so after ${LIST_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A server of ours that is in the registry. */
async function serve(service: string, called: () => void, to = registry): Promise<{ close(): Promise<void> }> {
  return await createServer({
    registry: to,
    registryInfo: { service },
    use: [(next) => (call) => (called(), next(call))],
  })
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

await daemon.start();
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
await Promise.all(zooKeepers.map((client) => client.close()));
await daemon.kill();
await platform.stdout.write(`${CHECKS.length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
