/**
 * Stand-in for `@std/assert` where only npm can be reached: the part in use, on `node:assert`.
 *
 * @module
 */
import assertNode from "node:assert/strict";

/** Fails unless `value` is truthy. */
export function assert(value: unknown, message?: string): asserts value {
  assertNode.ok(value, message);
}
/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assertNode.deepEqual(actual, expected, message);
}
/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assertNode.notDeepEqual(actual, expected, message);
}
/** Fails unless both are the same value. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  assertNode.equal(actual, expected, message);
}
/** Fails unless `value` is an instance of `type`. */
export function assertInstanceOf<T extends abstract new (...args: never[]) => unknown>(
  value: unknown,
  type: T,
  message = `expected an instance of ${type.name}`,
): asserts value is InstanceType<T> {
  assertNode.ok(value instanceof type, message);
}
/** Fails unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string, message?: string): void {
  assertNode.ok(
    text.includes(part),
    message ??
      `expected ${JSON.stringify(text)} to contain ${JSON.stringify(part)}`,
  );
}
/** Fails unless `text` matches. */
export function assertMatch(text: string, pattern: RegExp, message?: string): void {
  assertNode.match(text, pattern, message);
}
/** Fails. */
export function fail(message?: string): never {
  assertNode.fail(message);
}
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;
function check<E extends Error>(error: unknown, type?: ErrorClass<E>, part?: string): E {
  if (type) {
    assertNode.ok(error instanceof type, `expected ${type.name}, got ${String(error)}`);
  }
  if (part !== undefined) {
    assertStringIncludes(error instanceof Error ? error.message : String(error), part);
  }
  return error as E;
}
const NOTHING = Symbol();
/** Fails unless `fn` throws; gives the error. */
export function assertThrows<E extends Error = Error>(fn: () => unknown, type?: ErrorClass<E>, part?: string): E {
  let error: unknown = NOTHING;
  try {
    fn();
  } catch (thrown) {
    error = thrown;
  }
  assertNode.ok(error !== NOTHING, "expected a throw");
  return check(error, type, part);
}
/** Fails unless the promise of `fn` rejects; gives the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type?: ErrorClass<E>,
  part?: string,
): Promise<E> {
  let error: unknown = NOTHING;
  try {
    await fn();
  } catch (thrown) {
    error = thrown;
  }
  assertNode.ok(error !== NOTHING, "expected a rejection");
  return check(error, type, part);
}
