/**
 * A `Platform` of files in memory, with what was printed, for tests of commands.
 *
 * @module
 */
import { folderOf, joinPath, normalizePath } from "../../idl/paths.ts";
import { RpcError } from "../../lib/errors.ts";
import type { FileChange, Files, OutStream, Platform } from "../../lib/platform.ts";

/** The platform and what can be seen and done from outside. */
export interface MemoryPlatform {
  /** What commands get. */
  readonly platform: Platform;
  /** All files by path. */
  readonly files: Map<string, string>;
  /** Links: what a folder really is. */
  readonly links: Map<string, string>;
  /** Paths written so far. */
  readonly writes: string[];
  /** What was printed. */
  readonly printed: { out: string; err: string };
  /** Writes a file as an editor would: watchers hear of it. */
  edit(path: string, text: string): void;
  /** Removes a file: watchers hear of it. */
  remove(path: string): void;
  /** Called when a command writes a file. Default: does nothing. */
  onWrite: () => void;
  /** Sends SIGINT. */
  interrupt(): void;
  /** Resolves when `text` was printed to standard output since the last call. */
  prints(text: string): Promise<void>;
}

/** Makes one; `terminal` says whether its outputs are one. */
export function memoryPlatform(
  args: readonly string[],
  initial: Readonly<Record<string, string>> = {},
  settings: {
    readonly terminal?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    readonly stdin?: string | Uint8Array;
  } = {},
): MemoryPlatform {
  const files = new Map(Object.entries(initial));
  const times = new Map([...files.keys()].map((path) => [path, 1]));
  const links = new Map<string, string>();
  const writes: string[] = [];
  const printed = { out: "", err: "" };
  const watchers = new Set<(change: FileChange) => void>();
  const signals = new Set<(signal: "SIGINT") => void>();
  const waiting: { text: string; from: number; done: () => void }[] = [];
  let clock = 1;
  let seen = 0;
  const set = (path: string, text: string): void => {
    files.set(path, text);
    times.set(path, ++clock);
    changed(path);
  };
  const changed = (path: string): void => {
    times.set(folderOf(path), ++clock);
    for (const watcher of watchers) watcher({ path });
  };
  const stream = (write: (text: string) => void): OutStream => ({
    write: (text) => Promise.resolve(write(text)),
    writeBytes: (bytes) => Promise.resolve(write(new TextDecoder().decode(bytes))),
    isTerminal: settings.terminal ?? false,
    columns: undefined,
  });
  const isFolder = (path: string): boolean =>
    path === "." || links.has(path) || [...files.keys()].some((file) => file.startsWith(path + "/"));
  const access: Pick<Files, "read" | "readText" | "write" | "stat" | "realPath" | "list" | "makeDir" | "watch"> = {
    async read(path) {
      return new TextEncoder().encode(await access.readText(path));
    },
    readText(path) {
      const text = files.get(normalizePath(path));
      return text === undefined
        ? Promise.reject(new RpcError("invalid", `cannot read ${path}`))
        : Promise.resolve(text);
    },
    write(path, content) {
      writes.push(path);
      memory.onWrite();
      set(normalizePath(path), typeof content === "string" ? content : new TextDecoder().decode(content));
      return Promise.resolve();
    },
    stat(path) {
      const normal = normalizePath(path);
      if (files.has(normal)) return Promise.resolve({ kind: "file", mtimeMs: times.get(normal) ?? 0 });
      return Promise.resolve(isFolder(normal) ? { kind: "directory", mtimeMs: times.get(normal) ?? 0 } : null);
    },
    realPath(path) {
      let real = normalizePath(path);
      for (let at = real; at !== "."; at = folderOf(at)) {
        const target = links.get(at);
        if (target !== undefined) real = joinPath(target, real.slice(at.length + 1));
      }
      return Promise.resolve(joinPath("/work", real));
    },
    list(path) {
      const folder = normalizePath(path) === "." ? "" : normalizePath(path) + "/";
      const below = [...files.keys()].filter((file) => file.startsWith(folder)).map((file) =>
        file.slice(folder.length)
      );
      const names = [...new Set(below.map((file) => file.split("/")[0] ?? ""))].sort();
      const isFile = (name: string): boolean => files.has(folder + name);
      return Promise.resolve(names.map((name) => ({ name, kind: isFile(name) ? "file" : "directory" })));
    },
    makeDir: () => Promise.resolve(),
    watch: (paths, signal) => watchMemory(watchers, paths, signal),
  };
  const platform: Partial<Platform> = {
    name: "node",
    args,
    env: (name) => settings.env?.[name],
    cwd: () => "/work",
    stdout: stream((text) => {
      printed.out += text;
      for (const wait of [...waiting]) if (printed.out.includes(wait.text, wait.from)) wait.done();
    }),
    stderr: stream((text) => void (printed.err += text)),
    stdin: new Blob([settings.stdin ?? ""] as BlobPart[]).stream(),
    files: access as Files,
    onSignal(handler) {
      signals.add(handler);
      return () => signals.delete(handler);
    },
  };
  const memory: MemoryPlatform = {
    platform: platform as Platform,
    files,
    links,
    writes,
    printed,
    edit: set,
    remove(path) {
      files.delete(path);
      changed(path);
    },
    onWrite: () => {},
    interrupt: () => signals.forEach((handler) => handler("SIGINT")),
    async prints(text) {
      if (!printed.out.includes(text, seen)) {
        await new Promise<void>((done) => void waiting.push({ text, from: seen, done }));
      }
      seen = printed.out.length;
    },
  };
  return memory;
}

async function* watchMemory(
  watchers: Set<(change: FileChange) => void>,
  paths: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<FileChange> {
  const changes: FileChange[] = [];
  let wake = (): void => {};
  const watcher = (change: FileChange): void => {
    if (paths.some((path) => change.path === path || change.path.startsWith(`${path}/`))) changes.push(change);
    wake();
  };
  watchers.add(watcher);
  signal.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const change = changes.shift();
      if (change !== undefined) yield change;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    watchers.delete(watcher);
  }
}
