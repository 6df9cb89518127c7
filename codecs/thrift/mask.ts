/**
 * What generated `maskX` functions call for containers, and the types of their masks.
 *
 * A mask says what to keep: `true` for all of something, or a mask of its parts.
 *
 * @module
 */

/** What to keep of a list. */
export interface ListMask<M> {
  /** Positions to keep, from 0. Default: all. */
  readonly only?: readonly number[] | undefined;
  /** What to keep of each element. Default: all. */
  readonly each?: M | undefined;
}

/** What to keep of a set. */
export interface SetMask<M> {
  /** What to keep of each element. Default: all. */
  readonly each?: M | undefined;
}

/** What to keep of a map. */
export interface MapMask<K, M> {
  /** Keys to keep. Default: all. */
  readonly only?: readonly K[] | undefined;
  /** What to keep of each value. Default: all. */
  readonly each?: M | undefined;
}

/** The part of a list that a mask keeps, in order. */
export function maskList<T, M>(list: readonly T[], mask: ListMask<M>, part: (value: T, mask: M) => T): T[] {
  const { each } = mask;
  const only = mask.only && new Set(mask.only);
  const kept = only === undefined ? list : list.filter((_, i) => only.has(i));
  return each === undefined ? [...kept] : kept.map((value) => part(value, each));
}

/** The part of a set that a mask keeps. */
export function maskSet<T, M>(set: ReadonlySet<T>, mask: SetMask<M>, part: (value: T, mask: M) => T): Set<T> {
  const { each } = mask;
  return each === undefined ? new Set(set) : new Set(Array.from(set, (value) => part(value, each)));
}

/** The part of a map that a mask keeps, in order. */
export function maskMap<K, V, M>(
  map: ReadonlyMap<K, V>,
  mask: MapMask<K, M>,
  part: (value: V, mask: M) => V,
): Map<K, V> {
  const { each } = mask;
  const only = mask.only && new Set(mask.only);
  const kept = new Map<K, V>();
  for (const [key, value] of map) {
    if (only === undefined || only.has(key)) kept.set(key, each === undefined ? value : part(value, each));
  }
  return kept;
}

/** The part of a map held as an object that a mask keeps, in order. */
export function maskObject<V, M>(
  object: Readonly<Record<string, V>>,
  mask: MapMask<string, M>,
  part: (value: V, mask: M) => V,
): Record<string, V> {
  const kept: Record<string, V> = Object.create(null);
  for (const [key, value] of maskMap(new Map(Object.entries(object)), mask, part)) kept[key] = value;
  return kept;
}
