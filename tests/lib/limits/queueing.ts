/**
 * A server as queueing theory has it, on a clock by hand: calls come at random, wait for one of `workers`, take their time, and
 * are worth something only if they are answered before their caller gives up.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Admission, CallHead } from "../../../lib/rpc/admission.ts";
import type { ManualClock } from "../io/manual_clock.ts";

/** A server and its load. */
export interface Scenario {
  /** Calls that are worked on at once. */
  readonly workers: number;
  /** Milliseconds of work in a call, on average; the times are exponential. */
  readonly workMs: number;
  /** Calls that come a second. */
  readonly perSecond: number;
  /** Milliseconds that a caller waits. */
  readonly patienceMs: number;
  /** Milliseconds to run. */
  readonly forMs: number;
  /** Seeded. */
  readonly random: () => number;
  /** What is asked; none: all are taken. */
  readonly admission?: Admission | undefined;
  /** The head of call `i`, without what the scenario knows. */
  readonly head: (i: number) => Pick<CallHead, "service" | "method" | "caller">;
}

/** What came of it. */
export interface Outcome {
  /** Calls that came. */
  readonly offered: number;
  /** Calls answered in time, by the number of their head. */
  readonly good: readonly number[];
  /** Calls that were refused. */
  readonly refused: number;
}

/** Runs a scenario. */
export function simulate(clock: ManualClock, scenario: Scenario): Outcome {
  const { workers, workMs, perSecond, patienceMs, forMs, random, admission, head } = scenario;
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean;
  const waiting: { deadline: number; i: number; ended: () => void }[] = [];
  const good: number[] = [];
  const endAt = clock.now() + forMs;
  let busy = 0;
  let offered = 0;
  let refused = 0;
  const work = (): void => {
    const next = busy < workers ? waiting.shift() : undefined;
    if (next === undefined) return;
    busy++;
    clock.after(exponential(workMs), () => {
      busy--;
      if (clock.now() <= next.deadline) good.push(next.i);
      next.ended();
      work();
    });
  };
  const arrive = (): void => {
    const i = offered++;
    const deadline = clock.now() + patienceMs;
    const ticket = admission?.admit({ ...head(i), deadline, clock, metaIfAny: undefined });
    if (ticket instanceof RpcError) refused++;
    else waiting.push({ deadline, i, ended: () => ticket?.ended() });
    work();
    if (clock.now() < endAt) clock.after(exponential(1000 / perSecond), arrive);
  };
  arrive();
  clock.advance(forMs);
  return { offered, good, refused };
}
