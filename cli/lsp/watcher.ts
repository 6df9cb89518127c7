/**
 * Watches files that the editor does not watch for us.
 *
 * @module
 */
import type { FileChange, Files } from "../../lib/platform.ts";
import { hasChanged, type SeenFiles, watchable } from "../watch.ts";

/** How often to look without being told: less often than a command would, for a server runs all day. */
const LOOK_MS = 3000;

/** Paths that are watched though nobody wants them any more; then all begins anew. */
const MAX_UNWANTED = 1000;

/**
 * Watches a set of files that grows and shrinks. Watching goes on where it has begun, for changes between the end of one watcher
 * and the beginning of the next would be missed, and Deno 2.9 loses watchers of a folder when another one of it ends.
 */
export class Watcher {
  readonly #files: Files;
  readonly #changed: () => void;
  readonly #watched = new Set<string>();
  #seen: SeenFiles = new Map();
  #stop = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Calls `changed` after a change of one of the files: it has to be told then what is seen now. */
  constructor(files: Files, changed: () => void) {
    this.#files = files;
    this.#changed = changed;
  }

  /** Watches these files, absolute paths, also those that were not there; resolves when it does. */
  async watch(seen: SeenFiles): Promise<void> {
    this.#seen = seen;
    if (this.#watched.size > seen.size + MAX_UNWANTED) this.#end();
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const added = await watchable(this.#files, new Map([...seen].filter(([path]) => !this.#watched.has(path))));
    if (signal.aborted) return;
    if (added.length > 0) void this.#follow(this.#files.watch(added, signal, { shallow: true }), added, signal);
    if (seen.size > 0) this.#timer ??= setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
  }

  /** Watches nothing, for ever. */
  close(): void {
    this.#end();
    this.#stop.abort();
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#watched.clear();
  }

  async #follow(changes: AsyncIterable<FileChange>, paths: readonly string[], signal: AbortSignal): Promise<void> {
    for (const path of paths) this.#watched.add(path);
    try {
      for await (const _ of changes) {
        // by the event, not by the time of the change: two may have the same
        if (!signal.aborted) this.#changed();
      }
    } catch {
      // what cannot be watched is looked at now and then
    }
    if (!signal.aborted) { for (const path of paths) this.#watched.delete(path); }
  }

  /** Some file systems tell nothing, and a change may have come before the watch began. */
  async #look(): Promise<void> {
    const { signal } = this.#stop;
    const seen = this.#seen;
    const changed = await hasChanged(this.#files, seen).catch(() =>
      false /* it cannot be seen: the next check will say why */
    );
    if (changed && seen === this.#seen && !signal.aborted) this.#changed();
  }
}
