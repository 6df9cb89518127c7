import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EventTrace } from "../../../../codecs/grpc/channelz/event_trace.ts";

describe("EventTrace", () => {
  it("keeps the last events, and counts all", () => {
    let nowMs = 0;
    const trace = new EventTrace(2, () => nowMs++);
    for (const text of ["a", "b", "c"]) trace.add(text);
    assertEquals([trace.createdMs, trace.logged], [0, 3]);
    assertEquals(trace.events.map(({ atMs, description }) => [atMs, description]), [[2, "b"], [3, "c"]]);
  });

  it("keeps none where none are wanted", () => {
    const trace = new EventTrace(0, () => 0);
    trace.add("a");
    assertEquals([trace.logged, trace.events.length], [1, 0]);
  });

  it("keeps no text that is long", () => {
    const trace = new EventTrace(1, () => 0);
    trace.add("x".repeat(10_000));
    assertEquals(trace.events[0]!.description.length, 500);
  });
});
