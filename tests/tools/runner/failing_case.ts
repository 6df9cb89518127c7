/**
 * For the runner's own tests: one case fails.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

describe("outer", () => {
  it("passes", () => {});
  it("fails", () => assertEquals("left", "right"));
});
