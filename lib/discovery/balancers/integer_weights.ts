/**
 * Weights as small whole numbers of the same proportions, for balancers whose memory grows with the sum of them.
 *
 * @module
 */
import type { Instance } from "../instance.ts";

/** Longest round of a balancer that goes by whole numbers. */
const MAX_TOTAL = 65_536;

/** What weights with decimals are multiplied with to be whole, if that is enough. */
const SCALES = [1, 10, 100, 1000];

/**
 * A whole number from 1 up for each instance, divided by what they have in common. Weights that add up to more than
 * 65,536 then, or have more than three decimals, are rounded to parts of about that.
 */
export function integerWeights(instances: readonly Instance[]): Uint32Array {
  const weights = instances.map(({ weight }) => weight);
  for (const scale of SCALES) {
    const whole = weights.map((weight) => Math.round(weight * scale));
    if (whole.some((number, i) => number !== weights[i]! * scale || !Number.isSafeInteger(number))) continue;
    const exact = divided(whole);
    if (sum(exact) <= MAX_TOTAL) return Uint32Array.from(exact);
  }
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const parts = MAX_TOTAL / sum(weights.map((weight) => weight / largest));
  return Uint32Array.from(divided(weights.map((weight) => Math.max(1, Math.floor(weight / largest * parts)))));
}

/** The sum of numbers. */
export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

function divided(weights: readonly number[]): number[] {
  const common = weights.reduce(commonDivisor, 0);
  return weights.map((weight) => weight / common);
}

function commonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
