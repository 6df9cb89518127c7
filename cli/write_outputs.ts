/**
 * Puts generated files below a folder, and nowhere else.
 *
 * @module
 */
import type { OutputFile } from "../idl/emit/options.ts";
import { below, folderOf, joinPath, normalizePath, pathProblem } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Files } from "../lib/platform.ts";

/** Writes the files that differ from what is there; gives their paths. Rejects before it writes if one would leave the folder. */
export async function writeOutputs(files: Files, out: string, outputs: readonly OutputFile[]): Promise<string[]> {
  const changed: { readonly target: string; readonly text: string }[] = [];
  const checked = new Set<string>();
  const root = normalizePath(out);
  for (const { path, text } of outputs) {
    const target = targetPath(out, path);
    for (let at = target; !checked.has(at) && (at === root || below(root, at) !== undefined); at = folderOf(at)) {
      checked.add(at);
      const there = await files.stat(at);
      if (there === null) continue;
      await mustBeBelow(files, out, at);
      if (at !== target && there.kind !== "directory") {
        throw new RpcError("invalid", `cannot write ${target}: ${at} is not a folder`);
      }
    }
    if (await textAt(files, target) !== text) changed.push({ target, text });
  }
  const made = new Set<string>();
  for (const { target, text } of changed) {
    const folder = folderOf(target);
    if (!made.has(folder)) await files.makeDir(folder);
    made.add(folder);
    await files.write(target, text);
  }
  return changed.map(({ target }) => target);
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
  const problem = pathProblem(path);
  if (problem !== undefined) throw new RpcError("invalid", `cannot write ${JSON.stringify(path)}: it ${problem}`);
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
