/**
 * What every server of `echo.thrift` must do, call by call, seen through Updraft's client.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { type Client, RpcError } from "../../mod.ts";
import {
  AllTypes,
  EchoException,
  type EchoServiceClient,
  OtherException,
  type StreamServiceClient,
} from "./gen/echo.ts";
import { fullValue } from "./handlers.ts";

/** One check: its name and what it does. */
export type Check = [name: string, run: () => Promise<void>];

/** The checks. `meta` adds those that need a protocol with a header. */
export function checks(client: Client<EchoServiceClient>, streams: Client<StreamServiceClient>): Check[] {
  return [
    ["echo", async () => {
      assertEquals(await client.echo({ msg: "hi 世界" }), { msg: "hi 世界", all: undefined });
    }],
    ["echo nested all types", async () => {
      assertEquals((await client.echo({ msg: "m", all: fullValue() })).all, fullValue());
    }],
    ["echoAll full", async () => assertEquals(await client.echoAll(fullValue()), fullValue())],
    ["echoAll defaults and unset optionals", async () => {
      const value = await client.echoAll(AllTypes.create({ inner: { name: "" } }));
      for (const key of ["obool", "oi64", "ostring", "oinner", "choice"] as const) assertEquals(value[key], undefined);
      assertEquals([value.dnum, value.dname], [42, "anon"]);
    }],
    ...([{ kind: "s", value: "s" }, { kind: "n", value: 5n }] as const).map((choice): Check => [
      `union ${choice.kind}`,
      async () => {
        const value = await client.echoAll(AllTypes.create({ inner: { name: "" }, choice }));
        assertEquals(value.choice, choice);
      },
    ]),
    ["echoString 1 MiB", async () => {
      const text = "0123456789abcdef".repeat(1 << 16);
      assert(await client.echoString(text) === text);
    }],
    ["echoString empty", async () => assertEquals(await client.echoString(""), "")],
    ["echoBinary all bytes", async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i);
      assertEquals(await client.echoBinary(bytes), bytes);
    }],
    ["add two arguments", async () => {
      assertEquals(await client.add(2n ** 63n - 6n, 3n), 2n ** 63n - 3n);
    }],
    ["ping void", async () => assertEquals(await client.ping(), undefined)],
    ["notify oneway", async () => {
      const token = `token-${crypto.randomUUID()}`;
      await client.notify(token);
      for (let tries = 0; tries < 50; tries++) {
        if ((await client.notified()).includes(token)) return;
      }
      throw new Error("never arrived");
    }],
    ["declared exception", async () => {
      const error = await assertRejects(() => client.fail("declared"));
      assertInstanceOf(error, EchoException);
      assertEquals([error.code, error.message], [42, "declared"]);
    }],
    ["second declared exception", async () => {
      const error = await assertRejects(() => client.fail("other"));
      assertInstanceOf(error, OtherException);
      assertEquals([error.reason, error.details], ["other", ["d1", "d2"]]);
    }],
    ["no exception", async () => assertEquals(await client.fail("none"), "none")],
    ["undeclared error", async () => assertInternal(await assertRejects(() => client.fail("plain")), "plain go error")],
    ["panic", async () => assertInternal(await assertRejects(() => client.fail("panic")), "panic")],
    ["sleep", async () => assertEquals(await client.sleep(60), "slept 60")],
    ["timeout", async () => {
      const error = await assertRejects(() => client.sleep(5_000, { timeoutMs: 100 }), RpcError);
      assertEquals(error.kind, "timeout");
    }],
    ["abort", async () => {
      const controller = new AbortController();
      const call = assertRejects(() => client.sleep(5_000, { signal: controller.signal }), RpcError);
      controller.abort();
      assertEquals((await call).kind, "canceled");
    }],
    ["call after timeout", async () => assertEquals(await client.sleep(1), "slept 1")],
    ["second service of the port", async () => {
      assertEquals((await streams.streamUnary({ msg: "second service" })).msg, "second service");
    }],
    ["50 calls at once", async () => {
      const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);
      assertEquals(await Promise.all(texts.map((text) => client.echoString(text))), texts);
    }],
  ];
}

function assertInternal(error: Error, part: string): void {
  assertInstanceOf(error, RpcError);
  assertEquals([error.kind, error.remote, error.code], ["internal", true, 6]);
  assertStringIncludes(error.message, part);
}
