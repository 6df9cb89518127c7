/**
 * The one error class of Updraft, told apart by `kind` and never by its text.
 *
 * @module
 */

/**
 * What went wrong, as a closed set. Each protocol maps it to its own codes and back.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `invalid` | this side was given a value, option or IDL that cannot be used |
 * | `connect` | no connection could be made; the call never left |
 * | `transport` | the connection broke, so the outcome of the call is not known |
 * | `timeout` | the deadline passed |
 * | `canceled` | the caller gave up |
 * | `protocol` | the bytes received break the protocol or a limit |
 * | `unimplemented` | the peer has no such service or method |
 * | `internal` | the handler failed |
 * | `business` | the handler answered with a business status |
 * | `overload` | a limit on requests or connections was reached |
 * | `forbidden` | an access rule refused the call |
 * | `unavailable` | nothing there can serve now: draining, no instance, breaker open |
 */
export type ErrorKind =
  | "invalid"
  | "connect"
  | "transport"
  | "timeout"
  | "canceled"
  | "protocol"
  | "unimplemented"
  | "internal"
  | "business"
  | "overload"
  | "forbidden"
  | "unavailable";

/** What else is known of an error. */
export interface RpcErrorOptions {
  /** The original error or reason; stays on this side of the wire. */
  readonly cause?: unknown;
  /** The code the protocol carries: a TApplicationException type, a gRPC status, a business status. */
  readonly code?: number | undefined;
  /** True if the peer reported it. Default `false`. */
  readonly remote?: boolean | undefined;
  /** True if the server cannot have run the call, so that another try is safe. Default: `kind` is `connect`. */
  readonly retryable?: boolean | undefined;
  /** String pairs that a business status carries. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

/** An error of a call, a connection or a codec. */
export class RpcError extends Error {
  /** `"RpcError"`. */
  override readonly name = "RpcError";
  /** What went wrong. */
  readonly kind: ErrorKind;
  /** The code the protocol carries, if it carries one. */
  readonly code: number | undefined;
  /** True if the peer reported it. */
  readonly remote: boolean;
  /** True if the server cannot have run the call, so that another try is safe. */
  readonly retryable: boolean;
  /** String pairs that a business status carries. */
  readonly extra: Readonly<Record<string, string>> | undefined;

  /** Makes an error; `message` is lower case, names the number that broke a rule and the rule. */
  constructor(kind: ErrorKind, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code;
    this.remote = options.remote ?? false;
    this.retryable = options.retryable ?? kind === "connect";
    this.extra = options.extra;
  }

  /**
   * Gives `reason` back if it is an `RpcError`, else wraps it: an `AbortError` becomes `canceled`,
   * a `TimeoutError` becomes `timeout`, anything else `kind`.
   */
  static from(reason: unknown, kind: ErrorKind = "transport"): RpcError {
    try {
      if (reason instanceof RpcError) return reason;
      const name = reason instanceof Error ? reason.name : "";
      if (name === "AbortError") kind = "canceled";
      if (name === "TimeoutError") kind = "timeout";
      const message = reason instanceof Error ? reason.message : String(reason);
      return new RpcError(kind, message, { cause: reason });
    } catch {
      // Anything can be thrown, also what throws when it is looked at.
      return new RpcError(kind, "an error that cannot be described", { cause: reason });
    }
  }
}
