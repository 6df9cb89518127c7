/**
 * Watches files that the editor does not watch for us.
 *
 * @module
 */
import type { Files } from "../../lib/platform.ts";

/** Watches a set of files that may be replaced by another. */
export class Watcher {
  readonly #files: Files;
  readonly #changed: () => void;
  #watching = "";
  #stop = new AbortController();

  /** Calls `changed` after a change of one of the files. */
  constructor(files: Files, changed: () => void) {
    this.#files = files;
    this.#changed = changed;
  }

  /** Watches these files, absolute paths, and no others. */
  watch(paths: ReadonlySet<string>): void {
    const list = [...paths].sort();
    const key = list.join("\0");
    if (key === this.#watching) return;
    this.close();
    this.#watching = key;
    this.#stop = new AbortController();
    if (list.length > 0) void this.#follow(list, this.#stop.signal);
  }

  /** Watches nothing any more. */
  close(): void {
    this.#watching = "";
    this.#stop.abort();
  }

  async #follow(paths: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of this.#files.watch(paths, signal)) {
        if (!signal.aborted) this.#changed();
      }
    } catch {
      // a file that went away cannot be watched; what it says is read again at the next change in the editor
      if (!signal.aborted) this.#watching = "";
    }
  }
}
