/**
 * What a signal does to work that has something to end first.
 *
 * Nothing listens for signals while modules of others run: a listener would keep SIGINT from ending one that loops.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";

/** The program was interrupted while it did what must not end half done, and ends now. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** The exit code: 128 and the number of the signal. */
  readonly code: number;

  /** By that signal. */
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
    this.code = signal === "SIGINT" ? 130 : 143;
  }
}

/** Does work that must not end half done: SIGINT and SIGTERM wait for it, and then reject with `Interrupted`. */
export async function uninterrupted<T>(platform: Pick<Platform, "onSignal">, work: () => Promise<T>): Promise<T> {
  let received: "SIGINT" | "SIGTERM" | undefined;
  const ignore = platform.onSignal((signal) => received ??= signal);
  try {
    const value = await work();
    if (received !== undefined) throw new Interrupted(received);
    return value;
  } finally {
    ignore();
  }
}

/** What `work` settles to; SIGINT and SIGTERM reject it with `Interrupted` before that, so that it can clean up. */
export async function interruptible<T>(
  platform: Pick<Platform, "onSignal">,
  work: (interrupted: Promise<never>) => Promise<T>,
): Promise<T> {
  let ignore = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    ignore = platform.onSignal((signal) => reject(new Interrupted(signal)));
  });
  interrupted.catch(() => {}); // it may come before the work waits for it
  try {
    return await work(interrupted);
  } finally {
    ignore();
  }
}
