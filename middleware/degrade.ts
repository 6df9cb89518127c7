/**
 * Drops a share of calls, to take load off a service that cannot bear it all (Kitex's degradation).
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { type Middleware, policy } from "../lib/rpc/middleware.ts";

/** Which share of calls is dropped. */
export interface DegradeConfig {
  /** False to drop none. Default true. */
  readonly enable?: boolean | undefined;
  /** Calls of a hundred that are dropped, 0 to 100. */
  readonly percentage: number;
}

/** How calls are dropped. */
export interface DegradeOptions extends DegradeConfig {
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The middleware, and what can be done with it while it runs. */
export interface Degrade extends Middleware {
  /** Its place in the options of a client. */
  readonly policy: string;
  /** Replaces the share. Throws an `RpcError` of kind `"invalid"` for a number that is none. */
  update(config: DegradeConfig): void;
}

/**
 * Refuses `percentage` of a hundred calls with kind `"forbidden"` before anything is sent.
 * Throws an `RpcError` of kind `"invalid"` for a number that is no percentage.
 */
export function degrade(options: DegradeOptions): Degrade {
  const random = options.random ?? Math.random;
  let share = shareOf(options);
  const wrap: Middleware = (next) => (call) => {
    if (share > 0 && random() < share) {
      throw new RpcError("forbidden", `degraded: ${share * 100} % of calls are dropped`);
    }
    return next(call);
  };
  return Object.assign(policy("degrade", wrap), {
    update(config: DegradeConfig) {
      share = shareOf(config);
    },
  });
}

function shareOf({ enable, percentage }: DegradeConfig): number {
  if (!(percentage >= 0 && percentage <= 100)) {
    throw new RpcError("invalid", `degradation of ${percentage} % is not 0 to 100`);
  }
  return enable === false ? 0 : percentage / 100;
}
