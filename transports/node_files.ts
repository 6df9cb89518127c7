/**
 * Files through `node:fs`.
 *
 * @module
 */
import type { Dirent, Stats } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DirEntry, Files } from "../lib/platform.ts";
import { assertWritable, fileError, temporaryName } from "./file_errors.ts";
import { watchFiles } from "./node_watch.ts";

/** File access of Node, and of Bun, whose own file API has no folders. */
export function nodeFiles(): Files {
  return {
    async read(path) {
      const bytes = await attempt("read", path, readFile(path));
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    readText: async (path) => new TextDecoder().decode(await attempt("read", path, readFile(path))),
    write: (path, content) => attempt("write", path, writeWhole(path, content)),
    async stat(path) {
      const found = await attempt("stat", path, statOrNull(path));
      return found && { kind: kindOf(found), mtimeMs: found.mtimeMs };
    },
    realPath: (path) => attempt("resolve", path, realpath(path)),
    async list(path) {
      const entries = await attempt("list", path, readdir(path, { withFileTypes: true }));
      const list = await attempt("list", path, Promise.all(entries.map((entry) => dirEntry(path, entry))));
      return list.sort((a, b) => a.name < b.name ? -1 : 1);
    },
    async makeDir(path) {
      await attempt("make", path, mkdir(path, { recursive: true }));
    },
    makeTempDir: (prefix) => attempt("make a temporary folder", prefix, mkdtemp(join(tmpdir(), prefix))),
    remove: (path) => attempt("remove", path, rm(path, { recursive: true, force: true })),
    watch: watchFiles,
  };
}

async function attempt<T>(what: string, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw fileError(what, path, cause);
  }
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const before = await statOrNull(path);
  if (before !== null) assertWritable(before.mode);
  const target = before === null ? path : await realpath(path);
  const temporary = temporaryName(target);
  try {
    await writeFile(temporary, content);
    if (before !== null) await chmod(temporary, before.mode);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw cause;
  }
}

async function dirEntry(folder: string, entry: Dirent): Promise<DirEntry> {
  // a link that leads nowhere, or round in circles, is nothing one could read
  const found = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry;
  return { name: entry.name, kind: found === null ? "other" : kindOf(found) };
}

function kindOf(found: Stats | Dirent): DirEntry["kind"] {
  return found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
}
