/**
 * The configuration file `updraft.json`: found in the working directory or in the nearest folder above it.
 *
 * @module
 */
import { ConfigReader } from "../idl/config_reader.ts";
import { matchesAny } from "../idl/glob.ts";
import { below, folderOf, joinPath, normalizePath, relativePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Files, Platform } from "../lib/platform.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** The name of the file. */
export const CONFIG_FILE = "updraft.json";

/** The option that names another one. */
export const CONFIG_OPTION: OptionSpec = {
  name: "config",
  value: "FILE",
  help: `Reads that instead of ${CONFIG_FILE} in the working directory or in the nearest folder above it.`,
};

/** A part of the configuration. */
export interface Config<T> {
  /** The file, or `undefined` if there is none. */
  readonly path: string | undefined;
  /** What was read. */
  readonly settings: T;
  /** Is a path of this program among the globs, which are relative to the file's folder? */
  matches(globs: readonly string[], path: string): boolean;
}

/**
 * Reads one part of the configuration; `read` gets its value and adds what is wrong with it to `errors`. Rejects with an
 * `RpcError` of kind `"invalid"` that lists all of that.
 */
export async function loadConfig<T>(
  platform: Platform,
  options: ParsedOptions,
  part: "lint" | "breaking",
  read: (value: unknown, errors: string[]) => T,
): Promise<Config<T>> {
  return await load(platform.files, platform.cwd(), (path) => path, part, read, options.value("config"));
}

/** The same for the folder `at` instead of the working directory. */
export async function loadConfigIn<T>(
  files: Files,
  at: string,
  part: "lint" | "breaking",
  read: (value: unknown, errors: string[]) => T,
): Promise<Config<T>> {
  return await load(files, at, (path) => joinPath(normalizePath(at), path), part, read, undefined);
}

/** `pathOf` gives the path of a file, by its path from `at`, as `files` takes it. */
async function load<T>(
  files: Files,
  at: string,
  pathOf: (path: string) => string,
  part: "lint" | "breaking",
  read: (value: unknown, errors: string[]) => T,
  given: string | undefined,
): Promise<Config<T>> {
  const cwd = normalizePath(at);
  const path = given ?? await findConfig(files, cwd, pathOf);
  const errors: string[] = [];
  const root = path === undefined ? {} : await readJson(files, path, pathOf);
  const settings = read(new ConfigReader(errors).object(root, "top level", ["lint", "breaking"])[part], errors);
  if (errors.length > 0) throw new RpcError("invalid", errors.map((error) => `${path}: ${error}`).join("\n"));
  const folder = joinPath(cwd, folderOf(normalizePath(path ?? CONFIG_FILE)));
  return {
    path,
    settings,
    matches: (globs, file) => {
      const whole = joinPath(cwd, file);
      return matchesAny(globs, below(folder, whole) ?? relativePath(folder, whole));
    },
  };
}

async function findConfig(
  files: Files,
  cwd: string,
  pathOf: (path: string) => string,
): Promise<string | undefined> {
  const depth = cwd.split("/").length - 1;
  for (let up = 0; up <= depth; up++) {
    const path = "../".repeat(up) + CONFIG_FILE;
    if ((await files.stat(pathOf(path)))?.kind === "file") return path;
  }
  return undefined;
}

async function readJson(files: Files, path: string, pathOf: (path: string) => string): Promise<unknown> {
  const text = await files.readText(pathOf(path));
  try {
    return JSON.parse(text.replace(/^\ufeff/, "")) as unknown;
  } catch (cause) {
    throw new RpcError("invalid", `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
