/**
 * Does something again whenever one of the files it looked at changes, until the program is interrupted.
 *
 * @module
 */
import { folderOf, normalizePath } from "../idl/paths.ts";
import type { Files, Platform } from "../lib/platform.ts";
import { lookAt } from "./idl_files.ts";

/** The files and folders something looked at, each with its time of change then, or `null` where none was. */
export type SeenFiles = ReadonlyMap<string, number | null>;

/**
 * Calls `work` now, and again after each change of a file that its last call saw. Changes that come while it works are
 * one more call. Ends on SIGINT or SIGTERM while it waits: `true`; what they do while it works is for `work` to say. Ends with
 * `false` if there is no file to watch at first.
 */
export async function watchAndRepeat(platform: Platform, work: () => Promise<SeenFiles>): Promise<boolean> {
  const stop = new AbortController();
  for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
    const seen = await work();
    // later they may have gone for a moment, as when an editor puts another in place of one
    if (isFirst && [...seen.values()].every((mtimeMs) => mtimeMs === null)) return false;
    const ignore = platform.onSignal(() => stop.abort());
    try {
      await platform.stdout.write("watching for changes, Ctrl-C ends\n");
      await waitForChange(platform.files, seen, stop.signal);
    } finally {
      ignore();
    }
  }
  return true;
}

/** What is not told of changes any more. */
const NEVER = new Promise<never>(() => {});
/** How often to look without being told: some file systems, such as those of containers, tell nothing. */
const LOOK_MS = 1000;

/** Resolves when one of the files is not as it was seen, or when `signal` fires. */
async function waitForChange(files: Files, seen: SeenFiles, signal: AbortSignal): Promise<void> {
  const watching = new AbortController();
  const end = (): void => watching.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const changes = files.watch(await watchable(files, seen), watching.signal, { shallow: true })[Symbol.asyncIterator]();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    let next = changes.next();
    // a change may have come before the watch began
    while (!await hasChanged(files, seen)) {
      const pause = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), LOOK_MS));
      const step = await Promise.race([next, pause]);
      clearTimeout(timer);
      if (watching.signal.aborted) return;
      if (step !== undefined) next = step.done === true ? NEVER : changes.next();
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    watching.abort();
  }
}

/** Is one of the files not as it was seen? */
export async function hasChanged(files: Files, seen: SeenFiles): Promise<boolean> {
  const now = await Promise.all([...seen.keys()].map((path) => lookAt(files, path)));
  return [...seen.values()].some((mtimeMs, i) => mtimeMs !== (now[i]?.mtimeMs ?? null));
}

/** What can be watched: what was there, and what may come into a folder that is. */
export async function watchable(files: Files, seen: SeenFiles): Promise<string[]> {
  const isThere = await Promise.all([...seen].map(([path, mtimeMs]) => mtimeMs !== null || hasFolder(files, path)));
  return [...seen.keys()].filter((_, i) => isThere[i]);
}

async function hasFolder(files: Files, path: string): Promise<boolean> {
  return (await lookAt(files, folderOf(normalizePath(path))))?.kind === "directory";
}
