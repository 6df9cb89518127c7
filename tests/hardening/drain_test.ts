/**
 * Two servers, one of which is closed and replaced again and again while many callers are at work: no call that a server
 * accepted is lost, and none runs twice.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  buffered,
  createClient,
  createServer,
  framed,
  type PoolOptions,
  RpcError,
  type RunningServer,
} from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";

const DRAINS = 24;
const CALLERS = 12;
/** Calls that are answered from one drain to the next. */
const BETWEEN = 40;
const CASES: readonly [pool: PoolOptions, protocol: ReturnType<typeof framed>][] = [
  [{ type: "long" }, framed()],
  [{ type: "short" }, buffered()],
  [{ type: "mux" }, framed()],
];

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("draining one of two servers", () => {
  for (const [pool, protocol] of CASES) {
    it(`${DRAINS} times loses no accepted call of ${CALLERS} callers, ${protocol.name} ${pool.type}`, async () => {
      const transport = auto();
      /** How often each call was run by a handler. */
      const accepted = new Map<string, number>();
      const answered = new Set<string>();
      const failures: RpcError[] = [];
      const start = (): Promise<RunningServer> =>
        createServer({ transport })
          .add(EchoService, {
            ...echoHandlers(),
            async echoString(text) {
              accepted.set(text, (accepted.get(text) ?? 0) + 1);
              for (let turns = text.length % 5; turns > 0; turns--) await turn();
              return text;
            },
          })
          .listen({ hostname: "127.0.0.1", port: 0 });
      const servers = [await start(), await start()];
      const client = createClient(EchoService, { to: servers[0]!.local, transport, protocol, pool });
      let working = true;

      async function keepCalling(caller: number): Promise<void> {
        for (let i = 0; working; i++) {
          const text = `caller ${caller} call ${"#".repeat(i % 7)}${i}`;
          try {
            assertEquals(await client.echoString(text, { to: servers[(caller + i) % 2]!.local }), text);
            answered.add(text);
          } catch (error) {
            assertInstanceOf(error, RpcError);
            failures.push(error);
          }
          await turn();
        }
      }

      async function drainOften(): Promise<void> {
        for (let i = 0; i < DRAINS; i++) {
          for (const before = answered.size; answered.size < before + BETWEEN;) await turn();
          const old = servers[i % 2]!;
          servers[i % 2] = await start();
          await old.close();
          assertEquals([old.stats.running, old.stats.connections], [0, 0]);
        }
        working = false;
      }

      await Promise.all([drainOften(), ...Array.from({ length: CALLERS }, (_, caller) => keepCalling(caller))]);
      await client.close();
      await Promise.all(servers.map((server) => server.close()));
      const lost = [...accepted.keys()].filter((text) => !answered.has(text));
      assertEquals(lost, []);
      assertEquals([...accepted.values()].filter((times) => times > 1), []);
      assert(answered.size >= BETWEEN * DRAINS, `only ${answered.size} calls were answered`);
    });
  }
});
