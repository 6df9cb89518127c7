/**
 * Bun as a `Platform`: the `node:` modules are Bun's own way to files, folders and signals.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";
import { createNodePlatform } from "./node_platform.ts";

/** The platform of Bun. */
export function bunPlatform(): Platform {
  return createNodePlatform("bun");
}
