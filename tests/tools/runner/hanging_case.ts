/**
 * For the runner's own tests: never ends.
 *
 * @module
 */
import { it } from "@std/testing/bdd";

it("hangs", () => {
  for (;;);
});
