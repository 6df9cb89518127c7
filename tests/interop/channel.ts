/**
 * Requests of a stream that a test sends one by one.
 *
 * @module
 */

/** A stream that is given its messages from outside. */
export interface Channel<T> extends AsyncIterable<T> {
  /** Adds a message. */
  send(value: T): void;
  /** No more will come. */
  end(): void;
}

/** Makes one. It can be read once. */
export function channel<T>(): Channel<T> {
  const queue: T[] = [];
  let wake = (): void => {};
  let ended = false;
  return {
    send(value) {
      queue.push(value);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T> {
      for (;;) {
        for (let value; (value = queue.shift()) !== undefined;) yield value;
        if (ended) return;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}
