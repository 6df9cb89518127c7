/**
 * For the runner's own tests: a hook fails though all cases pass.
 *
 * @module
 */
import { afterAll, describe, it } from "@std/testing/bdd";

describe("outer", () => {
  afterAll(() => {
    throw new Error("thrown by a hook");
  });
  it("passes", () => {});
});
