/**
 * What every server of `echo.thrift` must do, call by call, seen through Updraft's client.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { type Client, Metadata, RpcError } from "../../mod.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import {
  AllTypes,
  EchoException,
  EchoService,
  type EchoServiceClient,
  OtherException,
  type StreamServiceClient,
} from "./gen/echo.ts";

/** One check: its name and what it does. */
export type Check = [name: string, run: () => Promise<void>];

/** The name that the checks' clients call themselves. */
export const CALLER = "updraft-client";

/** What is checked. */
export interface Subject {
  /** A client of the server. */
  readonly client: Client<EchoServiceClient>;
  /** A client of its other service on the same address. */
  readonly streams: Client<StreamServiceClient>;
  /** A client of `NoSuchService`. */
  readonly stranger: Client<EchoServiceClient>;
  /** What is known of the server. */
  readonly traits: Traits;
}

/** What servers differ in. */
export interface Traits {
  /** A value with every field set, which the server gives back as it is. */
  readonly value: AllTypes;
  /** True if the protocol carries metadata and business statuses. */
  readonly header: boolean;
  /** Size of a large message. */
  readonly largeBytes: number;
  /** TApplicationException types that it may give for an undeclared error. */
  readonly failed: readonly number[];
  /** TApplicationException types that it may give for an unknown method. */
  readonly unknown: readonly number[];
  /** Names of checks that its makers' own client does not pass either. */
  readonly without: readonly string[];
}

/** `EchoService` with one method under a name that no server knows. */
export const NoSuchService: ServiceSchema<unknown, EchoServiceClient> = {
  ...EchoService,
  methods: EchoService.methods.map((method) => method.name === "echo" ? { ...method, name: "noSuchMethod" } : method),
};

/** The checks, in an order that leaves the client in use between those that end calls early. */
export function checks(subject: Subject): Check[] {
  const { without } = subject.traits;
  const unknown = without.filter((name) => !all(subject).some(([other]) => other === name));
  if (unknown.length > 0) throw new Error(`there is no check ${unknown.join(", ")}`);
  return all(subject).filter(([name]) => !without.includes(name));
}

function all({ client, streams, stranger, traits }: Subject): Check[] {
  const { value } = traits;
  const failedWith = async (call: Promise<unknown>, part: string): Promise<void> => {
    const error = await assertRejects(() => call, RpcError);
    assertEquals([error.kind, error.remote], ["internal", true]);
    assert(traits.failed.includes(error.code ?? -1), `type ${error.code}`);
    assertStringIncludes(error.message, part);
  };
  return [
    ["echo", async () => {
      assertEquals(await client.echo({ msg: "hi 世界" }), { msg: "hi 世界", all: undefined });
    }],
    ["echo nested all types", async () => {
      assertEquals((await client.echo({ msg: "m", all: value })).all, value);
    }],
    ["echoAll full", async () => assertEquals(await client.echoAll(value), value)],
    ["echoAll empty containers", async () => {
      const empty = {
        ...value,
        lstring: [],
        si32: new Set<number>(),
        mss: new Map(),
        mii: new Map(),
        lli: [],
        linner: [],
      };
      assertEquals(await client.echoAll(empty), empty);
    }],
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
    ["echoBinary large", async () => {
      const bytes = new Uint8Array(traits.largeBytes).map((_, i) => i % 251);
      const reply = await client.echoBinary(bytes);
      assert(reply.length === bytes.length && reply.every((byte, i) => byte === bytes[i]));
    }],
    ["add two arguments", async () => {
      assertEquals(await client.add(2n ** 63n - 6n, 3n), 2n ** 63n - 3n);
    }],
    ["ping void", async () => assertEquals(await client.ping(), undefined)],
    ["notify oneway", async () => {
      const token = `token-${crypto.randomUUID()}`;
      await client.notify(token);
      for (let tries = 0; tries < 500; tries++) {
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
    ["undeclared error", () => failedWith(client.fail("plain"), "plain go error")],
    ["panic", () => failedWith(client.fail("panic"), "panic")],
    ["unknown method", async () => {
      const error = await assertRejects(() => stranger.echo({ msg: "skipped", all: value }), RpcError);
      assert(
        error.remote && traits.unknown.includes(error.code ?? -1),
        `${error.kind} ${error.code}: ${error.message}`,
      );
      assertStringIncludes(error.message, "noSuchMethod");
    }],
    ["call after an unknown method", async () => {
      assertEquals(await stranger.echoString("the connection lives"), "the connection lives");
    }],
    ["sleep", async () => assertEquals(await client.sleep(60), "slept 60")],
    ["timeout", async () => {
      const error = await assertRejects(() => client.sleep(600, { timeoutMs: 100 }), RpcError);
      assertEquals(error.kind, "timeout");
    }],
    ["abort", async () => {
      const controller = new AbortController();
      const call = assertRejects(() => client.sleep(600, { signal: controller.signal }), RpcError);
      await new Promise((resolve) => setTimeout(resolve, 20)); // it is on its way
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
    ["biz status zero", async () => assertEquals(await client.bizError(0, "", new Map()), "ok")],
    ...traits.header ? headerChecks(client) : [
      ["meta without a header", async () => {
        const { method, transientKV, persistentKV } = await client.meta();
        assertEquals([method, transientKV, persistentKV], ["meta", new Map(), new Map()]);
      }] satisfies Check,
    ],
  ];
}

/** What only a protocol with a header can do. */
function headerChecks(client: Client<EchoServiceClient>): Check[] {
  const business = async (call: Promise<unknown>): Promise<unknown[]> => {
    const { kind, remote, code, message, extra } = await assertRejects(() => call, RpcError);
    assertEquals([kind, remote], ["business", true]);
    return [code, message, extra ?? {}];
  };
  return [
    ["biz status", async () => {
      const extra = new Map([["k", "v"], ["世", "界"]]);
      const error = await business(client.bizError(10001, "biz 世界 message", extra));
      assertEquals(error, [10001, "biz 世界 message", Object.fromEntries(extra)]);
    }],
    ["biz status negative, no extra", async () => {
      assertEquals(await business(client.bizError(-3, "neg", new Map())), [-3, "neg", {}]);
    }],
    ["call after a biz status", async () => assertEquals(await client.echoString("alive"), "alive")],
    ["metadata both ways", async () => {
      const meta = new Metadata({ transient: { TK: "tv", tk_2: "世" }, persistent: { PK: "pv" } });
      const answer = await client.meta({ meta });
      assertEquals([answer.transientKV, answer.persistentKV], [meta.transient, meta.persistent]);
      assertEquals([meta.backward.get("back-k1"), meta.backward.get("BACK_K2")], ["back-v1", "back-v2"]);
    }],
    ["caller and callee", async () => {
      const { caller, method } = await client.meta();
      assertEquals([caller, method], [CALLER, "meta"]);
    }],
    ["timeout carried", async () => assertEquals(await client.echoString("in time", { timeoutMs: 5_000 }), "in time")],
  ];
}
