/**
 * Watches files that the editor does not watch for us.
 *
 * @module
 */
import type { Files } from "../../lib/platform.ts";
import { type SeenFiles, waitForChange } from "../watch.ts";

/** How often to look without being told: less often than a command would, for a server runs all day. */
const LOOK_MS = 3000;

/** Watches a set of files that may be replaced by another. */
export class Watcher {
  readonly #files: Files;
  readonly #changed: () => void;
  #watching = "";
  #stop = new AbortController();

  /** Calls `changed` once one of the files is no longer as it was seen: it has to be told then what is seen now. */
  constructor(files: Files, changed: () => void) {
    this.#files = files;
    this.#changed = changed;
  }

  /** Watches these files, absolute paths, and no others; also those that were not there. */
  watch(seen: SeenFiles): void {
    const key = JSON.stringify([...seen].sort());
    if (key === this.#watching) return;
    this.close();
    this.#watching = key;
    this.#stop = new AbortController();
    if (seen.size > 0) void this.#follow(seen, this.#stop.signal);
  }

  /** Watches nothing any more. */
  close(): void {
    this.#watching = "";
    this.#stop.abort();
  }

  async #follow(seen: SeenFiles, signal: AbortSignal): Promise<void> {
    try {
      await waitForChange(this.#files, seen, signal, LOOK_MS);
    } catch {
      // what cannot be watched is read again at the next change in the editor
      if (!signal.aborted) this.#watching = "";
      return;
    }
    if (signal.aborted) return;
    this.#watching = "";
    this.#changed();
  }
}
