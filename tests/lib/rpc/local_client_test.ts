import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type CallContext, createLocalClient, type LocalClientOptions, Metadata, RpcError } from "../../../mod.ts";
import { Chat } from "../../../examples/gen/chat.ts";
import { EchoService, type EchoServiceHandlers } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { deferred } from "./fixture.ts";

const local = (handlers: Partial<EchoServiceHandlers> = {}, options: LocalClientOptions = {}) =>
  createLocalClient(EchoService, { ...echoHandlers(), ...handlers }, options);

describe("a local client", () => {
  it("calls handlers through the middleware, which sees a server's call", async () => {
    const seen: string[] = [];
    await using client = local({}, {
      caller: "shop",
      use: [(next) => (call) => {
        seen.push(`${call.side} ${call.caller} ${call.method.name}`);
        return next(call);
      }],
    });
    assertEquals((await client.echo({ msg: "here" })).msg, "here");
    assertEquals(seen, ["server shop echo"]);
  });

  it("carries metadata there and back, as copies", async () => {
    const meta = new Metadata({ persistent: { user: "ada" } });
    await using client = local({
      ping: (context: CallContext) => {
        assertEquals(context.meta.persistent.get("user"), "ada");
        context.meta.persistent.set("user", "eve");
        context.meta.backward.set("zone", "north");
      },
    });
    await client.ping({ meta });
    assertEquals([meta.persistent.get("user"), meta.backward.get("zone")], ["ada", "north"]);
  });

  it("takes over the deadline and the metadata of the call being served", async () => {
    const clock = new ManualClock();
    let deadline = 0;
    let user: string | undefined;
    const inner = local({
      ping: (context) => {
        deadline = context.deadline;
        user = context.meta.persistent.get("user");
      },
    }, { clock });
    await using outer = local({ ping: () => inner.ping() }, { clock });
    await outer.ping({ timeoutMs: 300, meta: { persistent: { user: "ada" } } });
    assertEquals([deadline, user], [clock.now() + 300, "ada"]);
  });

  it("fails with kind timeout, canceled and internal as a call of a server does", async () => {
    const clock = new ManualClock();
    const begun = deferred();
    let reason: unknown;
    await using client = local({
      sleep: (_, { signal }) => {
        signal.addEventListener("abort", () => reason = signal.reason);
        begun.resolve();
        return new Promise(() => {});
      },
      ping: () => {
        throw new TypeError("a fault of the handler");
      },
    }, { clock });
    const kindOf = async (outcome: Promise<unknown>): Promise<string> =>
      (await assertRejects(() => outcome, RpcError)).kind;
    const late = kindOf(client.sleep(0, { timeoutMs: 100 }));
    clock.advance(100);
    assertEquals(await late, "timeout");
    assertEquals((reason as RpcError).kind, "timeout");
    const stop = new AbortController();
    const stopped = kindOf(client.sleep(0, { signal: stop.signal }));
    stop.abort();
    assertEquals(await stopped, "canceled");
    assertEquals(await kindOf(client.ping()), "internal");
    await begun.promise;
    const closed = kindOf(client.sleep(0));
    await client.close();
    assertEquals([await closed, await kindOf(client.ping())], ["canceled", "canceled"]);
    assertEquals(clock.pending, 0);
  });

  it("streams both ways, from any iterable", async () => {
    await using client = createLocalClient(Chat, {
      async *talk(said) {
        for await (const { from, text } of said) yield { from: "room", text: `${from} says ${text}` };
      },
      async load(said) {
        let lines = 0;
        for await (const _ of said) lines++;
        return { lines };
      },
      async *history() {
        yield { from: "Ada", text: "hello" };
      },
    });
    const texts: string[] = [];
    const said = [{ from: "Ada", text: "hello" }, { from: "Bob", text: "hi" }];
    for await (const { text } of client.talk(said)) texts.push(text);
    for await (const { text } of client.history({ last: 1 })) texts.push(text);
    assertEquals([texts, (await client.load(said)).lines], [["Ada says hello", "Bob says hi", "hello"], 2]);
  });

  it("needs a handler for each method", () => {
    assertThrows(() => createLocalClient(EchoService, {} as EchoServiceHandlers), RpcError, "no handler for");
  });
});
