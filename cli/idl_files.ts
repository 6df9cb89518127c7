/**
 * The IDL files that a command line names: files as they are, folders with every `.thrift` file below them.
 *
 * @module
 */
import { joinPath, normalizePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Files } from "../lib/platform.ts";

/**
 * The paths of the files, each once, in order. In folders, hidden ones and `node_modules` are left out. Rejects with an
 * `RpcError` of kind `"invalid"` for a path where nothing is, and for a folder without IDL files.
 */
export async function findIdlFiles(files: Files, operands: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const operand of operands) {
    const path = normalizePath(operand);
    const kind = (await files.stat(path))?.kind;
    if (kind === undefined) throw new RpcError("invalid", `there is no ${operand}`);
    if (kind !== "directory") {
      found.add(path);
      continue;
    }
    const below = await listIdlFiles(files, path);
    if (below.length === 0) throw new RpcError("invalid", `there is no .thrift file below ${operand}`);
    for (const each of below) found.add(each);
  }
  return [...found];
}

/** Every `.thrift` file below a folder, sorted; a folder that links lead to twice is looked into once. */
export async function listIdlFiles(files: Files, folder: string): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const real = await files.realPath(at);
    if (visited.has(real)) continue;
    visited.add(real);
    for (const { name, kind } of await files.list(at)) {
      if (name.startsWith(".") || name === "node_modules") continue;
      if (kind === "directory") folders.push(joinPath(at, name));
      else if (kind === "file" && name.endsWith(".thrift")) found.push(joinPath(at, name));
    }
  }
  return found.sort();
}
