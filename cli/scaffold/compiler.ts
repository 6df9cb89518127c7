/**
 * Finds the TypeScript compiler that a project has.
 *
 * @module
 */
import type ts from "typescript";
import { folderOf, normalizePath } from "../../idl/paths.ts";
import type { Platform } from "../../lib/platform.ts";

/** The compiler installed in one of the folders or above it, or `undefined`. */
export async function findCompiler(platform: Platform, folders: readonly string[]): Promise<typeof ts | undefined> {
  for (const start of folders) {
    for (let folder = normalizePath(start);; folder = folderOf(folder)) {
      const path = `${folder === "/" ? "" : folder}/node_modules/typescript/lib/typescript.js`;
      if (await platform.files.stat(path) !== null) {
        const url = new URL(
          `file://${path.startsWith("/") ? "" : "/"}${encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent)}`,
        );
        return (await import(url.href) as { default: typeof ts }).default;
      }
      if (folder === folderOf(folder)) break;
    }
  }
  return undefined;
}
