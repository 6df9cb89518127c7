/**
 * For the runner's own tests: fails while it is loaded.
 *
 * @module
 */
import { it } from "@std/testing/bdd";

it("would pass", () => {});
throw new Error("thrown at the top");
