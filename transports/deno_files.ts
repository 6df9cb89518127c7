/**
 * Files through Deno.
 *
 * @module
 */
import type { DirEntry, FileChange, Files, WatchOptions } from "../lib/platform.ts";
import { changeQueue } from "./change_queue.ts";
import { assertWritable, fileError, temporaryName } from "./file_errors.ts";

/** `Deno.FileInfo`. */
interface DenoStat {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly mtime: Date | null;
  readonly mode: number | null;
}

/** `Deno.DirEntry`. */
interface DenoDirEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
}

/** `Deno.FsWatcher`. */
interface DenoWatcher extends AsyncIterable<{ readonly kind: string; readonly paths: readonly string[] }> {
  close(): void;
}

/** The parts of `Deno` used here. */
export interface DenoFs {
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, content: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  stat(path: string): Promise<DenoStat>;
  statSync(path: string): DenoStat;
  realPath(path: string): Promise<string>;
  realPathSync(path: string): string;
  readDir(path: string): AsyncIterable<DenoDirEntry>;
  mkdir(path: string, options: { recursive: boolean }): Promise<void>;
  makeTempDir(options: { prefix: string }): Promise<string>;
  remove(path: string, options: { recursive: boolean }): Promise<void>;
  watchFs(path: string, options: { recursive: boolean }): DenoWatcher;
  readonly errors: { readonly NotFound: new () => Error; readonly NotADirectory: new () => Error };
}

/** File access of Deno. */
export function denoFiles(fs: DenoFs): Files {
  async function statOrNull(path: string): Promise<DenoStat | null> {
    try {
      return await fs.stat(path);
    } catch (cause) {
      if (cause instanceof fs.errors.NotFound || cause instanceof fs.errors.NotADirectory) return null;
      throw cause;
    }
  }

  async function removeAll(path: string): Promise<void> {
    try {
      await fs.remove(path, { recursive: true });
    } catch (cause) {
      if (!(cause instanceof fs.errors.NotFound)) throw cause;
    }
  }

  async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
    const before = await statOrNull(path);
    if (before?.mode != null) assertWritable(before.mode);
    const target = before === null ? path : await fs.realPath(path);
    const temporary = temporaryName(target);
    try {
      await fs.writeFile(temporary, typeof content === "string" ? new TextEncoder().encode(content) : content);
      if (before?.mode != null) await fs.chmod(temporary, before.mode & 0o7777);
      await fs.rename(temporary, target);
    } catch (cause) {
      await removeAll(temporary);
      throw cause;
    }
  }

  async function list(path: string): Promise<DirEntry[]> {
    const entries: DirEntry[] = [];
    for await (const entry of fs.readDir(path)) {
      // a link that leads nowhere, or round in circles, is nothing one could read
      const found = entry.isSymlink ? await fs.stat(`${path}/${entry.name}`).catch(() => null) : entry;
      entries.push({ name: entry.name, kind: found === null ? "other" : kindOf(found) });
    }
    return entries.sort((a, b) => a.name < b.name ? -1 : 1);
  }

  return {
    read: (path) => attempt("read", path, fs.readFile(path)),
    readText: async (path) => new TextDecoder().decode(await attempt("read", path, fs.readFile(path))),
    write: (path, content) => attempt("write", path, writeWhole(path, content)),
    async stat(path) {
      const found = await attempt("stat", path, statOrNull(path));
      return found && { kind: kindOf(found), mtimeMs: found.mtime?.getTime() ?? 0 };
    },
    realPath: (path) => attempt("resolve", path, fs.realPath(path)),
    list: (path) => attempt("list", path, list(path)),
    makeDir: (path) => attempt("make", path, fs.mkdir(path, { recursive: true })),
    makeTempDir: (prefix) => attempt("make a temporary folder", prefix, fs.makeTempDir({ prefix })),
    remove: (path) => attempt("remove", path, removeAll(path)),
    watch: (paths, signal, options) => watchFiles(fs, paths, signal, options),
  };
}

/**
 * Reports changes below the paths until the signal fires; watching begins before this returns.
 * A file is watched by way of its folder, so that a file replaced by renaming another over it is still seen.
 *
 * Deno 2.9 drops all watchers of a folder a moment after one of them was closed: who begins anew on the same folder must look too.
 */
function watchFiles(
  fs: DenoFs,
  paths: readonly string[],
  signal: AbortSignal,
  { shallow = false }: WatchOptions = {},
): AsyncIterable<FileChange> {
  const watchers: DenoWatcher[] = [];
  const queue = changeQueue(signal, () => {
    for (const watcher of watchers) watcher.close();
  });
  if (signal.aborted) return queue;
  const forward = async (watcher: DenoWatcher, only: string | undefined): Promise<void> => {
    try {
      for await (const event of watcher) {
        if (event.kind === "access") continue;
        for (const path of event.paths) if (only === undefined || path === only) queue.push(path);
      }
    } catch (cause) {
      queue.fail(fileError("watch", only ?? "a folder", cause));
    }
  };
  for (const path of paths) {
    try {
      const { absolute, folder } = locate(fs, path);
      const watched = folder ? absolute : absolute.slice(0, absolute.lastIndexOf("/") + 1);
      const watcher = fs.watchFs(watched, { recursive: folder && !shallow });
      watchers.push(watcher);
      void forward(watcher, folder ? undefined : absolute);
    } catch (cause) {
      queue.fail(fileError("watch", path, cause));
    }
  }
  return queue;
}

/** Where it is, and whether that is a folder; of what is not there, the name in its folder. */
function locate(fs: DenoFs, path: string): { readonly absolute: string; readonly folder: boolean } {
  try {
    const absolute = fs.realPathSync(path);
    return { absolute, folder: fs.statSync(absolute).isDirectory };
  } catch (cause) {
    if (!(cause instanceof fs.errors.NotFound)) throw cause;
    const slash = path.lastIndexOf("/");
    const parent = fs.realPathSync(slash < 0 ? "." : path.slice(0, slash + 1));
    return { absolute: `${parent === "/" ? "" : parent}/${path.slice(slash + 1)}`, folder: false };
  }
}

async function attempt<T>(what: string, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw fileError(what, path, cause);
  }
}

function kindOf(found: { readonly isFile: boolean; readonly isDirectory: boolean }): DirEntry["kind"] {
  return found.isFile ? "file" : found.isDirectory ? "directory" : "other";
}
