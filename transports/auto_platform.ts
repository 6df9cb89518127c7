/**
 * The `Platform` of whatever runtime this is.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";
import { runtimeName } from "./runtime.ts";

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
