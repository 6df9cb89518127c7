/**
 * Field keys that every object seems to have (`constructor`, `__proto__` ...), read and written as what they are.
 *
 * @module
 */

/** The field `key` of a value; what the value merely inherits from `Object.prototype` does not count. */
export function fieldValue(value: object, key: string): unknown {
  if (key in Object.prototype && !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** Sets the field `key` of a new plain object, also where plain assignment would change its prototype. */
export function setField(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
