/**
 * Calls for tests of policies: on a clock by hand, with a handler that the test answers.
 *
 * @module
 */
import { Call, type CallInit, type Handler, type Middleware } from "../../core.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { ManualClock } from "../lib/io/manual_clock.ts";

/** One try that reached the handler. */
export interface Try {
  /** The call as it came. */
  readonly call: Call;
  /** Ends it well. */
  answer(value?: unknown): void;
  /** Ends it with an error. */
  fail(error: unknown): void;
}

/** A policy around a handler that waits for the test. */
export interface Policed {
  /** The time. */
  readonly clock: ManualClock;
  /** The tries so far. */
  readonly tries: Try[];
  /** Makes a call of the method through the policy. */
  run(method?: string, init?: Partial<CallInit>): { call: Call; outcome: Promise<unknown> };
}

/** Puts `middleware` around a handler whose tries are kept, and answered by `reply` at once if there is one. */
export function policed(middleware: Middleware, reply?: Handler): Policed {
  const clock = new ManualClock(100_000);
  const tries: Try[] = [];
  const handler = middleware((call) =>
    reply === undefined
      ? new Promise((resolve, reject) => tries.push({ call, answer: resolve, fail: reject }))
      : (tries.push({ call, answer: () => {}, fail: () => {} }), reply(call))
  );
  return {
    clock,
    tries,
    run(name = "ping", init = {}) {
      const method = EchoService.methods.find((each) => each.name === name)!;
      const call = new Call({ service: EchoService, method, args: {}, side: "client", clock, ...init });
      let outcome: unknown;
      try {
        outcome = handler(call);
      } catch (error) {
        outcome = Promise.reject(error);
      }
      return { call, outcome: Promise.resolve(outcome) };
    },
  };
}

/** Lets what was settled be heard. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve));
}
