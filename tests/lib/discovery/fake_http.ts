/**
 * A `fetch` that keeps what was asked until the test answers it, or the caller gives it up.
 *
 * @module
 */

/** One request that was made. */
export interface Asked {
  /** `PUT /path?query`. */
  readonly line: string;
  /** Its body, read as JSON; `undefined` without one. */
  readonly body: unknown;
  /** Its header fields. */
  readonly headers: Headers;
  /** True when nobody waits for the answer any more. */
  readonly left: () => boolean;
  /** Answers it. */
  answer(response: Response): void;
  /** Fails it as an unreachable server would. */
  fail(): void;
}

/** Requests in the order they were made. */
export class FakeHttp {
  /** All of them. */
  readonly asked: Asked[] = [];
  #wake = (): void => {};

  /** What the client is given. */
  readonly fetch: typeof fetch = (input, init) =>
    new Promise((answer, reject) => {
      const { pathname, search } = new URL(String(input));
      const { signal, body } = init!;
      signal!.addEventListener("abort", () => reject(signal!.reason));
      this.asked.push({
        line: `${init!.method} ${pathname}${search}`,
        body: body === undefined ? undefined : JSON.parse(String(body)),
        headers: new Headers(init!.headers),
        left: () => signal!.aborted,
        answer,
        fail: () => reject(new TypeError("refused")),
      });
      this.#wake();
    });

  /** Waits for request number `n`, from 0. */
  async request(n: number): Promise<Asked> {
    while (this.asked.length <= n) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.asked[n]!;
  }
}
