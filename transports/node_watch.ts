/**
 * Watching files through `node:fs`: one watcher for each folder below, since recursive ones differ between runtimes.
 *
 * A file is watched by way of its folder, so that a file replaced by renaming another over it is still seen.
 *
 * @module
 */
import { existsSync, type FSWatcher, readdirSync, realpathSync, statSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FileChange, WatchOptions } from "../lib/platform.ts";
import { changeQueue } from "./change_queue.ts";
import { fileError } from "./file_errors.ts";

/** Reports changes below the paths until the signal fires; watching begins before this returns. */
export function watchFiles(
  paths: readonly string[],
  signal: AbortSignal,
  { shallow = false }: WatchOptions = {},
): AsyncIterable<FileChange> {
  const watchers = new Map<string, FSWatcher>();
  const queue = changeQueue(signal, () => {
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  });
  if (signal.aborted) return queue;

  function watchFolder(folder: string, only?: string): void {
    const key = only === undefined ? folder : join(folder, only);
    if (watchers.has(key)) return;
    const watcher = watch(folder, { persistent: true }, (_event, name) => {
      if (name === null) return queue.push(folder);
      if (only !== undefined && name !== only) return;
      const path = join(folder, name);
      queue.push(path);
      if (only === undefined && !shallow) watchIfFolder(path);
    });
    watcher.on("error", () => forget(key)); // the folder is gone; its parent's watcher reports that
    watchers.set(key, watcher);
    if (only !== undefined || shallow) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) watchFolder(join(folder, entry.name));
    }
  }

  /** For what appeared later: it may be gone again, or be a file. */
  function watchIfFolder(path: string): void {
    if (signal.aborted) return;
    try {
      if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return forget(path);
      const known = watchers.has(path);
      watchFolder(path);
      if (!known) reportBelow(path);
    } catch {
      forget(path); // removed between the look and the watch
    }
  }

  /** What was put into a new folder before its watcher began. */
  function reportBelow(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      queue.push(join(folder, entry.name));
      if (entry.isDirectory()) reportBelow(join(folder, entry.name));
    }
  }

  function forget(key: string): void {
    watchers.get(key)?.close();
    watchers.delete(key);
  }

  for (const path of paths) {
    try {
      const absolute = realPathOf(path);
      if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) watchFolder(absolute);
      else watchFolder(dirname(absolute), basename(absolute));
    } catch (cause) {
      queue.fail(fileError("watch", path, cause));
    }
  }
  return queue;
}

/** Of what is not there, the name in its folder. */
function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}
