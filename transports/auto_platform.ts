/**
 * The `Platform` of whatever runtime this is: its files, environment and signals, for what takes them as options.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";
import { runtimeName } from "./runtime.ts";

export type * from "../lib/platform.ts";

/** Loads the platform of this runtime. */
export async function autoPlatform(): Promise<Platform> {
  switch (runtimeName()) {
    case "deno":
      return (await import("./deno_platform.ts")).denoPlatform();
    case "bun":
      return (await import("./bun_platform.ts")).bunPlatform();
    case "node":
      return (await import("./node_platform.ts")).nodePlatform();
  }
}
