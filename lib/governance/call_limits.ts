/**
 * How large the messages of a call may be.
 *
 * @module
 */

/** How large the messages of one call may be; what its protocol was told holds too. */
export interface CallLimits {
  /** Bytes of the largest message to the server. Default: any. */
  readonly maxRequestBytes?: number | undefined;
  /** Bytes of the largest message from it. Default: any. */
  readonly maxResponseBytes?: number | undefined;
}
