/**
 * For the runner's own tests: passes, and skips one.
 *
 * @module
 */
import { describe, it } from "@std/testing/bdd";

describe("outer", () => {
  describe('inner & <"odd">', () => {
    it("passes", () => {});
  });
  it("also passes", async () => {
    await Promise.resolve();
  });
  it("is skipped", { skip: "for the test" }, () => {});
});
