/**
 * Stand-in for `@std/testing/bdd` where only npm can be reached: the part in use, on `node:test`.
 *
 * @module
 */
export { after as afterAll, afterEach, before as beforeAll, beforeEach, describe, it } from "node:test";
