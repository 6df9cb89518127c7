import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { doubting } from "../../../lib/discovery/doubt.ts";
import { createInstance } from "../../../lib/discovery/instance.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { Heard } from "./heard.ts";

const ONE = [createInstance({ address: "10.0.0.1:1" })];
const TWO = [createInstance({ address: "10.0.0.2:2" })];
const LOST = new RpcError("connect", "lost");

function start() {
  const clock = new ManualClock();
  const heard = new Heard();
  return { clock, heard, sink: doubting(heard, clock) };
}

describe("doubting", () => {
  it("passes an empty list on at once where the registry was not away, or there was none before", () => {
    const { heard, sink } = start();
    sink.update([]);
    sink.failed(LOST);
    sink.update([]);
    sink.update(ONE);
    sink.update([]);
    sink.failed(LOST);
    sink.update([]);
    assertEquals(heard.told, ["", "! lost", "", "10.0.0.1:1", "", "! lost", ""]);
  });

  it("keeps the list while a registry that was away says that it is empty, for a minute", () => {
    const { clock, heard, sink } = start();
    sink.update(ONE);
    sink.failed(LOST);
    sink.update([]);
    clock.advance(30_000);
    sink.update([]);
    clock.advance(29_999);
    assertEquals(heard.told, ["10.0.0.1:1", "! lost"]);
    clock.advance(1);
    assertEquals([heard.told.at(-1), clock.pending], ["", 0]);
    sink.update(TWO);
    sink.update([]);
    assertEquals(heard.told.slice(-2), ["10.0.0.2:2", ""]);
  });

  it("forgets its doubt with the next instance", () => {
    const { clock, heard, sink } = start();
    sink.update(ONE);
    sink.failed(LOST);
    sink.update([]);
    sink.update(TWO);
    assertEquals([heard.told.at(-1), clock.pending], ["10.0.0.2:2", 0]);
    sink.update([]);
    assertEquals(heard.told.at(-1), "");
  });

  it("tells nothing and leaves no timer once it is closed", () => {
    const { clock, heard, sink } = start();
    sink.update(ONE);
    sink.failed(LOST);
    sink.update([]);
    sink.close();
    clock.advance(120_000);
    assertEquals([heard.told.length, clock.pending], [2, 0]);
  });
});
