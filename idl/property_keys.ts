/**
 * The property names in TypeScript of what the IDL names: fields, parameters, methods.
 *
 * A name is kept as it is, except where an object seems to have it already; then underscores are added behind it until
 * it is free.
 *
 * @module
 */
import type { RecordKind } from "./shapes.ts";

/** What every object inherits. */
const OBJECT_NAMES = [
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "__proto__",
];

/** What an instance of a generated exception has beside its fields. */
const EXCEPTION_NAMES = ["name", "stack", "cause", "schema"];

/** The keys of a list of fields, in order. */
export function fieldKeys(
  kind: RecordKind,
  fields: readonly { readonly name: string; readonly isPlainString: boolean }[],
): string[] {
  const reserved = kind === "exception" ? [...OBJECT_NAMES, ...EXCEPTION_NAMES] : OBJECT_NAMES;
  const taken = new Set(fields.map((field) => field.name));
  return fields.map(({ name, isPlainString }) => {
    // an Error's message is a string that is always there
    const isMessage = kind === "exception" && name === "message" && !isPlainString;
    return reserved.includes(name) || isMessage ? free(name, taken) : name;
  });
}

/** The keys of the methods that a service itself defines, in order; `inherited` are those of its bases. */
export function methodKeys(names: readonly string[], inherited: ReadonlySet<string>): string[] {
  const taken = new Set([...inherited, ...names]);
  // an object with a method `then` cannot be returned from an async function
  const isFree = (name: string): boolean => !OBJECT_NAMES.includes(name) && name !== "then" && !inherited.has(name);
  return names.map((name) => isFree(name) ? name : free(name, taken));
}

function free(name: string, taken: Set<string>): string {
  let key = name + "_";
  while (taken.has(key)) key += "_";
  taken.add(key);
  return key;
}
