/**
 * What breaks the rules that an IDL gives for values, and the functions that find it.
 *
 * @module
 */
import type { ServiceSchema } from "./service.ts";

/** One rule that a value breaks. */
export interface Violation {
  /**
   * Where the value is, from the struct that was checked: `lines[0].count`, `prices["tea"]`, `prices key "tea"`. Empty for
   * a rule about that struct itself.
   */
  readonly path: string;
  /** The rule as the IDL names it, without `vt.` and without the path to an inner value: `min_size`. */
  readonly rule: string;
  /** The value as text, 64 characters of it at most; the size of a container. */
  readonly value: string;
  /** What the rule asks for: `must be greater than 0`. 200 characters at most. */
  readonly message: string;
}

/**
 * Finds all rules that a value breaks; 1,000 are listed at most. Parts that do not fit their type are not looked at: that
 * is for the codec to refuse. `found` gets the violations and is given back, a new list by default; `depth` is for generated
 * code. Throws nothing by itself.
 */
export type Validator<T> = (value: T, found?: Violation[], depth?: number) => Violation[];

/** The validators of a method; absent where its IDL has no rules. */
export interface MethodValidators {
  /** Checks the arguments, one property each. */
  args?(args: Record<string, unknown>, found?: Violation[]): Violation[];
  /** Checks the returned value. */
  result?(value: unknown, found?: Violation[]): Violation[];
}

/** The validators of a service. */
export interface ServiceValidators {
  /** The service. */
  readonly service: ServiceSchema;
  /** Those of its methods that have rules, by name in the IDL; those of its base services included. */
  readonly methods: Readonly<Record<string, MethodValidators>>;
}
