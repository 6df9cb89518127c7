/**
 * How tests learn what a handler heard: a call may carry an id, and later calls wait until that call began, or was given up.
 *
 * @module
 */

/** Fields of a request: the id of the call, and the ids of those waited for. */
export const WATCH = "x-grpc-test-watch";
export const AWAIT_BEGUN = "x-grpc-test-await-begun";
export const AWAIT_GONE = "x-grpc-test-await-gone";

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

/** What became of the calls with an id. */
export class Watches {
  readonly #calls = new Map<string, { readonly begun: Gate; readonly gone: Gate }>();

  /** A call began; `signal` aborts when nobody waits for it any more. */
  follow(id: string, signal: AbortSignal): void {
    const { begun, gone } = this.#of(id);
    begun.open();
    if (signal.aborted) gone.open();
    else signal.addEventListener("abort", () => gone.open(), { once: true });
  }

  /** Waits for what a request with these fields wants to wait for. */
  async wait(field: (name: string) => string | null | undefined): Promise<void> {
    const [begun, gone] = [field(AWAIT_BEGUN), field(AWAIT_GONE)];
    if (begun) await this.#of(begun).begun.opened;
    if (gone) await this.#of(gone).gone.opened;
  }

  #of(id: string): { readonly begun: Gate; readonly gone: Gate } {
    let call = this.#calls.get(id);
    if (call === undefined) this.#calls.set(id, call = { begun: gate(), gone: gate() });
    return call;
  }
}

/** Resolves after so long; rejects as soon as `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = ms === Infinity ? undefined : setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function gate(): Gate {
  let open = (): void => {};
  return { opened: new Promise((resolve) => open = resolve), open: () => open() };
}
