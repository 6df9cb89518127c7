/**
 * Three servers in a registry, restarted one after the other while many callers are at work: every call is answered, and by a
 * server that was there.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createInstance } from "../../lib/discovery/instance.ts";
import type { Registry } from "../../lib/discovery/registry.ts";
import type { ResolutionSink, Resolver } from "../../lib/discovery/resolver.ts";
import { createClient, createServer, framed, kitex, type RunningServer, ttheader } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";

const SERVERS = 3;
const ROUNDS = 3;
const CALLERS = 12;
/** Calls that are begun from one restart to the next. */
const BETWEEN = 60;

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A registry in this process: what servers enter, resolvers tell at once. */
function listInProcess(): { registry: Registry; resolver: Resolver } {
  const addresses = new Set<string>();
  const sinks = new Set<ResolutionSink>();
  const tell = (): void => {
    const instances = [...addresses].map((address) => createInstance({ address }));
    for (const sink of sinks) sink.update(instances);
  };
  return {
    registry: {
      name: "in-process",
      register({ endpoint }) {
        const { address } = createInstance({ address: endpoint });
        addresses.add(address);
        tell();
        return Promise.resolve({
          deregister() {
            addresses.delete(address);
            tell();
            return Promise.resolve();
          },
        });
      },
    },
    resolver: {
      name: "in-process",
      resolve(_target, sink) {
        sinks.add(sink);
        queueMicrotask(tell);
        return { refresh: () => {}, close: () => void sinks.delete(sink) };
      },
    },
  };
}

describe("restarting servers one after the other", () => {
  const cases = [
    ["long", ttheader()],
    ["short", ttheader()],
    ["mux", ttheader()],
    ["long", framed()],
    ["mux", grpc()],
  ] as const;
  for (const [pool, protocol] of cases) {
    it(`loses no call of ${CALLERS} callers, ${protocol.name} ${pool}`, async () => {
      const transport = auto();
      const { registry, resolver } = listInProcess();
      const answers = new Map<string, number>();
      const failures: string[] = [];
      let answered = 0;
      let begun = 0;
      let started = 0;
      const start = (): Promise<RunningServer> => {
        const id = `server ${started++}`;
        // A connection that was dialled and not yet accepted is reset with its listener: the delay is for those.
        return createServer({
          transport,
          protocols: [kitex(), grpc()],
          registry,
          registryInfo: { service: "echo" },
          drainDelayMs: 100,
        })
          .add(EchoService, {
            ...echoHandlers(),
            async echoString(text) {
              for (let turns = text.length % 4; turns > 0; turns--) await turn();
              return `${text} by ${id}`;
            },
          })
          .listen({ hostname: "127.0.0.1", port: 0 });
      };
      const servers: RunningServer[] = [];
      for (let i = 0; i < SERVERS; i++) servers.push(await start());
      const client = createClient(EchoService, { to: "echo", resolver, transport, protocol, pool: { type: pool } });
      let working = true;

      async function keepCalling(caller: number): Promise<void> {
        for (let i = 0; working; i++) {
          const text = `caller ${caller} call ${"#".repeat(i % 5)}${i}`;
          begun++;
          try {
            const [said, by] = (await client.echoString(text)).split(" by ");
            assertEquals(said, text);
            answers.set(by!, (answers.get(by!) ?? 0) + 1);
            answered++;
          } catch (error) {
            failures.push(String(error));
          }
          await turn();
        }
      }

      async function restartAll(): Promise<void> {
        for (let i = 0; i < SERVERS * ROUNDS; i++) {
          for (const before = begun; begun < before + BETWEEN;) await turn();
          await servers[i % SERVERS]!.close();
          servers[i % SERVERS] = await start();
        }
        working = false;
      }

      await Promise.all([restartAll(), ...Array.from({ length: CALLERS }, (_, caller) => keepCalling(caller))]);
      await client.close();
      await Promise.all(servers.map((server) => server.close()));
      assertEquals(failures, []);
      assertEquals(answered, begun);
      assert(answers.size >= SERVERS * ROUNDS, `only ${answers.size} servers answered of ${started}`);
    });
  }
});
