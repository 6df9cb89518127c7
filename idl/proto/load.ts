/**
 * Reads `.proto` files and everything they import.
 *
 * A file goes by its path below the first include folder that has it, as with protoc; unlike with buf, include folders may
 * lie in one another.
 *
 * @module
 */
import type { SourceReader } from "../load.ts";
import { below, commonFolder, joinPath, normalizePath } from "../paths.ts";
import { importsOf } from "./imports.ts";

/** A file that was read. */
export interface ProtoFile {
  /** How others import it. */
  readonly name: string;
  /** Where it is, relative to the working directory where it lies below it. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** Files and what they import. */
export interface ProtoFileSet {
  /** Names of the files asked for. */
  readonly mains: readonly string[];
  /** Paths of files asked for that do not exist. */
  readonly missing: readonly string[];
  /** Every file that was found, by its name. */
  readonly files: ReadonlyMap<string, ProtoFile>;
  /** Where an import is looked for. */
  readonly roots: readonly string[];
}

/**
 * Loads files. Those below none of `includeDirs` have the folder that they share as one more. Imports that are not found
 * are left out: the compiler reports them, or has them itself. Rejects only if `reader` does.
 */
export async function loadProto(
  paths: readonly string[],
  reader: SourceReader,
  options: { readonly includeDirs: readonly string[]; readonly cwd: string },
): Promise<ProtoFileSet> {
  const cwd = normalizePath(options.cwd);
  const identity = (path: string): string => below(cwd, joinPath(cwd, path)) ?? joinPath(cwd, path);
  const mains = [...new Set(paths.map(identity))];
  const roots = rootsOf(mains, options.includeDirs.map((dir) => joinPath(cwd, dir) === cwd ? "." : identity(dir)));
  const files = new Map<string, ProtoFile>();
  const missing: string[] = [];
  const names: string[] = [];
  const load = async (name: string, path: string): Promise<boolean> => {
    const text = await reader.read(path);
    if (text !== null) files.set(name, { name, path, text });
    return text !== null;
  };
  for (const path of mains) {
    const name = nameOf(path, roots);
    if (await load(name, path)) names.push(name);
    else missing.push(path);
  }
  // entries that are added while the map is walked are walked too
  for (const { text } of files.values()) {
    for (const name of importsOf(text)) {
      if (files.has(name) || below(".", normalizePath(name)) !== name) continue;
      for (const root of roots) if (await load(name, joinPath(root, name))) break;
    }
  }
  return { mains: names, missing, files, roots };
}

function rootsOf(mains: readonly string[], includeDirs: readonly string[]): string[] {
  const strays = mains.filter((path) => !includeDirs.some((dir) => below(dir, path) !== undefined));
  return [...new Set(strays.length === 0 ? includeDirs : [...includeDirs, commonFolder(strays)])];
}

/** The path of a file below the first folder that it is in. */
function nameOf(path: string, roots: readonly string[]): string {
  for (const root of roots) {
    const name = below(root, path);
    if (name !== undefined) return name;
  }
  return path;
}
