/**
 * For the runner's own tests: nobody catches a rejection.
 *
 * @module
 */
import { it } from "@std/testing/bdd";

it("rejects beside the test", async () => {
  void Promise.reject(new Error("nobody catches this"));
  await new Promise((resolve) => setTimeout(resolve, 50));
});
