/**
 * How much a peer may ask for.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** Limits on messages. */
export interface MessageLimits {
  /** Bytes of one message; also of one that is written. Default 16 MiB. */
  readonly maxMessageBytes: number;
  /** How deep messages and groups may nest when read, 1 to 1000. Default 100, as everywhere in Protocol Buffers. */
  readonly maxDepth: number;
  /**
   * Messages in a message, entries of maps among them, and unknown fields, when read. Two bytes can stand for one with many fields, so
   * this bounds what a message can become in memory. Default 1 Mi.
   */
  readonly maxNested: number;
}

/** The defaults of all limits. */
export const DEFAULT_MESSAGE_LIMITS: MessageLimits = {
  maxMessageBytes: 16 * 1024 * 1024,
  maxDepth: 100,
  maxNested: 1024 * 1024,
};

/** No message is longer: where what carries messages bounds them, they have this. */
export const MOST_MESSAGE_BYTES = 0x7fff_ffff;

/** More levels than this could exhaust the stack of a small thread. */
const MOST_DEPTH = 1000;

/** Completes limits with the defaults. Throws an `RpcError` of kind `"invalid"` for one that is no positive integer or too large. */
export function completeLimits(
  limits: { readonly [K in keyof MessageLimits]?: number | undefined } = {},
): MessageLimits {
  const defaults = DEFAULT_MESSAGE_LIMITS;
  const { maxMessageBytes = defaults.maxMessageBytes, maxDepth = defaults.maxDepth, maxNested = defaults.maxNested } =
    limits;
  mustBeWithin("maxMessageBytes", maxMessageBytes, MOST_MESSAGE_BYTES);
  mustBeWithin("maxDepth", maxDepth, MOST_DEPTH);
  mustBeWithin("maxNested", maxNested, MOST_MESSAGE_BYTES);
  return { maxMessageBytes, maxDepth, maxNested };
}

function mustBeWithin(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new RpcError("invalid", `limit ${name} is ${value}, not an integer from 1 to ${most}`);
}
