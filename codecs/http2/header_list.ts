/**
 * A list of header fields: what a header block holds. Names and values lie in one array in turn, in their order.
 *
 * Lists that stay the same are worth keeping and sending again: the encoder then copies what it wrote before. Likewise
 * the decoder gives the same sealed list for a block it has seen before, and `memo` may hold what was made of it.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { faultOf, Mark, markName, markValue } from "./field.ts";

/** What RFC 9113 §6.5.2 adds to the octets of each field's name and value. */
export const FIELD_OVERHEAD = 32;
/** Bit of `seen` for a field that is no pseudo-header field. */
const REGULAR_SEEN = 1;
const PSEUDO_SEEN = (1 << Mark.METHOD) | (1 << Mark.SCHEME) | (1 << Mark.PATH) | (1 << Mark.AUTHORITY) |
  (1 << Mark.STATUS);

/** Header fields in order. Strings have one char per octet. */
export class HeaderList {
  /** Name, value, name, value ... Read it only; `add` is what fills it. */
  readonly fields: string[] = [];
  /** Size as RFC 9113 §6.5.2 counts it: 32 more than the octets of name and value, for each field. */
  octets = 0;
  /** True if nothing can be added: the decoder's lists are, since they may be shared. */
  sealed = false;
  /** True if the list was larger than the decoder's limit: it holds only what fitted. */
  tooLarge = false;
  /** Bit set of `1 << Mark`: which of the fields with rules of their own are there; bit 0 for all regular ones. */
  seen = 0;
  /** The first rule for fields that a received list breaks (RFC 9113 §8.2, §8.3); `undefined` if it breaks none. */
  fault: string | undefined = undefined;
  /** For the reader of the list: what it made of it. Lives as long as the list, which may come again. */
  memo: unknown = undefined;
  /** How often it was encoded; the encoder's. */
  uses = 0;
  #sensitive: Set<number> | undefined;

  /** A list of `pairs`; an object's keys are the names. Throws as `add` does. */
  static of(pairs: Iterable<readonly [string, string]> | Readonly<Record<string, string>>): HeaderList {
    const list = new HeaderList();
    const entries = Symbol.iterator in pairs ? pairs as Iterable<readonly [string, string]> : Object.entries(pairs);
    for (const [name, value] of entries) list.add(name, value);
    return list;
  }

  /**
   * Adds a field. `sensitive` keeps it out of every compression table, here and at intermediaries (RFC 7541 §7.1.3).
   * Throws an `RpcError` of kind `"invalid"` for what may not be sent, or if the list is sealed.
   */
  add(name: string, value: string, sensitive = false): this {
    if (this.sealed) throw new RpcError("invalid", "the header list is sealed");
    const mark = markValue(markName(name), value);
    const fault = faultOf(mark, name) ?? this.#misplaced(mark);
    if (fault !== undefined) throw new RpcError("invalid", fault);
    this.push(name, value, mark, sensitive);
    return this;
  }

  /** The decoder's `add`: takes every field and remembers the first fault. `spaceAllowed` forgives white space around a value. */
  receive(name: string, value: string, mark: number, sensitive: boolean, spaceAllowed: boolean): void {
    if (this.fault === undefined) {
      const faults = spaceAllowed ? mark & ~Mark.EDGE_SPACE : mark;
      this.fault = faultOf(faults, name) ?? this.#misplaced(mark);
    }
    this.push(name, value, mark, sensitive);
  }

  /** Adds a field without looking at it. */
  push(name: string, value: string, mark: number, sensitive: boolean): void {
    if (sensitive) (this.#sensitive ??= new Set()).add(this.fields.length);
    this.fields.push(name, value);
    this.octets += name.length + value.length + FIELD_OVERHEAD;
    const which = 1 << (mark & Mark.WHICH);
    this.seen |= (which & PSEUDO_SEEN) !== 0 ? which : which | REGULAR_SEEN;
  }

  /** The first value of the field `name` (lower case); `undefined` if there is none. */
  get(name: string): string | undefined {
    const fields = this.fields;
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] === name) return fields[i + 1];
    }
    return undefined;
  }

  /** All values of the field `name`. */
  getAll(name: string): string[] {
    const fields = this.fields;
    const values: string[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] === name) values.push(fields[i + 1]!);
    }
    return values;
  }

  /** Is there such a field? `mark` is one of `Mark`'s low values, such as `Mark.STATUS`. */
  has(mark: number): boolean {
    return (this.seen & (1 << mark)) !== 0;
  }

  /** How many fields there are. */
  get count(): number {
    return this.fields.length >> 1;
  }

  /** Must the field whose name is `fields[at]` stay out of compression tables? */
  isSensitive(at: number): boolean {
    return this.#sensitive !== undefined && this.#sensitive.has(at);
  }

  /** The fields as pairs. */
  *[Symbol.iterator](): Generator<readonly [string, string]> {
    const fields = this.fields;
    for (let i = 0; i < fields.length; i += 2) yield [fields[i]!, fields[i + 1]!];
  }

  #misplaced(mark: number): string | undefined {
    const which = 1 << (mark & Mark.WHICH);
    if ((which & PSEUDO_SEEN) === 0) {
      if ((this.seen & which) === 0 || (mark & Mark.WHICH) !== Mark.CONTENT_LENGTH) return undefined;
      return "content-length appears twice";
    }
    if ((this.seen & REGULAR_SEEN) !== 0) return "pseudo-header field after a regular one";
    return (this.seen & which) !== 0 ? "pseudo-header field appears twice" : undefined;
  }
}
