/**
 * Tells of the beginning and the end of each call.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Call } from "../lib/rpc/call.ts";
import { isPromise, type Middleware, policy, runFollowed } from "../lib/rpc/middleware.ts";

/** How a call ended. */
export interface TraceEnd {
  /** The error, or `undefined`. A business status is no error (Kitex's rule): it is in `status`. */
  readonly error: unknown;
  /** The business status that the server answered with. */
  readonly status: RpcError | undefined;
  /** Milliseconds from the beginning. */
  readonly elapsedMs: number;
}

/** Is told of calls. What it throws, or rejects with, is dropped: a tracer never breaks a call. */
export interface Tracer {
  /** A call begins. What it gives comes back at its end. */
  start(call: Call): unknown;
  /** The call ended; a call that streams, when its stream was opened. `started` is what `start` gave. */
  finish(call: Call, end: TraceEnd, started: unknown): void;
}

/** Tells `tracers` of each call: of the beginning in their order, of the end in reverse. */
export function trace(tracers: readonly Tracer[]): Middleware {
  return policy("trace", (next) => (call) => {
    const began = call.clock.now();
    const started = tracers.map((tracer) => quietly(() => tracer.start(call)));
    const finish = (error: unknown): void => {
      const status = error instanceof RpcError && error.kind === "business" ? error : undefined;
      const end = { error: status === undefined ? error : undefined, status, elapsedMs: call.clock.now() - began };
      for (let i = tracers.length - 1; i >= 0; i--) quietly(() => tracers[i]!.finish(call, end, started[i]));
    };
    return runFollowed(next, call, { succeeded: () => finish(undefined), failed: finish });
  });
}

function quietly(run: () => unknown): unknown {
  try {
    const given = run();
    // That of an async function: nobody else would hear of its failure, and that would end the process.
    if (isPromise(given)) given.then(undefined, () => {});
    return given;
  } catch {
    return undefined; // a tracer's own failure must not become the call's
  }
}
