/**
 * The outcome of a handler that has a deadline and does not answer at once: costs a timer and one `then`, no promise of its own
 * where nobody asks for one.
 *
 * @module
 */
import type { Clock } from "../io/clock.ts";
import { TimerWheel } from "../io/timer_wheel.ts";
import type { Call } from "./call.ts";
import { Outcome, whenEnded } from "./outcome.ts";

/** What a handler promised, or the call's timeout if that comes first; the handler hears of it by the call's signal. */
export class LimitedOutcome extends Outcome {
  readonly #call: Call;
  readonly #cancel: () => void;
  #over = false;

  /** What the handler of `call` promised, whose deadline has not passed. */
  constructor(call: Call, promised: PromiseLike<unknown>) {
    super();
    this.#call = call;
    this.#cancel = at(call.deadline, call.clock, () => this.#expire());
    whenEnded(promised, (value) => {
      if (this.#end()) this.succeed(value);
    }, (error) => {
      if (this.#end()) this.fail(error);
    });
  }

  #expire(): void {
    this.#over = true;
    const error = this.#call.timeoutError();
    this.#call.abort(error);
    this.fail(error);
  }

  /** False if its time was over before. */
  #end(): boolean {
    if (this.#over) return false;
    this.#cancel();
    return true;
  }
}

/** Calls `fn` at `atMs` of the clock; gives what prevents it. */
function at(atMs: number, clock: Clock, fn: () => void): () => void {
  if (!(clock instanceof TimerWheel)) return clock.after(atMs - clock.now(), fn);
  // A session's: to read the time once more would cost as much as the timer.
  const timer = clock.add(atMs, fn);
  return () => clock.cancel(timer);
}
