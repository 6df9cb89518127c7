/**
 * A folder for tests that compile `.proto` files with the real programs.
 *
 * @module
 */
import type { SourceReader } from "../../../idl/load.ts";
import type { Platform } from "../../../lib/platform.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";

/** A folder with files. */
export interface Workspace {
  /** This runtime. */
  readonly platform: Platform;
  /** Its path. */
  readonly folder: string;
  /** Reads real files. */
  readonly reader: SourceReader;
  /** Removes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a temporary folder with files in it. */
export async function workspace(texts: Readonly<Record<string, string>>): Promise<Workspace> {
  const platform = await autoPlatform();
  const { files } = platform;
  const folder = await files.makeTempDir("updraft-proto-test-");
  for (const [path, text] of Object.entries(texts)) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) await files.makeDir(`${folder}/${path.slice(0, slash)}`);
    await files.write(`${folder}/${path}`, text);
  }
  return {
    platform,
    folder,
    reader: {
      read: async (path) => (await files.stat(path))?.kind === "file" ? await files.readText(path) : null,
    },
    [Symbol.asyncDispose]: () => files.remove(folder),
  };
}
