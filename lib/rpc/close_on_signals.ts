/**
 * Closes a server when its process is asked to end. Opt-in: nothing listens to signals by itself.
 *
 * @module
 */
import type { Platform } from "../platform.ts";
import type { RunningServer } from "./running_server.ts";

/**
 * Closes the server at the first SIGINT or SIGTERM, as `close()` does; a second one ends the calls that still run. Signals are left
 * alone again once the server is closed. Gives what ends it before.
 */
export function closeOnSignals(server: RunningServer, platform: Pick<Platform, "onSignal">): () => void {
  let closing = false;
  const stop = platform.onSignal(() => {
    if (closing) return server.abort();
    closing = true;
    void server.close();
  });
  server.onStateChange((state) => {
    if (state === "closed") stop();
  });
  return stop;
}
