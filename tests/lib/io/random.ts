/**
 * Seeded random numbers, so that a failing run can be had again.
 *
 * @module
 */

/** A generator of integers in `[0, below)`. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
