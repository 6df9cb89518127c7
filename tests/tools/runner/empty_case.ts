/**
 * For the runner's own tests: has no test.
 *
 * @module
 */
export {};
