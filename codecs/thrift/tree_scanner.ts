/**
 * Finds where a message ends, for payloads that can only tell by reading it through: Binary and Compact.
 *
 * Keeps a stack of what is open, and a position that never goes back, so that a message is scanned once however small
 * the pieces it comes in. The position may lie beyond the bytes there are: what is skipped needs not be seen.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Limits } from "./limits.ts";
import type { MessageScanner } from "./payload.ts";
import { isTree, isType, TType } from "./ttype.ts";
import { malformed } from "./underrun.ts";

/** What a grammar gives when more bytes are needed; it consumed nothing then. */
export const MORE = -1;

/** How a payload writes things. All functions look at `c.bytes[c.at]` and on, and move `c.at` over what they consume. */
export interface Grammar {
  /** Consumes the envelope; false if it is not all there. */
  envelope(c: Cursor): boolean;
  /** Consumes a field's header and gives its type, 0 at the end of the struct, or `MORE`. */
  field(c: Cursor): number;
  /** Consumes a value without elements; false if it is not all there. */
  scalar(c: Cursor, ttype: number): boolean;
  /** Consumes the header of a list or set, sets `c.element`, and gives the size or `MORE`. */
  list(c: Cursor): number;
  /** Consumes the header of a map, sets `c.key` and `c.element`, and gives the size or `MORE`. */
  map(c: Cursor): number;
  /** Bytes that every element of the type takes, or 0. */
  fixed(ttype: number): number;
}

/** Where a scanner is. */
export class Cursor {
  /** Limits to keep. */
  readonly limits: Limits;
  /** Bytes of this call. */
  bytes: Uint8Array = NOTHING;
  /** Where the message begins in them. */
  start = 0;
  /** Index of the next byte to look at; may be beyond them. */
  at = 0;
  /** Type of the keys of the map whose header was just read. */
  key = 0;
  /** Type of the elements of the container whose header was just read. */
  element = 0;

  /** Begins with nothing. */
  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** True if `count` bytes are there. */
  has(count: number): boolean {
    return this.bytes.length - this.at >= count;
  }

  /** An error for what is at `at`. */
  fail(what: string): RpcError {
    return malformed(this, what, this.at);
  }

  /** Checks a container's size. */
  checkSize(size: number): void {
    const max = this.limits.maxContainerSize;
    if (size < 0) throw this.fail(`negative container size ${size}`);
    if (size > max) throw this.fail(`container of ${size} elements exceeds ${max}`);
  }

  /** Checks a string's length and moves over it; `header` bytes stand before it. */
  skipString(length: number, header: number): void {
    const max = this.limits.maxStringBytes;
    if (length < 0) throw this.fail(`negative string length ${length}`);
    if (length > max) throw this.fail(`string of ${length} bytes exceeds ${max}`);
    this.at += header + length;
  }
}

/** Scans messages of one connection. */
export class TreeScanner implements MessageScanner {
  /** Where it is. */
  readonly cursor: Cursor;
  readonly #grammar: Grammar;
  /** How far the message is scanned, from its start. */
  #done = 0;
  #inBody = false;
  /** Type of the value whose header is still to come, or 0. */
  #value = 0;
  /** What is open: types of the two alternating elements, and how many are left; -1 for a struct. */
  readonly #first: number[] = [];
  readonly #second: number[] = [];
  readonly #left: number[] = [];

  /** Begins with a message. */
  constructor(grammar: Grammar, limits: Limits) {
    this.#grammar = grammar;
    this.cursor = new Cursor(limits);
  }

  scan(bytes: Uint8Array, start = 0): number {
    const c = this.cursor;
    c.bytes = bytes;
    c.start = start;
    c.at = start + this.#done;
    const ended = this.#scan(c);
    this.#done = c.at - start;
    c.bytes = NOTHING;
    const max = c.limits.maxMessageBytes;
    if (this.#done > max) throw new RpcError("protocol", `message of over ${max} bytes`);
    return ended && c.at <= bytes.length ? c.at : -1;
  }

  reset(): void {
    this.#done = 0;
    this.#inBody = false;
    this.#value = 0;
    this.#first.length = this.#second.length = this.#left.length = 0;
  }

  /** True at the end of the message. */
  #scan(c: Cursor): boolean {
    if (!this.#inBody) {
      if (!this.#grammar.envelope(c)) return false;
      this.#inBody = true;
      this.#push(0, 0, -1);
    }
    const left = this.#left;
    while (left.length > 0) {
      if (this.#value === 0 && !this.#next(c, left.length - 1)) return false;
      if (this.#value !== 0 && !this.#begin(c, this.#value)) return false;
    }
    return true;
  }

  /** Moves on in what is open at `top`: sets the type of the next value, or closes it. False if more is needed. */
  #next(c: Cursor, top: number): boolean {
    const left = this.#left[top]!;
    if (left < 0) {
      const ttype = this.#grammar.field(c);
      if (ttype === MORE) return false;
      if (ttype === TType.STOP) this.#pop();
      this.#value = ttype;
    } else if (left === 0) {
      this.#pop();
    } else {
      this.#left[top] = left - 1;
      this.#value = (left & 1) === 0 ? this.#first[top]! : this.#second[top]!;
    }
    return true;
  }

  /** Consumes a value, or the header of one that has parts. False if more is needed. */
  #begin(c: Cursor, ttype: number): boolean {
    let size: number;
    switch (ttype) {
      case TType.STRUCT:
        this.#open(c, 0, 0, -1);
        break;
      case TType.LIST:
      case TType.SET:
        size = this.#grammar.list(c);
        if (size === MORE) return false;
        this.#elements(c, c.element, c.element, size);
        break;
      case TType.MAP:
        size = this.#grammar.map(c);
        if (size === MORE) return false;
        this.#elements(c, c.key, c.element, size * 2);
        break;
      default:
        if (!this.#grammar.scalar(c, ttype)) return false;
    }
    this.#value = 0;
    return true;
  }

  #elements(c: Cursor, first: number, second: number, count: number): void {
    if (count === 0) return;
    if (!isType(first) || !isType(second)) throw c.fail(`unknown type ${isType(first) ? second : first}`);
    const firstBytes = this.#grammar.fixed(first);
    const secondBytes = this.#grammar.fixed(second);
    if (firstBytes > 0 && secondBytes > 0) c.at += (firstBytes + secondBytes) * (count / 2);
    else if (isTree(first) || isTree(second)) this.#open(c, first, second, count);
    else this.#push(first, second, count);
  }

  #open(c: Cursor, first: number, second: number, left: number): void {
    if (this.#left.length > c.limits.maxDepth) throw c.fail(`value nested deeper than ${c.limits.maxDepth}`);
    this.#push(first, second, left);
  }

  #push(first: number, second: number, left: number): void {
    this.#first.push(first);
    this.#second.push(second);
    this.#left.push(left);
  }

  #pop(): void {
    this.#first.pop();
    this.#second.pop();
    this.#left.pop();
  }
}

const NOTHING = new Uint8Array(0);
