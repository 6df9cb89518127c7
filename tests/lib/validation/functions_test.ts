import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { add, concat, equal, int64Of, lengthOf, mod, nowUnixNano } from "../../../lib/validation/functions.ts";
import { MAX_VIOLATIONS, showValue, violate, within } from "../../../lib/validation/report.ts";
import type { Violation } from "../../../lib/schema/violation.ts";

describe("tool functions", () => {
  it("take numbers of either kind for what they mean", () => {
    assertEquals([add(1, 2), add(1n, 2n), add(1, 2n), add(0.5, 2n), add(2n ** 62n, 1)], [
      3,
      3n,
      3n,
      2.5,
      2n ** 62n + 1n,
    ]);
    assertEquals([mod(-7, 3), mod(-7n, 3), mod(7, 3n), mod(7n, 0n), mod(7, 0)], [-1, -1n, 1n, NaN, NaN]);
    assert(Object.is(mod(-4, 2), 0));
    assertEquals([equal(1, 1n), equal(2 ** 53, 2n ** 53n + 1n), equal(NaN, NaN), equal("a", "a")], [
      true,
      false,
      false,
      true,
    ]);
    assertEquals(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
    assertEquals([int64Of("-9223372036854775808"), int64Of("9223372036854775808"), int64Of("x"), int64Of(1)], [
      -(2n ** 63n),
      undefined,
      undefined,
      undefined,
    ]);
  });
  it("give nothing for what is absent", () => {
    assertEquals(
      [add(1, undefined), mod(null, 1), equal(undefined, undefined), concat("a", undefined), lengthOf(null)],
      new Array(5).fill(undefined),
    );
  });
  it("measure strings in bytes and containers in elements", () => {
    const values = ["é", Uint8Array.of(1, 2, 3), [1], new Set([1, 2]), new Map([[1, 1]]), { a: 1, b: 2 }];
    assertEquals(values.map(lengthOf), [2, 3, 1, 2, 1, 2]);
  });
  it("tell the time in nanoseconds", () => {
    const now = nowUnixNano();
    assert(now > 1_700_000_000_000_000_000n && now < 2n ** 63n);
  });
});

describe("violations", () => {
  it("are listed up to a limit, with values that are short", () => {
    const found: Violation[] = [];
    for (let i = 0; i < MAX_VIOLATIONS + 50; i++) violate(found, `[${i}]`, "gt", "x".repeat(10_000), "must");
    assertEquals(found.length, MAX_VIOLATIONS);
    assert(found.every(({ value }) => value.length <= 64 && value.endsWith("...")));
    const huge = [10n ** 100_000n, -(10n ** 63n), Symbol("x".repeat(100)), "\0".repeat(30), () => {}];
    assert(huge.every((value) => showValue(value).length <= 64));
    assertEquals(showValue(-(2n ** 63n)), "-9223372036854775808");
    assertEquals([undefined, null, 5n, "a\n", [1, 2], new Uint8Array(3), {}].map(showValue), [
      "absent",
      "absent",
      "5",
      '"a\\n"',
      "a list of 2",
      "3 bytes",
      "an object",
    ]);
  });
  it("get the path of the struct they are in", () => {
    const found: Violation[] = [];
    for (const path of ["a", "", "[0].b"]) violate(found, path, "gt", 1, "must");
    within(found, 0, "outer");
    assertEquals(found.map(({ path }) => path), ["outer.a", "outer", "outer[0].b"]);
  });
});
