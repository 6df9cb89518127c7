/**
 * Calls made while a call is served: what they take over of it.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type CallContext, createClient, createServer, RpcError, type RunningServer } from "../../../mod.ts";
import { memory } from "../../../transports/memory.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { EchoService, type EchoServiceHandlers } from "../../interop/gen/echo.ts";

/** What the last server of a chain saw. */
interface Seen {
  transient: Record<string, string>;
  persistent: Record<string, string>;
  caller: string | undefined;
  callerMethod: string | undefined;
  leftMs: number;
}

/** Three servers, each calling the next; `pass` gives a call the context by hand. */
async function chain(
  run: (client: ReturnType<typeof clientOf>, seen: Seen[]) => Promise<void>,
  pass = false,
  last: Partial<EchoServiceHandlers> = {},
): Promise<void> {
  const transport = memory();
  const seen: Seen[] = [];
  const note = (context: CallContext): void => {
    const { meta, caller, deadline } = context;
    seen.push({
      transient: Object.fromEntries(meta.transient),
      persistent: Object.fromEntries(meta.persistent),
      caller,
      callerMethod: context.callerMethod,
      leftMs: deadline - performance.now(),
    });
  };
  const running: RunningServer[] = [];
  const clients: { close(): Promise<void> }[] = [];
  const serve = async (name: string, handlers: Partial<EchoServiceHandlers>): Promise<void> => {
    const off = pass ? { asyncContext: undefined } : {};
    running.push(
      await createServer({ transport, ...off }).add(EchoService, { ...echoHandlers(), ...handlers }).listen({
        path: name,
      }),
    );
  };
  const next = (to: string, caller: string): ReturnType<typeof clientOf> => {
    const client = clientOf(to, caller);
    clients.push(client);
    return client;
  };
  function clientOf(to: string, caller: string) {
    return createClient(EchoService, {
      to: `unix:${to}`,
      transport,
      caller,
      ...(pass ? { asyncContext: undefined } : {}),
    });
  }
  await serve("c", {
    ...last,
    echoString: last.echoString ?? ((text, context) => {
      note(context);
      return `${text}c`;
    }),
  });
  const toC = next("c", "b");
  await serve("b", {
    echoString: async (text, context) => {
      note(context);
      await Promise.resolve();
      return await toC.echoString(`${text}b`, pass ? { context } : {});
    },
  });
  const toB = next("b", "a");
  await serve("a", {
    echoString: async (text, context) => {
      note(context);
      await new Promise<void>((resolve) => setTimeout(resolve));
      return await toB.echoString(`${text}a`, pass ? { context } : {});
    },
  });
  const client = next("a", "test");
  await run(client, seen);
  await Promise.all(clients.map((one) => one.close()));
  await Promise.all(running.map((one) => one.close()));
}

for (const pass of [false, true]) {
  describe(`a chain of calls, ${pass ? "with the context passed on" : "found by itself"}`, () => {
    it("carries what is persistent to the end, what is transient one hop, and what is left of the time", () =>
      chain(async (client, seen) => {
        const meta = { transient: { t: "1" }, persistent: { p: "2" } };
        assertEquals(await client.echoString("x", { meta, timeoutMs: 10_000 }), "xabc");
        assertEquals(seen.map(({ transient }) => transient), [{ t: "1" }, {}, {}]);
        assertEquals(seen.map(({ persistent }) => persistent), [{ p: "2" }, { p: "2" }, { p: "2" }]);
        assertEquals(seen.map(({ caller }) => caller), ["test", "a", "b"]);
        assertEquals(seen.map(({ callerMethod }) => callerMethod), [undefined, "echoString", "echoString"]);
        for (const { leftMs } of seen) assert(leftMs > 0 && leftMs <= 10_100, `${leftMs} ms left`);
      }, pass));

    it("ends all the way down when its first caller gives up", () => {
      let aborted = false;
      let reached!: () => void;
      const started = new Promise<void>((resolve) => reached = resolve);
      let ended!: () => void;
      const over = new Promise<void>((resolve) => ended = resolve);
      return chain(
        async (client) => {
          const controller = new AbortController();
          const call = assertRejects(
            () => client.echoString("x", { signal: controller.signal, timeoutMs: 60_000 }),
            RpcError,
          );
          await started;
          controller.abort();
          assertEquals((await call).kind, "canceled");
          await over;
          assert(aborted);
        },
        pass,
        {
          echoString: (_, { signal }) =>
            new Promise((_, reject) => {
              signal.addEventListener("abort", () => {
                aborted = true;
                reject(signal.reason);
                ended();
              });
              reached();
            }),
        },
      );
    });
  });
}

describe("calls beside each other", () => {
  it("keep their contexts apart", () =>
    chain(async (client, seen) => {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => client.echoString("x", { meta: { persistent: { id: `${i}` } } })),
      );
      const counts = new Map<string, number>();
      for (const { persistent } of seen) counts.set(persistent.id!, (counts.get(persistent.id!) ?? 0) + 1);
      assertEquals([...counts.values()], new Array(20).fill(3));
    }));
});
