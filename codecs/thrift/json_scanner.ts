/**
 * Finds where a JSON message ends: at the bracket that closes its first one.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, isSpace, OPEN_LIST, OPEN_OBJECT, QUOTE } from "./json_text.ts";
import type { Limits } from "./limits.ts";
import type { MessageScanner } from "./payload.ts";
import { malformed, type Origin } from "./underrun.ts";

/** Offsets are counted from the start of the message already. */
const FROM_START: Origin = { start: 0 };

/** Scans messages of one connection. */
export class JsonScanner implements MessageScanner {
  readonly #limits: Limits;
  /** How far the message is scanned, from its start. */
  #done = 0;
  /** How many brackets are open. */
  #open = 0;
  #inString = false;
  #escaped = false;

  /** Begins with a message. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  scan(bytes: Uint8Array, start = 0): number {
    const max = this.#limits.maxMessageBytes;
    const end = Math.min(bytes.length, start + max);
    for (let at = start + this.#done; at < end; at++) {
      if (this.#ends(bytes[at]!, at - start)) return at + 1;
    }
    this.#done = end - start;
    if (bytes.length > end) throw new RpcError("protocol", `message of over ${max} bytes`);
    return -1;
  }

  reset(): void {
    this.#done = 0;
    this.#open = 0;
    this.#inString = false;
    this.#escaped = false;
  }

  /** Takes the next byte; true if the message ends with it. */
  #ends(byte: number, offset: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    switch (byte) {
      case OPEN_LIST:
      case OPEN_OBJECT: {
        // the message opens one, a struct or map two, a list one; the innermost may hold a map of scalars
        const { maxDepth } = this.#limits;
        if (++this.#open > 1 + 2 * (maxDepth + 2)) {
          throw malformed(FROM_START, `value nested deeper than ${maxDepth}`, offset);
        }
        return false;
      }
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        if (this.#open === 0) throw malformed(FROM_START, "no JSON message", offset);
        return --this.#open === 0;
      default:
        if (this.#open === 0 && !isSpace(byte)) throw malformed(FROM_START, "no JSON message", offset);
        if (byte === QUOTE) this.#inString = true;
        return false;
    }
  }
}
