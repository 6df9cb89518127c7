/**
 * Restarts three servers one after the other under load, real Kitex services and ours in turn, found through a real etcd, and counts the
 * calls that are lost: `rolling.ts ETCD_ADDRESS KITEX_REGISTRY_PROGRAM`, the address as `host:port`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { etcdJsonGateway, etcdRegistry, etcdResolver, type Instance } from "../../lib/discovery/mod.ts";
import { systemClock } from "../../lib/io/clock.ts";
import type { Child } from "../../lib/platform.ts";
import {
  createClient,
  createServer,
  type FrontClientOptions,
  kitex,
  type RunningServer,
  ttheader,
  ttheaderStreaming,
} from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService } from "./gen/echo.ts";
import { echoHandlers } from "./handlers.ts";

const SERVERS = 3;
const CALLERS = 8;
/** Calls that are answered from one restart to the next. */
const BETWEEN = 100;
/** Longest time a list may take to be as expected, and calls to be answered. */
const WAIT_MS = 30_000;
/** Kitex's client asks its registry twice a second, as it is told to: so long it may send to a server that has left. */
const DRAIN_MS = 1_200;

const PROTOCOLS: Readonly<Record<string, Partial<FrontClientOptions>>> = {
  ttheader: { protocol: ttheader() },
  mux: { protocol: ttheader(), pool: { type: "mux" } },
  grpc: { protocol: grpc() },
};

const platform = await autoPlatform();
const [address = "", program = ""] = platform.args;
/** Others run beside this program, with the same registry. */
const run = `${platform.name}-${crypto.randomUUID().slice(0, 8)}`;
const errors: string[] = [];
const kv = etcdJsonGateway({ endpoints: [`http://${address}`] });
const registry = etcdRegistry(kv);
const resolver = etcdResolver(kv, { onError: ({ message }) => void errors.push(message) });

/** Servers that can be replaced. */
interface Fleet {
  start(id: string): Promise<{ stop(): Promise<void> }>;
}

/** Restarts all servers one after the other: each time one leaves, calls go on, and another comes. */
async function restartAll(service: string, fleet: Fleet, begin: () => Promise<Load>): Promise<void> {
  const list = following(service);
  const servers = [];
  let started = 0;
  let load: Load | undefined;
  try {
    while (started < SERVERS) servers.push(await fleet.start(`server-${started++}`));
    await list.until((found) => found.length === SERVERS);
    load = await begin();
    for (let i = 0; i < SERVERS; i++) {
      await load.more();
      await servers[i]!.stop();
      await list.until((found) => found.length === SERVERS - 1);
      await load.more();
      servers[i] = await fleet.start(`server-${started++}`);
      await list.until((found) => found.length === SERVERS);
    }
    await load.more();
  } finally {
    await load?.stop();
    await Promise.all(servers.map((server) => server.stop()));
    list.close();
  }
  load.check();
}

/** Callers at work. */
interface Load {
  /** Resolves when many more calls were answered. */
  more(): Promise<void>;
  /** Ends them, after the calls under way. */
  stop(): Promise<void>;
  /** Throws if a call was lost. */
  check(): void;
}

const CHECKS: (readonly [name: string, check: () => Promise<void>])[] = [];
for (const [proto, options] of Object.entries(PROTOCOLS)) {
  CHECKS.push([`our client loses no call of Kitex services that are restarted, ${proto}`, async () => {
    const service = `${run}-kitex-${proto}`;
    await restartAll(service, kitexFleet(service, proto), () => Promise.resolve(ourLoad(service, options)));
  }]);
  // Kitex v0.16.2 multiplexing panics when a server says that it closes, Kitex's own too, and loses the calls under way.
  if (proto === "mux") continue;
  CHECKS.push([`a Kitex client loses no call of our servers that are restarted, ${proto}`, async () => {
    const service = `${run}-ours-${proto}`;
    let served = 0;
    const fleet = ourFleet(service, () => void served++);
    await restartAll(service, fleet, () => kitexLoad(service, proto, () => served));
  }]);
}

function kitexFleet(service: string, proto: string): Fleet {
  return {
    async start(id) {
      const child = await spawn("-service", service, "-proto", proto, "-id", id, "serve");
      await child.stdin.close();
      const out = linesOf(child.stdout);
      if (!await out.has(/^registered /)) throw new Error(`Kitex did not start: ${await textOf(child.stderr)}`);
      let stopped: Promise<void> | undefined;
      return {
        stop: () =>
          stopped ??= (async () => {
            child.kill();
            assertEquals((await child.exited).code, 0);
          })(),
      };
    },
  };
}

