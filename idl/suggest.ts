/**
 * "Did you mean": the known word nearest to a mistyped one.
 *
 * @module
 */
import { nearestName } from "../lib/schema/nearest_name.ts";

/** A suggestion naming the candidate nearest to `word`, or `undefined` if none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const name = nearestName(word, candidates);
  return name === undefined ? undefined : `did you mean ${name}?`;
}
