/**
 * Puts generated files below a folder, and nowhere else.
 *
 * @module
 */
import type { OutputFile } from "../idl/emit/options.ts";
import { below, folderOf, joinPath, normalizePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Files } from "../lib/platform.ts";

/** Writes the files that differ from what is there; gives their paths. Rejects before anything leaves the folder. */
export async function writeOutputs(files: Files, out: string, outputs: readonly OutputFile[]): Promise<string[]> {
  const written: string[] = [];
  const seen = new Set<string>();
  for (const { path, text } of outputs) {
    const target = targetPath(out, path);
    if (await textAt(files, target) === text) continue;
    const folder = folderOf(target);
    if (!seen.has(folder)) {
      await files.makeDir(folder);
      await mustBeBelow(files, out, folder);
      seen.add(folder);
    }
    if (await files.stat(target) !== null) await mustBeBelow(files, out, target);
    await files.write(target, text);
    written.push(target);
  }
  return written;
}

/** The files that are missing or differ from what is there. */
export async function compareOutputs(
  files: Files,
  out: string,
  outputs: readonly OutputFile[],
): Promise<{ readonly path: string; readonly how: "is missing" | "differs" }[]> {
  const differing: { path: string; how: "is missing" | "differs" }[] = [];
  for (const { path, text } of outputs) {
    const target = targetPath(out, path);
    const there = await textAt(files, target);
    if (there !== text) differing.push({ path: target, how: there === null ? "is missing" : "differs" });
  }
  return differing;
}

function targetPath(out: string, path: string): string {
  const folder = normalizePath(out);
  const target = joinPath(folder, path);
  if (below(folder, target) === undefined) throw new RpcError("invalid", `${target} is outside of ${folder}`);
  return target;
}

/** A link inside of the folder may lead out of it. */
async function mustBeBelow(files: Files, out: string, path: string): Promise<void> {
  const root = normalizePath(await files.realPath(out));
  const real = normalizePath(await files.realPath(path));
  if (real !== root && below(root, real) === undefined) {
    throw new RpcError("invalid", `${path} leads out of ${out}, to ${real}`);
  }
}

async function textAt(files: Files, path: string): Promise<string | null> {
  return await files.stat(path) === null ? null : await files.readText(path);
}
