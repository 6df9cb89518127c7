/**
 * How much a peer may ask for.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";

/** Limits on what is read. Each is checked before anything is allocated for it. */
export interface Limits {
  /** Bytes of a framed message, its length not counted; also of one that is written. Default 16 MiB. */
  readonly maxFrameBytes: number;
  /** Bytes of an unframed message; also of one that is written. Default 16 MiB. */
  readonly maxMessageBytes: number;
  /** Bytes of one string or binary. Default 16 MiB. */
  readonly maxStringBytes: number;
  /** Elements of one list, set or map. Default 16 Mi. */
  readonly maxContainerSize: number;
  /**
   * Structs and containers that are elements of containers, counted over a message. One byte can stand for a struct
   * with many fields, so this bounds what a message can become in memory. Default 1 Mi.
   */
  readonly maxNested: number;
  /** How deep structs and containers may nest, 1 to 1000. Default 64. */
  readonly maxDepth: number;
  /** Bytes of a method's name. Default 4096. */
  readonly maxNameBytes: number;
}

const MEBI = 1024 * 1024;

/** The defaults of all limits. */
export const DEFAULT_LIMITS: Limits = {
  maxFrameBytes: 16 * MEBI,
  maxMessageBytes: 16 * MEBI,
  maxStringBytes: 16 * MEBI,
  maxContainerSize: 16 * MEBI,
  maxNested: MEBI,
  maxDepth: 64,
  maxNameBytes: 4096,
};

/** More levels than this could exhaust the stack of a small thread. */
const MOST_DEPTH = 1000;

/** No length on the wire can say more. */
const MOST = 0x7fff_ffff;

/** Completes limits with the defaults. Throws an `RpcError` of kind `"invalid"` for one that is no positive integer or too large. */
export function withDefaults(limits: { readonly [K in keyof Limits]?: number | undefined } = {}): Limits {
  const result: { -readonly [K in keyof Limits]: number } = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = limits[name];
    if (value === undefined) continue;
    const most = name === "maxDepth" ? MOST_DEPTH : MOST;
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RpcError("invalid", `limit ${name} is ${value}, not an integer from 1 to ${most}`);
    }
    result[name] = value;
  }
  return result;
}

/** Makes `r` keep the limits; counts anew what is counted over a message. */
export function applyLimits(r: ReadBuffer, limits: Limits): void {
  r.maxDepth = limits.maxDepth;
  r.maxContainerSize = limits.maxContainerSize;
  r.maxStringBytes = limits.maxStringBytes;
  r.maxNested = limits.maxNested;
  r.nestedLeft = limits.maxNested;
}
