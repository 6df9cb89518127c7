/**
 * Promises that end from outside, and whose rejection nobody has to hear.
 *
 * @module
 */

/** A promise for several to wait on; that nobody does is fine. */
export class Settler {
  /** What is waited on. */
  readonly promise: Promise<void>;
  /** Ends it well. */
  readonly resolve: () => void;
  /** Ends it badly. */
  readonly reject: (reason: unknown) => void;

  /** Begins unsettled. */
  constructor() {
    const { promise, resolve, reject } = settlers();
    this.promise = quiet(promise);
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** The same promise: whoever waits sees a rejection, but one that nobody took does not end the process. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore);
  return promise;
}

/** A promise rejected with `reason`, as `quiet` makes it. */
export function rejected(reason: unknown): Promise<never> {
  return quiet(Promise.reject(reason));
}

function ignore(): void {
  // The reason went to whoever waits.
}

function settlers(): { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void } {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
