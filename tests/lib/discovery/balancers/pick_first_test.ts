import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Connectivity } from "../../../../lib/discovery/balancer.ts";
import { pickFirst } from "../../../../lib/discovery/balancers/pick_first.ts";
import type { Instance } from "../../../../lib/discovery/instance.ts";
import { callOf, FRESH, instance, portOf, testHost, weighted } from "./host.ts";

/** A host on which a test says how things stand with ports; not said: idle. */
function standing() {
  const states = new Map<number, Connectivity>();
  const connectivity = (endpoint: Instance["endpoint"]): Connectivity =>
    ("port" in endpoint ? states.get(endpoint.port) : undefined) ?? "idle";
  return { states, host: { ...testHost(), connectivity } };
}

describe("pick_first", () => {
  it("keeps to the first instance while it is connected", () => {
    const { states, host } = standing();
    const picker = pickFirst().picker(weighted(1, 1, 1), host);
    const ports = (["idle", "connecting", "ready", "ready"] as const).map((state) => {
      states.set(1, state);
      return portOf(picker.pick(callOf(), FRESH));
    });
    assertEquals(ports, [1, 1, 1, 1]);
  });

  it("goes on to the next where one cannot be reached, and stays there when the first is back", () => {
    const { states, host } = standing();
    const picker = pickFirst().picker(weighted(1, 1, 1), host);
    states.set(1, "transient-failure");
    assertEquals(portOf(picker.pick(callOf(), FRESH)), 2);
    states.set(1, "ready").set(2, "ready");
    assertEquals(portOf(picker.pick(callOf(), FRESH)), 2);
  });

  it("begins again at the front when the connection is lost", () => {
    const { states, host } = standing();
    const picker = pickFirst().picker(weighted(1, 1), host);
    states.set(1, "transient-failure");
    assertEquals(portOf(picker.pick(callOf(), FRESH)), 2);
    states.set(1, "idle").set(2, "idle");
    assertEquals(portOf(picker.pick(callOf(), FRESH)), 1);
  });

  it("gives a call one that it did not try, and any if it tried all or none can be reached", () => {
    const { states, host } = standing();
    const list = weighted(1, 1);
    const picker = pickFirst().picker(list, host);
    assertEquals(portOf(picker.pick(callOf(), new Set([list[0]!]))), 2);
    assertEquals(portOf(picker.pick(callOf(), new Set(list))), 1);
    states.set(1, "transient-failure").set(2, "transient-failure");
    assertEquals(portOf(picker.pick(callOf(), FRESH)), 1);
    assertEquals(portOf(picker.pick(callOf(), new Set([list[0]!]))), 2);
  });

  it("keeps its instance when the list changes, as long as that is in it", () => {
    const { states, host } = standing();
    states.set(1, "transient-failure").set(2, "ready");
    const before = pickFirst().picker([instance(1), instance(2)], host);
    assertEquals(portOf(before.pick(callOf(), FRESH)), 2);
    const after = pickFirst().picker([instance(3), instance(2)], host, before);
    assertEquals(portOf(after.pick(callOf(), FRESH)), 2);
    const last = pickFirst().picker([instance(3), instance(4)], host, after);
    assertEquals(portOf(last.pick(callOf(), FRESH)), 3);
  });

  it("chooses nothing from an empty list, and none of weight 0", () => {
    const { host } = standing();
    assertEquals(pickFirst().picker([], host).pick(callOf(), FRESH), undefined);
    assertEquals(portOf(pickFirst().picker(weighted(0, 5), host).pick(callOf(), FRESH)), 2);
  });
});
