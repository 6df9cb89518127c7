/**
 * Stand-in for `@std/testing/bdd` where only npm can be reached: the part in use, on `node:test`.
 *
 * @module
 */
export { after as afterAll, afterEach, before as beforeAll, beforeEach, describe, it } from "node:test";

// Deno's `node:test` passes over what nobody caught, even an error at the top of a test file: end the run instead.
const { Deno } = globalThis as {
  Deno?: { pid: number; kill(pid: number, signal: string): void };
};
if (Deno) {
  const end = (what: string, reason: unknown): void => {
    console.error(`uncaught ${what} ends the tests of this file:`, reason);
    queueMicrotask(() => Deno.kill(Deno.pid, "SIGABRT"));
  };
  addEventListener("unhandledrejection", (event) => end("rejection", event.reason));
  addEventListener("error", (event) => end("error", event.error));
}
