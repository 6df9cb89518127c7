import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import { consistentHash } from "../../../../lib/discovery/balancers/consistent_hash.ts";
import type { Instance } from "../../../../lib/discovery/instance.ts";
import { callOf, FRESH, instance, portOf, randomOf, testHost, weighted } from "./host.ts";

const key = ({ args }: { args: Record<string, unknown> }): string => args.key as string;
const KEYS = Array.from({ length: 20_000 }, (_, i) => `user-${i}`);

function owners(list: Instance[], options = {}, keys = KEYS): number[] {
  const picker = consistentHash({ key, ...options }).picker(list, testHost());
  return keys.map((text) => portOf(picker.pick(callOf(text), FRESH)));
}

describe("consist", () => {
  it("moves only the keys of an instance that leaves, and those are about 1/n", () => {
    for (const n of [3, 10, 25]) {
      const list = weighted(...Array<number>(n).fill(10));
      const before = owners(list);
      for (const gone of [1, n]) {
        const after = owners(list.filter((one) => portOf(one) !== gone));
        let moved = 0;
        for (const [i, port] of before.entries()) {
          if (port === gone) moved++;
          else assertEquals(after[i], port);
        }
        assert(moved <= KEYS.length / n * 1.25, `${moved} of ${n}`);
      }
    }
  });

  it("moves to a new instance only keys of others, never between others", () => {
    const before = owners(weighted(10, 10, 10, 10));
    const after = owners(weighted(10, 10, 10, 10, 10));
    assert(before.every((port, i) => after[i] === port || after[i] === 5));
  });

  it("gives keys by weight, and evenly with `weighted: false`", () => {
    const share = (found: number[], port: number): number => found.filter((one) => one === port).length / KEYS.length;
    const byWeight = owners(weighted(10, 20, 30));
    for (const i of [1, 2, 3]) assert(Math.abs(share(byWeight, i) - i / 6) < 0.04, `${share(byWeight, i)}`);
    const evenly = owners(weighted(10, 20, 30), { weighted: false, virtualFactor: 1000 });
    for (const i of [1, 2, 3]) assert(Math.abs(share(evenly, i) - 1 / 3) < 0.05, `${share(evenly, i)}`);
  });

  it("maps keys by nothing but addresses and weights: not by order, random numbers or the process", () => {
    const list = weighted(10, 20, 30);
    assertEquals(owners(list.toReversed()), owners(list));
    assertEquals(owners(list, {}, ["a", "b", "c", "d", "日本"]), [2, 1, 2, 2, 2]);
  });

  it("finds no instance for an empty key", () => {
    assertEquals(owners(weighted(10), {}, [""]), [0]);
  });

  it("keeps its ring small, however large weights are", () => {
    const found = owners([instance(1, { weight: 1e9 }), instance(2, { weight: 1e9 }), instance(3, { weight: 1 })]);
    const first = found.filter((port) => port === 1).length;
    assert(Math.abs(first / KEYS.length - 0.5) < 0.02, `${first}`);
  });

  it("refuses options out of range", () => {
    for (const options of [{ virtualFactor: 0 }, { virtualFactor: 1.5 }, { boundedLoad: 1 }, { boundedLoad: NaN }]) {
      assertThrows(() => consistentHash({ key, ...options }), RpcError);
    }
  });
});

describe("consist with bounded load", () => {
  it("never gives an instance more than `boundedLoad` times its fair share of the calls under way, rounded up", () => {
    const list = weighted(10, 10, 20, 10);
    const picker = consistentHash({ key, boundedLoad: 1.25 }).picker(list, testHost());
    const running = new Map(list.map((one) => [one, 0]));
    for (let total = 1; total <= 400; total++) {
      const chosen = picker.pick(callOf(`hot-${total % 3}`), FRESH)!;
      picker.begun!(chosen);
      running.set(chosen, running.get(chosen)! + 1);
      assert(
        running.get(chosen)! <= Math.ceil(1.25 * total * chosen.weight / 50),
        `${running.get(chosen)} of ${total}`,
      );
    }
  });

  it("keeps to that bound while calls end and keys are hot, and leaves keys at home while there is room", () => {
    const random = randomOf(81);
    const list = weighted(5, 10, 10, 25, 50);
    const balancer = consistentHash({ key, boundedLoad: 1.5 });
    const picker = balancer.picker(list, testHost());
    const plain = consistentHash({ key }).picker(list, testHost());
    const running = new Map(list.map((one) => [one, 0]));
    const open: Instance[] = [];
    let away = 0;
    for (let i = 0; i < 20_000; i++) {
      if (open.length > 0 && random() < (open.length > 200 ? 0.6 : 0.45)) {
        const [one] = open.splice(Math.floor(random() * open.length), 1) as [Instance];
        picker.ended!(one, { elapsedMs: 1, error: undefined });
        running.set(one, running.get(one)! - 1);
        continue;
      }
      const call = callOf(`key-${Math.floor(random() ** 12 * 50)}`); // few keys have most of the calls
      const bound = (one: Instance): number => Math.ceil(1.5 * (open.length + 1) * one.weight / 100);
      const [chosen, home] = [picker.pick(call, FRESH)!, plain.pick(call, FRESH)!];
      if (running.get(home)! < bound(home)) assertEquals(chosen, home);
      else away++;
      assert(running.get(chosen)! < bound(chosen), `${running.get(chosen)} of ${bound(chosen)}`);
      picker.begun!(chosen);
      running.set(chosen, running.get(chosen)! + 1);
      open.push(chosen);
    }
    assert(away > 500, `${away}`);
  });

  it("sends a key home again as soon as there is room", () => {
    const picker = consistentHash({ key, boundedLoad: 1.25 }).picker(weighted(10, 10, 10), testHost());
    const home = picker.pick(callOf("k"), FRESH)!;
    picker.begun!(home);
    const away = picker.pick(callOf("k"), FRESH)!;
    assert(away !== home);
    picker.ended!(home, { elapsedMs: 1, error: undefined });
    assertEquals(picker.pick(callOf("k"), FRESH), home);
  });

  it("remembers calls under way over a new list", () => {
    const balancer = consistentHash({ key, boundedLoad: 1.25 });
    const list = weighted(10, 10, 10);
    const before = balancer.picker(list, testHost());
    const home = before.pick(callOf("k"), FRESH)!;
    before.begun!(home);
    const after = balancer.picker(weighted(10, 10, 10, 1), testHost(), before);
    assert(after.pick(callOf("k"), FRESH)!.address !== home.address);
  });
});
