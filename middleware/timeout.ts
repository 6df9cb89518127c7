/**
 * Limits the time of calls, by method.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { checkMethods } from "../lib/rpc/check_methods.ts";
import { type Middleware, policy } from "../lib/rpc/middleware.ts";
import type { ServiceSchema } from "../lib/schema/service.ts";

/** Milliseconds by the method's name in the IDL; `"*"` is for all others; 0: no limit. */
export type Timeouts = Readonly<Record<string, number>>;

/** How long calls may take. */
export interface TimeoutOptions {
  /** Milliseconds for every method, or by method. */
  readonly ms: number | Timeouts;
  /** Milliseconds of opening a connection, for every method, or by method. Default 0: the client's `connectTimeoutMs`. */
  readonly connectMs?: number | Timeouts | undefined;
}

/** The middleware, and what can be done with it while it runs. */
export interface Timeout extends Middleware {
  /** Its place in the options of a client. */
  readonly policy: string;
  /**
   * Replaces the limits, for calls from now on. Throws an `RpcError` of kind `"invalid"` for a number that cannot be used. Names of
   * methods are not looked at.
   */
  update(ms: number | Timeouts, connectMs?: number | Timeouts): void;
}

/**
 * Gives a call at most so many milliseconds; it then ends with kind `"timeout"`. A deadline that is sooner stays. Streams have the time
 * for their connection alone: their own is not known beforehand.
 *
 * Inside `retry` it limits each try; outside, all of them together.
 * Throws an `RpcError` of kind `"invalid"` for a number that cannot be used; the client or server it is for, for a method that it has not.
 */
export function timeout(options: TimeoutOptions): Timeout {
  let limits = checked(options.ms);
  let connecting = checked(options.connectMs ?? 0);
  const wrap: Middleware = (next) => (call) => {
    const { name, streaming } = call.method;
    const connectTimeoutMs = connecting[name] ?? connecting["*"] ?? 0;
    if (connectTimeoutMs > 0) call = call.with({ connectTimeoutMs });
    const ms = limits[name] ?? limits["*"] ?? 0;
    if (ms === 0 || streaming !== "unary") return next(call);
    return next(call.withDeadline(call.clock.now() + ms));
  };
  return Object.assign(policy("timeout", wrap), {
    serves(services: readonly ServiceSchema[]) {
      checkMethods("timeouts", Object.keys(limits), services);
      checkMethods("connectMs", Object.keys(connecting), services);
    },
    update(ms: number | Timeouts, connectMs: number | Timeouts = 0) {
      const read = checked(connectMs);
      limits = checked(ms);
      connecting = read;
    },
  });
}

function checked(ms: number | Timeouts): Timeouts {
  const limits: Record<string, number> = Object.assign(Object.create(null), typeof ms === "number" ? { "*": ms } : ms);
  for (const [method, limit] of Object.entries(limits)) {
    if (!(limit >= 0)) throw new RpcError("invalid", `timeout of ${method}: ${limit} ms is not 0 or more`);
  }
  return limits;
}
