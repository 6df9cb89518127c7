import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { etcdConfig } from "../../../lib/config/etcd_source.ts";
import type { ConfigKey } from "../../../lib/config/source.ts";
import type { EtcdChange, EtcdKv } from "../../../lib/discovery/etcd/kv.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ManualClock } from "../io/manual_clock.ts";

/** A store in memory, of which configuration uses two methods. */
class FakeStore {
  readonly values = new Map<string, string>();
  readonly asked: string[] = [];
  #wake: (changes: EtcdChange[] | undefined) => void = () => {};

  /** A key is written, or deleted; and something next to it. */
  change(key: string, value: string | undefined): void {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
    this.#wake([{ key: `${key}-other`, value: "{" }, { key, value }]);
  }

  /** The watch ends. */
  end(): void {
    this.#wake(undefined);
  }

  get kv(): EtcdKv {
    const { asked, values } = this;
    const next = (): Promise<EtcdChange[] | undefined> => new Promise((resolve) => this.#wake = resolve);
    const used: Pick<EtcdKv, "range" | "watch"> = {
      range(prefix) {
        asked.push(`range ${prefix}`);
        const entries = [...values].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value }));
        return Promise.resolve({ revision: 7n, entries });
      },
      async *watch(prefix, from) {
        asked.push(`watch ${prefix} from ${from}`);
        for (let changes = await next(); changes !== undefined; changes = await next()) yield changes;
      },
    };
    return used as EtcdKv;
  }
}

const RETRY: ConfigKey = { client: "web", server: "echo", category: "retry" };
const KEY = "/KitexConfig/web/echo/retry";

function setup(initial: string | undefined) {
  const store = new FakeStore();
  const clock = new ManualClock();
  if (initial !== undefined) store.values.set(KEY, initial);
  const told: string[] = [];
  const stop = etcdConfig(store.kv, { clock, random: () => 0 }).follow(RETRY, {
    update: (value) => void told.push(JSON.stringify(value) ?? "nothing"),
    failed: ({ kind, message }) => void told.push(`${kind}: ${message.split(":")[0]}`),
  });
  const turn = async (): Promise<string[]> => {
    await new Promise<void>((resolve) => setTimeout(resolve));
    return told.splice(0);
  };
  return { store, clock, stop, turn };
}

describe("configuration from etcd", () => {
  it("is read under Kitex's key and watched from there", async () => {
    const { store, stop, turn } = setup('{"a":1}');
    assertEquals(await turn(), ['{"a":1}']);
    assertEquals(store.asked, [`range ${KEY}`, `watch ${KEY} from 8`]);
    store.change(KEY, '{"a":2}');
    assertEquals(await turn(), ['{"a":2}']);
    store.change(KEY, undefined);
    assertEquals(await turn(), ["nothing"]);
    stop();
  });

  it("is told as nothing where there is none, and as failed where it is no JSON", async () => {
    const { store, stop, turn } = setup(undefined);
    assertEquals(await turn(), ["nothing"]);
    store.change(KEY, "{");
    assertEquals(await turn(), [`invalid: ${KEY} is no JSON`]);
    store.change(KEY, "5");
    assertEquals(await turn(), ["5"]);
    stop();
  });

  it("is read again when the watch ends, and told only if it changed meanwhile", async () => {
    const { store, clock, stop, turn } = setup("1");
    await turn();
    store.end();
    await turn();
    clock.advance(1_000);
    assertEquals(await turn(), []);
    store.values.set(KEY, "2");
    store.end();
    await turn();
    clock.advance(1_000);
    assertEquals(await turn(), ["2"]);
    stop();
  });

  it("has one key more for servers, and none for names with a slash", async () => {
    const store = new FakeStore();
    const source = etcdConfig(store.kv, { clock: new ManualClock() });
    const sink = { update: () => {}, failed: () => {} };
    source.follow({ server: "echo", category: "limit" }, sink)();
    assertEquals(store.asked, ["range /KitexConfig/echo/limit"]);
    assertThrows(() => source.follow({ ...RETRY, client: "a/b" }, sink), RpcError);
    await Promise.resolve();
  });
});
