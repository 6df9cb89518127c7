/**
 * Paths as text, with `/` between the parts; a backslash in the input counts as one.
 *
 * @module
 */

/** Drops `.` and empty parts and resolves `..`; leading `..` parts stay. The empty path is `.`. */
export function normalizePath(path: string): string {
  const slashed = path.replaceAll("\\", "/");
  const root = /^(?:[A-Za-z]:)?\//.exec(slashed)?.[0] ?? "";
  const parts: string[] = [];
  for (const part of slashed.slice(root.length).split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (root === "") parts.push(part);
  }
  return root + parts.join("/") || ".";
}

/** Is it absolute, with or without a drive letter? */
export function isAbsolutePath(path: string): boolean {
  return /^(?:[A-Za-z]:)?[\\/]/.test(path);
}

/** `path` as seen from `folder`; an absolute `path` stays as it is. */
export function joinPath(folder: string, path: string): string {
  return normalizePath(isAbsolutePath(path) ? path : `${folder}/${path}`);
}

/** The folder a path lies in. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** Last part of a path without its last extension. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

/** The part of a normalised `path` below a normalised `folder`, or `undefined` if it is not below it. */
export function below(folder: string, path: string): string | undefined {
  if (folder === ".") return isAbsolutePath(path) || path === ".." || path.startsWith("../") ? undefined : path;
  const prefix = folder.endsWith("/") ? folder : folder + "/";
  if (!path.startsWith(prefix)) return undefined;
  const rest = path.slice(prefix.length);
  // ../.. is above .., not below it
  return rest === ".." || rest.startsWith("../") ? undefined : rest;
}

/** Longest name of a file or folder that file systems take. */
const MAX_NAME_BYTES = 255;

/**
 * What keeps a relative path from being that of a file on every system, such as `has a control character`;
 * `undefined` if nothing does.
 */
export function pathProblem(path: string): string | undefined {
  // deno-lint-ignore no-control-regex -- these are what it is about
  if (/[\u0000-\u001f\u007f]/.test(path)) return "has a control character";
  if (/\p{Surrogate}/u.test(path)) return "has half a character";
  if (/^[A-Za-z]:/.test(path)) return "begins with a drive";
  if (/(?:^|[\\/])\.{0,2}$/.test(path)) return "names no file";
  const encoder = new TextEncoder();
  const isTooLong = path.split(/[\\/]/).some((part) => encoder.encode(part).length > MAX_NAME_BYTES);
  return isTooLong ? `has a name longer than ${MAX_NAME_BYTES} bytes` : undefined;
}

/** The way from a normalised folder to a normalised path; the path itself if there is none, as between drives. */
export function relativePath(folder: string, path: string): string {
  if (isAbsolutePath(folder) !== isAbsolutePath(path)) return path;
  const from = folder === "." ? [] : folder.split("/");
  const to = path.split("/");
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  if (from.slice(same).includes("..")) return path;
  return [...from.slice(same).map(() => ".."), ...to.slice(same)].join("/");
}

/** The folder that holds all of the paths. */
export function commonFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map(folderOf);
  let common = first ?? ".";
  for (const other of others) {
    while (common !== other && below(common, `${other}/x`) === undefined && common !== folderOf(common)) {
      common = folderOf(common);
    }
  }
  return common;
}
