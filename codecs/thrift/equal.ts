/**
 * What generated `equalX` functions call for values that are not simply the same.
 *
 * @module
 */

/** Are both the same bytes? */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Are both lists of the same length, equal element by element? */
export function equalLists<T>(a: readonly T[], b: readonly T[], equal: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => equal(x, b[i] as T));
}

/**
 * Does each set hold what the other does, in any order? With `equal`, elements are objects: each is matched with one of the
 * other set, which takes time that grows with the square of the size unless they come in the same order.
 */
export function equalSets<T>(a: ReadonlySet<T>, b: ReadonlySet<T>, equal?: (x: T, y: T) => boolean): boolean {
  if (a.size !== b.size) return false;
  if (equal !== undefined) return matchAll([...a], [...b], equal);
  for (const x of a) if (!b.has(x)) return false;
  return true;
}

/** Have both maps equal values at equal keys, in any order? With `equalKey`, keys are objects: see `equalSets`. */
export function equalMaps<K, V>(
  a: ReadonlyMap<K, V>,
  b: ReadonlyMap<K, V>,
  equal: (x: V, y: V) => boolean,
  equalKey?: (x: K, y: K) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  if (equalKey !== undefined) {
    return matchAll([...a], [...b], ([xKey, x], [yKey, y]) => equalKey(xKey, yKey) && equal(x, y));
  }
  for (const [key, x] of a) if (!b.has(key) || !equal(x, b.get(key) as V)) return false;
  return true;
}

/** Have both objects equal values at the same own keys, in any order? */
export function equalObjects<V>(
  a: Readonly<Record<string, V>>,
  b: Readonly<Record<string, V>>,
  equal: (x: V, y: V) => boolean,
): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key] as V, b[key] as V));
}

/** Finds for each of `a` another one of `b`; being equal must be transitive. */
function matchAll<T>(a: readonly T[], b: readonly T[], equal: (x: T, y: T) => boolean): boolean {
  const rest = [...b];
  return a.every((x) => {
    const at = rest.findIndex((y) => equal(x, y));
    if (at < 0) return false;
    rest.splice(at, 1);
    return true;
  });
}
