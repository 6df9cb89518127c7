/**
 * The annotation `updraft.reserved = "3, 5-7, old_name"`: ids, numbers and names that are not to be used again.
 *
 * @module
 */
import { type AnnotationMap, annotationsOf } from "../model.ts";
import type { AnnotationNode } from "../ast.ts";

/** The annotation's key, on structs, unions, exceptions and enums. */
export const RESERVED_ANNOTATION = "updraft.reserved";

/** What is reserved. */
export interface Reservations {
  /** Is there anything? */
  readonly any: boolean;
  /** Is the id or number among it? */
  hasNumber(number: number): boolean;
  /** Is the name among it? */
  hasName(name: string): boolean;
  /** What of it is neither in `later` nor taken for `used`, as it would be written. */
  missingIn(later: Reservations, used: (what: number | string) => boolean): string[];
  /** The numbers, as ranges. */
  readonly ranges: readonly NumberRange[];
}

/** Numbers from the first to the second. */
type NumberRange = readonly [low: number, high: number];

/** Reads the annotation from a list of them. */
export function reservationsOf(nodes: readonly AnnotationNode[]): Reservations {
  return readReservations(annotationsOf(nodes));
}

function readReservations(annotations: AnnotationMap): Reservations {
  const parts = (annotations.get(RESERVED_ANNOTATION) ?? []).flatMap((value) => value.split(/[\s,;]+/));
  const ranges: NumberRange[] = [];
  const names = new Set<string>();
  for (const part of parts) {
    const range = /^(-?\d+)(?:-(-?\d+))?$/.exec(part);
    if (range !== null) ranges.push([Number(range[1]), Number(range[2] ?? range[1])]);
    else if (part !== "") names.add(part);
  }
  return {
    any: ranges.length + names.size > 0,
    hasNumber: (number) => ranges.some(([low, high]) => low <= number && number <= high),
    hasName: (name) => names.has(name),
    missingIn: (later, used) => [
      ...ranges.flatMap((range) => uncovered(range, later.ranges))
        .filter(([low, high]) => low !== high || !used(low))
        .map(([low, high]) => low === high ? `${low}` : `${low}-${high}`),
      ...[...names].filter((name) => !later.hasName(name) && !used(name)),
    ],
    ranges,
  };
}

/** The parts of a range that no other covers. */
function uncovered([low, high]: NumberRange, others: readonly NumberRange[]): NumberRange[] {
  const parts: NumberRange[] = [];
  let next = low;
  for (const [from, to] of [...others].sort((a, b) => a[0] - b[0])) {
    if (from > high) break;
    if (from > next) parts.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  return next > high ? parts : [...parts, [next, high]];
}
