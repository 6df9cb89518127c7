import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Picker } from "../../../../lib/discovery/balancer.ts";
import { pickFirst } from "../../../../lib/discovery/balancers/pick_first.ts";
import { readyOnly } from "../../../../lib/discovery/balancers/ready_only.ts";
import { roundRobin, weightedRoundRobin } from "../../../../lib/discovery/balancers/round_robin.ts";
import { callOf, FRESH, instance, managed, portOf, testHost, weighted } from "./host.ts";

const ports = (picker: Picker, times: number): number[] =>
  Array.from({ length: times }, () => portOf(picker.pick(callOf(), FRESH))).sort();

describe("readyOnly", () => {
  it("connects to all, chooses among those that are ready, and by the balancer's own law", () => {
    const { host, set, connected } = managed();
    const picker = readyOnly(weightedRoundRobin()).picker(weighted(1, 2, 1), host);
    assertEquals([picker.state, connected(), picker.pick(callOf(), FRESH)], ["connecting", [1, 2, 3], undefined]);
    set(picker, 1, "ready");
    set(picker, 2, "ready");
    assertEquals([picker.state, ports(picker, 3)], ["ready", [1, 2, 2]]);
    set(picker, 2, "idle");
    assertEquals(ports(picker, 3), [1, 1, 1]);
  });

  it("connects again where a connection was lost", () => {
    const { host, set, connected } = managed();
    const picker = roundRobin().picker(weighted(1), host);
    set(picker, 1, "ready");
    set(picker, 1, "idle");
    assertEquals([connected(), picker.state], [[1, 1], "connecting"]);
  });

  it("has failed when all have, and until one is ready", () => {
    const { host, set } = managed();
    const picker = roundRobin().picker(weighted(1, 1), host);
    set(picker, 1, "transient-failure");
    assertEquals(picker.state, "connecting");
    set(picker, 2, "transient-failure");
    assertEquals(picker.state, "transient-failure");
    set(picker, 1, "idle");
    assertEquals(picker.state, "transient-failure");
    set(picker, 1, "ready");
    assertEquals(picker.state, "ready");
  });

  it("keeps what it knows when the list changes", () => {
    const { host, set } = managed();
    const list = weighted(1, 1);
    const before = roundRobin().picker(list, host);
    set(before, 1, "transient-failure");
    set(before, 2, "ready");
    const after = roundRobin().picker([...list, instance(3)], host, before);
    assertEquals([after.state, ports(after, 2)], ["ready", [2, 2]]);
    assertEquals(roundRobin().picker([], host, after).state, "transient-failure");
  });

  it("is the balancer itself where connections are not managed", () => {
    const picker = roundRobin().picker(weighted(1, 1), testHost());
    assertEquals([picker.state, ports(picker, 4)], [undefined, [1, 1, 2, 2]]);
  });
});

describe("pickFirst over managed connections", () => {
  it("tries one after the other and keeps to the first that is ready", () => {
    const { host, set, connected } = managed();
    const picker = pickFirst().picker(weighted(1, 1, 1), host);
    assertEquals([connected(), picker.state], [[1], "connecting"]);
    set(picker, 1, "transient-failure");
    assertEquals(connected(), [1, 2]);
    set(picker, 2, "ready");
    set(picker, 1, "ready");
    assertEquals([picker.state, ports(picker, 2), connected()], ["ready", [2, 2], [1, 2]]);
  });

  it("is idle when its connection is lost, until a call asks", () => {
    const { host, set, connected } = managed();
    const picker = pickFirst().picker(weighted(1, 1), host);
    set(picker, 1, "ready");
    set(picker, 1, "idle");
    assertEquals([picker.state, connected()], ["idle", [1]]);
    assertEquals([picker.pick(callOf(), FRESH), picker.state, connected()], [undefined, "connecting", [1, 1]]);
  });

  it("passes over those that failed just now, and tries all again when none is left", () => {
    const { host, set, connected } = managed();
    const picker = pickFirst().picker(weighted(1, 1), host);
    set(picker, 2, "transient-failure");
    set(picker, 1, "transient-failure");
    assertEquals([picker.state, connected()], ["transient-failure", [1]]);
    set(picker, 2, "idle");
    assertEquals([picker.state, connected()], ["transient-failure", [1, 2]]);
    set(picker, 2, "ready");
    assertEquals([picker.state, ports(picker, 1)], ["ready", [2]]);
  });

  it("keeps its instance when the list changes, as long as that is in it", () => {
    const { host, set, connected } = managed();
    const list = weighted(1, 1);
    const before = pickFirst().picker(list, host);
    set(before, 1, "ready");
    const after = pickFirst().picker([instance(3), list[0]!], host, before);
    assertEquals([after.state, ports(after, 1)], ["ready", [1]]);
    const last = pickFirst().picker([instance(3)], host, after);
    assertEquals([last.state, connected()], ["connecting", [1, 3]]);
  });

  it("goes through the list in a random order if it is told to", () => {
    const { host, connected } = managed();
    pickFirst({ shuffle: true }).picker(weighted(1, 1, 1), { ...host, random: () => 0 });
    assertEquals(connected(), [2]);
  });

  it("has failed at once where there is nothing to connect to", () => {
    assertEquals(pickFirst().picker([], managed().host).state, "transient-failure");
  });
});
