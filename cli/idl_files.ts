/**
 * The IDL files that a command line names: files as they are, folders with every `.thrift` file below them, and patterns such as
 * `idl/*.thrift` where the shell did not expand them.
 *
 * @module
 */
import { matchesAny } from "../idl/glob.ts";
import { UnreadableSource } from "../idl/load.ts";
import { folderOf, joinPath, normalizePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Files } from "../lib/platform.ts";
import { UsageError } from "./command.ts";

/**
 * The paths of the files, each once, in order. In folders, hidden ones and `node_modules` are left out. Rejects with an
 * `RpcError` of kind `"invalid"` for a path where nothing is, and for a folder or pattern without IDL files, with a
 * `UsageError` for an empty path.
 */
export async function findIdlFiles(files: Files, operands: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const operand of operands) {
    const several = await filesIn(files, operand);
    if (several !== undefined) { for (const each of several) found.add(each); }
    else if (await files.stat(operand) !== null) found.add(normalizePath(assertThrift(operand)));
    else throw new RpcError("invalid", `there is no ${operand}`);
  }
  return [...found];
}

/**
 * The same, but what is no folder and no pattern stays as it is, whether something is there or not. The folders that were looked
 * into go to `seen`, each with the time of its last change.
 */
export async function expandFolders(
  files: Files,
  operands: readonly string[],
  seen: Map<string, number | null> = new Map(),
): Promise<string[]> {
  const looking: Files = Object.assign(Object.create(files), {
    async list(path: string) {
      seen.set(path, (await files.stat(path))?.mtimeMs ?? null);
      return await files.list(path);
    },
  });
  const found: string[] = [];
  for (const operand of operands) found.push(...await filesIn(looking, operand) ?? [operand]);
  return found;
}

/** The path, unless it names Protocol Buffers, in which the grammar of Thrift would find a mistake a line. */
export function assertThrift(path: string): string {
  if (!path.endsWith(".proto")) return path;
  throw new RpcError("invalid", `${path} is no Thrift: for Protocol Buffers there is buf`);
}

/** The text of a file, or `null` if no file is there. Rejects with `UnreadableSource` if there is one that cannot be read. */
export async function readIdlFile(files: Pick<Files, "stat" | "readText">, path: string): Promise<string | null> {
  try {
    return (await files.stat(path))?.kind === "file" ? await files.readText(path) : null;
  } catch (reason) {
    throw reason instanceof RpcError && reason.kind === "invalid" ? new UnreadableSource(reason) : reason;
  }
}

/** What is at the path, `null` if nothing is; `undefined` if that cannot be told, as of a link in circles. */
export async function lookAt(
  files: Pick<Files, "stat">,
  path: string,
): Promise<Awaited<ReturnType<Files["stat"]>> | undefined> {
  try {
    return await files.stat(path);
  } catch (reason) {
    if (!(reason instanceof RpcError)) throw reason;
    return undefined;
  }
}

/** The files of a folder or a pattern; `undefined` if it is neither. */
async function filesIn(files: Files, operand: string): Promise<string[] | undefined> {
  // as of a variable of the shell that is not set: the working directory is not meant
  if (operand === "") throw new UsageError("an empty argument names no file");
  const path = normalizePath(operand);
  const there = await lookAt(files, path);
  if (there === undefined) return undefined; // reading it will say why
  if (there?.kind === "directory") {
    const list = await listIdlFiles(files, path);
    if (list.length === 0) throw new RpcError("invalid", `there is no .thrift file below ${operand}`);
    return list;
  }
  if (there !== null || !/[*?]/.test(path)) return undefined;
  let base = path;
  while (/[*?]/.test(base)) base = folderOf(base);
  const list = (await files.stat(base))?.kind === "directory" ? await listIdlFiles(files, base) : [];
  const matching = list.filter((file) => matchesAny([path], file));
  if (matching.length === 0) throw new RpcError("invalid", `no .thrift file is like ${operand}`);
  return matching;
}

/**
 * Every `.thrift` file below a folder, sorted. A folder that links lead to as well is looked into once, and where it is rather
 * than where a link is: so the paths are the same whatever the order of the names is.
 */
export async function listIdlFiles(files: Pick<Files, "list" | "realPath">, folder: string): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const folders = [folder];
  const linked: string[] = [];
  for (let at = folders.pop(); at !== undefined; at = folders.pop() ?? linked.shift()) {
    const real = await files.realPath(at);
    if (visited.has(real)) continue;
    visited.add(real);
    for (const { name, kind } of await files.list(at)) {
      if (name.startsWith(".") || name === "node_modules") continue;
      const path = joinPath(at, name);
      if (kind === "file" && name.endsWith(".thrift")) found.push(path);
      if (kind !== "directory") continue;
      const isLink = normalizePath(await files.realPath(path)) !== joinPath(normalizePath(real), name);
      (isLink ? linked : folders).push(path);
    }
  }
  return found.sort();
}