function ourFleet(service: string, called: () => void): Fleet {
  const protocols = [ttheaderStreaming(), kitex(), grpc()];
  return {
    async start(id) {
      const server: RunningServer = await createServer({
        protocols,
        registry,
        registryInfo: { service },
        drainDelayMs: DRAIN_MS,
      })
        .add(EchoService, { ...echoHandlers(), echoString: (text) => (called(), `${text} by ${id}`) })
        .listen({ hostname: "127.0.0.1", port: 0 });
      return { stop: () => server.close() };
    },
  };
}

function ourLoad(service: string, options: Partial<FrontClientOptions>): Load {
  const client = createClient(EchoService, { to: service, resolver, timeoutMs: 5_000, ...options });
  const lost: string[] = [];
  const answered = new Map<string, number>();
  let count = 0;
  let working = true;
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let i = 0; working; i++) {
      const text = `caller ${caller} call ${i}`;
      try {
        const [said, by = ""] = (await client.echoString(text)).split(" by ");
        assertEquals(said, text);
        answered.set(by, (answered.get(by) ?? 0) + 1);
        count++;
      } catch (error) {
        lost.push(`call ${count + lost.length}: ${error}`);
      }
      await pause();
    }
  });
  return {
    more: () => untilMore(() => count),
    async stop() {
      working = false;
      await Promise.all(callers);
      await client.close();
    },
    check() {
      assertEquals(lost, []);
      assertEquals(answered.size, 2 * SERVERS, `answered by ${[...answered.keys()]}`);
    },
  };
}

async function kitexLoad(service: string, proto: string, served: () => number): Promise<Load> {
  const child = await spawn("-service", service, "-proto", proto, "-c", String(CALLERS), "load");
  const out = linesOf(child.stdout);
  const complaints = textOf(child.stderr);
  let said = "";
  assert(await out.has(/^calling$/), "Kitex's client did not start");
  return {
    more: () => untilMore(served),
    async stop() {
      await child.stdin.close();
      await child.exited;
      said = `${await out.all()} ${await complaints}`;
    },
    check() {
      assert(/^\d+ passed, 0 failed$/m.test(said), said);
    },
  };
}

async function untilMore(count: () => number): Promise<void> {
  const enough = count() + BETWEEN;
  const until = performance.now() + WAIT_MS;
  while (count() < enough) {
    assert(performance.now() < until, `calls stopped: ${count()} answered`);
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

async function spawn(...args: string[]): Promise<Child> {
  return await platform.spawn(program, ["-backend", "etcd", "-registry", address, ...args]);
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

/** What a program prints: a wait for a line, and all of it. */
function linesOf(stream: ReadableStream<Uint8Array>): { has(line: RegExp): Promise<boolean>; all(): Promise<string> } {
  let text = "";
  let wake = (): void => {};
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      wake();
    }
  })();
  return {
    async has(line) {
      const over = ended.then(() => true);
      for (;;) {
        if (text.split("\n").some((each) => line.test(each))) return true;
        const next = new Promise<boolean>((resolve) => wake = () => resolve(false));
        if (await Promise.race([next, over])) return text.split("\n").some((each) => line.test(each));
      }
    },
    all: async () => (await ended, text),
  };
}

interface List {
  until(fits: (found: readonly Instance[]) => boolean): Promise<void>;
  close(): void;
}

/** The list of a service, and a wait for another. */
function following(service: string): List {
  let found: readonly Instance[] = [];
  let wake = (): void => {};
  const update = (instances: readonly Instance[]): void => {
    found = instances;
    wake();
  };
  const failed = ({ message }: Error): void => void errors.push(message);
  const resolution = resolver.resolve({ name: service, tags: {} }, { update, failed }, systemClock);
  return {
    async until(fits) {
      const late = performance.now() + WAIT_MS;
      while (!fits(found)) {
        const timer = setTimeout(() => wake(), WAIT_MS);
        await new Promise<void>((resolve) => wake = resolve);
        clearTimeout(timer);
        assert(performance.now() < late, `${service} still has ${found.length}; ${errors.join("; ")}`);
      }
    },
    close: () => resolution.close(),
  };
}

let failed = 0;
// All at once: most of the time goes by waiting for lists and for servers to leave.
await Promise.all(CHECKS.map(async ([what, check]) => {
  try {
    await check();
    await platform.stdout.write(`PASS ${what}\n`);
  } catch (error) {
    failed++;
    const text = error instanceof Error ? error.message : String(error);
    await platform.stdout.write(`FAIL ${what}: ${text.replaceAll("\n", " ").slice(0, 600)}\n`);
  }
}));
await platform.stdout.write(`${CHECKS.length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
