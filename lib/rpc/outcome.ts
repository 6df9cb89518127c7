/**
 * How a call ends, where policies that stand around each other hear of it: in the turn it ends, without a promise and a turn
 * for each of them.
 *
 * Only what is of this library sees an `Outcome`: to callers, and to middleware of the program's own, it is a promise.
 *
 * @module
 */

/** Hears how a call ended. */
export interface Follower {
  /** It ended well, with `value`. Called in the turn it ends, so it must not throw. */
  succeeded(value: unknown): void;
  /** It failed. Called in the turn it ends, so it must not throw. */
  failed(error: unknown): void;
  /** Gives what stands in for a failure, or a promise of it; throws or rejects with what the call ends with. */
  recover?(error: unknown): unknown;
}

/** Tells how what a handler gave, a promise or an `Outcome`, ends: one of the two is called, once. They must not throw. */
export function whenEnded(
  outcome: PromiseLike<unknown>,
  succeeded: (value: unknown) => void,
  failed: (error: unknown) => void,
): void {
  if (outcome instanceof Outcome) outcome.follow({ succeeded, failed });
  // What is merely like a promise may throw, or settle twice; a real one of it does neither.
  else (outcome instanceof Promise ? outcome : Promise.resolve(outcome)).then(succeeded, failed);
}

/** The end of one call. What makes the call says how it ended, once, by `succeed` or `fail`. */
export class Outcome implements PromiseLike<unknown> {
  /** Who hears of it, from the inside out: room for as many as a pipeline has, then it grows. */
  #followers: (Follower | undefined)[] | undefined = undefined;
  #count = 0;
  #told = 0;
  #state: "pending" | "succeeded" | "failed" = "pending";
  #result: unknown = undefined;
  #promise: Promise<unknown> | undefined = undefined;
  #resolve: ((value: unknown) => void) | undefined = undefined;
  #reject: ((error: unknown) => void) | undefined = undefined;

  /**
   * Tells `follower` how it ends, after those who asked before. What it recovers, in a turn of its own, is what those who ask later
   * hear of.
   */
  follow(follower: Follower): void {
    if (this.#followers === undefined) this.#followers = [follower, undefined, undefined, undefined];
    else this.#followers[this.#count] = follower;
    this.#count++;
    if (this.#state !== "pending") this.#tell();
  }

  /** It as a promise, always the same one; asked for once all who follow are there. */
  promise(): Promise<unknown> {
    return this.#promise ??= new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#state !== "pending") this.#tell();
    });
  }

  then<T = unknown, E = never>(
    onValue?: ((value: unknown) => T | PromiseLike<T>) | null,
    onError?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.promise().then(onValue as (value: unknown) => T | PromiseLike<T>, onError);
  }

  /** The call ended well. */
  succeed(value: unknown): void {
    this.#state = "succeeded";
    this.#result = value;
    this.#tell();
  }

  /** The call failed. */
  fail(error: unknown): void {
    this.#state = "failed";
    this.#result = error;
    this.#tell();
  }

  #tell(): void {
    const result = this.#result;
    if (this.#state === "succeeded") {
      while (this.#told < this.#count) this.#followers![this.#told++]!.succeeded(result);
      this.#resolve?.(result);
      return;
    }
    while (this.#told < this.#count) {
      const follower = this.#followers![this.#told++]!;
      follower.failed(result);
      if (follower.recover === undefined) continue;
      this.#state = "pending";
      // What reports the failure may be in the middle of its own end.
      Promise.resolve().then(() => follower.recover!(result)).then(
        (value) => this.succeed(value),
        (error) => this.fail(error),
      );
      return;
    }
    this.#reject?.(result);
  }
}
