/**
 * An empty list of a registry that was away is not believed at once: one that came back without what it knew is told by its servers
 * again, which takes them until their next renewal.
 *
 * @module
 */
import type { Clock } from "../io/clock.ts";
import type { ResolutionSink } from "./resolver.ts";

/** How long it must stay empty. */
const DOUBT_MS = 60_000;

/** Passes all on but such empty lists; those when they stay. `close` ends it. */
export function doubting(sink: ResolutionSink, clock: Clock): ResolutionSink & { close(): void } {
  /** True while the list told last has instances. */
  let full = false;
  /** True from a failure to the next list that has. */
  let away = false;
  let cancel: (() => void) | undefined;

  function settle(): void {
    cancel?.();
    cancel = undefined;
    away = false;
  }

  return {
    update(instances) {
      if (instances.length === 0 && full && away) {
        cancel ??= clock.after(DOUBT_MS, () => {
          settle();
          full = false;
          sink.update([]);
        });
        return;
      }
      settle();
      full = instances.length > 0;
      sink.update(instances);
    },
    failed(error) {
      away = true;
      sink.failed(error);
    },
    close: settle,
  };
}
