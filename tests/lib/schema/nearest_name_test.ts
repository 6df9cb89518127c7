import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { nearestName } from "../../../lib/schema/nearest_name.ts";

describe("nearestName", () => {
  it("has few mistakes for its length, and is the first of the best", () => {
    const cases: readonly [name: string, near: string | undefined][] = [
      ["helo", "hello"],
      ["HELLO", "hello"],
      ["hellos", "hello"],
      ["jello", "hello"],
      ["hlep", "help"],
      ["hull", undefined],
      ["a", "b"],
      ["xyz", undefined],
      ["goodbye", undefined],
    ];
    for (const [name, near] of cases) {
      const candidates = ["hello", "help", "a much longer name", "b"];
      assertEquals(nearestName(name, candidates.filter((each) => each !== name)), near, name);
    }
  });
});
