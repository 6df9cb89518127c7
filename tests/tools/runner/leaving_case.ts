/**
 * For the runner's own tests: leaves the process in the middle, with success.
 *
 * @module
 */
import { it } from "@std/testing/bdd";
import process from "node:process";

it("passes", () => {});
it("leaves", () => process.exit(0));
it("is not reached", () => {});
