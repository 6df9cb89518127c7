/**
 * The messages of a stream, with somebody who hears of their end.
 *
 * @module
 */

/** Passes messages on. */
export class FollowedMessages implements AsyncIterableIterator<unknown> {
  readonly #source: AsyncIterator<unknown>;
  #ended: ((ok: boolean) => void) | undefined;

  /** Calls `ended` once: with true after the last message, with false if they failed or their reader left. */
  constructor(source: AsyncIterable<unknown>, ended: (ok: boolean) => void) {
    this.#source = source[Symbol.asyncIterator]();
    this.#ended = ended;
  }

  async next(): Promise<IteratorResult<unknown>> {
    try {
      const result = await this.#source.next();
      if (result.done) this.#end(true);
      return result;
    } catch (error) {
      this.#end(false);
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#end(false);
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(ok: boolean): void {
    this.#ended?.(ok);
    this.#ended = undefined;
  }
}
