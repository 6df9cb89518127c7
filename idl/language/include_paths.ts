/**
 * Paths that an include may name.
 *
 * @module
 */
import { folderOf, joinPath, normalizePath } from "../paths.ts";
import type { CompletionItem } from "./completion.ts";

/** An entry of a folder. */
export interface FolderEntry {
  /** Its name. */
  readonly name: string;
  /** Is it a folder? */
  readonly isFolder: boolean;
}

/**
 * Files and folders that can follow what is typed of an include's path, in the order in which they are looked for: from
 * the working directory, from the file's folder, from each include folder. `list` gives the entries of a folder, none if
 * there is no such folder.
 */
export async function completePath(
  typed: string,
  file: string,
  includeDirs: readonly string[],
  list: (folder: string) => Promise<readonly FolderEntry[]>,
): Promise<CompletionItem[]> {
  const slash = typed.lastIndexOf("/");
  const folder = slash < 0 ? "." : typed.slice(0, slash) || "/";
  const items = new Map<string, CompletionItem>();
  for (const root of new Set([".", folderOf(file), ...includeDirs])) {
    const at = joinPath(root, folder);
    for (const { name, isFolder } of await list(at)) {
      if (name.startsWith(".") || (!isFolder && !name.endsWith(".thrift"))) continue;
      if (joinPath(at, name) === normalizePath(file)) continue;
      const label = typed.slice(0, slash + 1) + name + (isFolder ? "/" : "");
      if (!items.has(label)) items.set(label, { label, kind: isFolder ? "folder" : "file" });
    }
  }
  return [...items.values()];
}
