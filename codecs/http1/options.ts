/**
 * Settings and limits of HTTP/1.1.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** Limits on what a peer may send. */
export interface Http1Limits {
  /** Bytes of a request line. Default 8 KiB; longer ones are answered with 414. */
  readonly maxLineBytes: number;
  /** Fields of a header or of trailers. Default 100; more are answered with 431. */
  readonly maxFields: number;
  /** Bytes of a request's line and header together, or of its trailers. Default 64 KiB; more are answered with 431. */
  readonly maxHeadBytes: number;
  /** Bytes of a request's content. Default: any, since it is read no faster than its reader takes it. More are answered with 413. */
  readonly maxBodyBytes: number;
  /** Milliseconds a whole head may take from its first byte on. Default 10,000; a slower one is answered with 408. */
  readonly headTimeoutMs: number;
  /** Milliseconds without progress of content that is waited for. Default 30,000; then the answer is 408. */
  readonly bodyTimeoutMs: number;
}

/** Limits, as options give them. */
export type Http1Options = { readonly [K in keyof Http1Limits]?: Http1Limits[K] | undefined };

const DEFAULTS: Http1Limits = {
  maxLineBytes: 8 * 1024,
  maxFields: 100,
  maxHeadBytes: 64 * 1024,
  maxBodyBytes: Infinity,
  headTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
};

/** Completes limits with the defaults. Throws an `RpcError` of kind `"invalid"` for one that is not positive. */
export function completeLimits(options: Http1Options): Http1Limits {
  const limits: Record<string, number> = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Http1Limits)[]) {
    const value = options[name] ?? DEFAULTS[name];
    if (!(value > 0)) throw new RpcError("invalid", `${name} ${value} is not positive`);
    limits[name] = value;
  }
  return limits as unknown as Http1Limits;
}
