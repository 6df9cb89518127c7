/**
 * Does something again whenever one of the files it looked at changes, until the program is interrupted.
 *
 * @module
 */
import type { Files, Platform } from "../lib/platform.ts";

/** The files something looked at, each with its time of change then, or `null` where none was. */
export type SeenFiles = ReadonlyMap<string, number | null>;

/**
 * Calls `work` now, and again after each change of a file that its last call saw. Changes that come while it works are
 * one more call. Ends on SIGINT or SIGTERM, when `work` has ended: `true`. Ends with `false` if there is no file to watch.
 */
export async function watchAndRepeat(platform: Platform, work: () => Promise<SeenFiles>): Promise<boolean> {
  const stop = new AbortController();
  const ignore = platform.onSignal(() => stop.abort());
  try {
    while (!stop.signal.aborted) {
      const seen = await work();
      if (existing(seen).length === 0) return false;
      if (stop.signal.aborted) break;
      await platform.stdout.write("watching for changes, Ctrl-C ends\n");
      await waitForChange(platform.files, seen, stop.signal);
    }
    return true;
  } finally {
    ignore();
  }
}

/** Resolves when one of the files is not as it was seen, or when `signal` fires. */
async function waitForChange(files: Files, seen: SeenFiles, signal: AbortSignal): Promise<void> {
  const watching = new AbortController();
  const end = (): void => watching.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const changes = files.watch(existing(seen), watching.signal)[Symbol.asyncIterator]();
  try {
    let next = changes.next();
    // a change may have come before the watch began
    if (await hasChanged(files, seen)) return;
    for (let step = await next; step.done !== true; step = await next) {
      if (await hasChanged(files, seen)) return;
      next = changes.next();
    }
  } finally {
    signal.removeEventListener("abort", end);
    watching.abort();
  }
}

async function hasChanged(files: Files, seen: SeenFiles): Promise<boolean> {
  const now = await Promise.all([...seen.keys()].map((path) => files.stat(path)));
  return [...seen.values()].some((mtimeMs, i) => mtimeMs !== (now[i]?.mtimeMs ?? null));
}

/** What was not there is not watched: its folder could be anything. */
function existing(seen: SeenFiles): string[] {
  return [...seen].filter(([, mtimeMs]) => mtimeMs !== null).map(([path]) => path);
}
