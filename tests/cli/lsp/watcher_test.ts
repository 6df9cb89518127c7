import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Watcher } from "../../../cli/lsp/watcher.ts";
import type { FileChange, Files } from "../../../lib/platform.ts";

/** Files of which each path has the time `times` says, 1 if it says nothing; `change` is what the system tells of. */
function fakeFiles(times: Readonly<Record<string, number>> = {}): {
  files: Files;
  watched: (readonly string[])[];
  change(path: string): void;
} {
  const watched: (readonly string[])[] = [];
  const listeners: ((change: FileChange) => void)[] = [];
  const files = {
    stat: (path: string) =>
      Promise.resolve({ kind: path.includes(".") ? "file" : "directory", mtimeMs: times[path] ?? 1 }),
    async *watch(paths: readonly string[], signal: AbortSignal): AsyncGenerator<FileChange> {
      watched.push(paths);
      while (!signal.aborted) {
        yield await new Promise<FileChange>((resolve) => listeners.push(resolve));
      }
    },
  } as unknown as Files;
  return { files, watched, change: (path) => listeners.splice(0).forEach((tell) => tell({ path })) };
}

/** Resolves when a watcher of `/a.thrift`, seen at 1, has told of a change; `begun` is called when it watches. */
async function tellsOfChange(files: Files, begun: () => void): Promise<void> {
  let watcher: Watcher | undefined;
  await new Promise<void>((resolve, reject) => {
    watcher = new Watcher(files, resolve);
    watcher.watch(new Map([["/a.thrift", 1]])).then(begun, reject);
  });
  watcher?.close();
}

describe("the language server's watcher", () => {
  it("takes the system's word for a change, whatever the time of the file", async () => {
    const { files, change } = fakeFiles();
    await tellsOfChange(files, () => change("/a.thrift"));
  });
  it("sees what changed before it began", async () => {
    await tellsOfChange(fakeFiles({ "/a.thrift": 2 }).files, () => {});
  });
  it("goes on with what it watches, and adds what is new", async () => {
    const { files, watched } = fakeFiles();
    const watcher = new Watcher(files, () => {});
    await watcher.watch(new Map([["/a.thrift", 1]]));
    await watcher.watch(new Map([["/a.thrift", 2], ["/b.thrift", null]]));
    await watcher.watch(new Map([["/b.thrift", 1]]));
    watcher.close();
    assertEquals(watched, [["/a.thrift"], ["/b.thrift"]]);
    await watcher.watch(new Map([["/c.thrift", 1]]));
    assertEquals(watched.length, 2);
  });
});
