/**
 * How the platforms word what went wrong with a file or program, and name the temporary file behind a whole-file write.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";

/** Wraps why something could not be done to a path as kind `"invalid"`; `what` is a verb such as `read`. */
export function fileError(what: string, path: string, cause: unknown): RpcError {
  if (cause instanceof RpcError) return cause;
  return new RpcError("invalid", `cannot ${what} ${path}: ${reasonText(cause)}`, { cause });
}

/** Wraps why a program could not be started, in the folder `cwd` if one was named, as kind `"invalid"`. */
export function programError(command: string, cwd: string | undefined, cause: unknown): RpcError {
  const { code, name } = Object(cause) as { readonly code?: unknown; readonly name?: unknown };
  const isMissing = code === "ENOENT" || name === "NotFound";
  const reason = isMissing
    ? `there is no such program${cwd === undefined ? "" : `, or no folder ${cwd}`}`
    : reasonText(cause);
  return new RpcError("invalid", `cannot start ${command}: ${reason}`, { cause });
}

/** Throws if nobody may write a file of this mode: renaming another file over it would do so all the same. */
export function assertWritable(mode: number): void {
  if ((mode & 0o222) === 0) throw new Error("it is read-only");
}

/** Characters of a name that its temporary one keeps: with what is added, even these are no more than 255 bytes. */
const KEPT_CHARS = 60;

/** A new name in the folder of `path` that listings and watchers see as hidden. */
export function temporaryName(path: string): string {
  const slash = path.lastIndexOf("/") + 1;
  const kept = path.slice(slash, slash + KEPT_CHARS).replace(/[\ud800-\udbff]$/, "");
  return `${path.slice(0, slash)}.${kept}.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

/** True for a path that `temporaryName` gave. */
export function isTemporaryName(path: string): boolean {
  return /(^|\/)\.[^/]+\.[0-9a-f]{8}\.tmp$/.test(path);
}

/** Node says `ENOENT: no such file or directory, open 'x'`, Deno `No such file or directory (os error 2): open 'x'`. */
function reasonText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as { code?: unknown };
  if (code === "EISDIR") return "is a directory"; // Node says "illegal operation on a directory"
  const text = cause.message.replace(/^[A-Z]+: /, "").replace(/(, | \(os error).*$/s, "");
  if (text === "") return typeof code === "string" ? code : cause.name;
  return text.charAt(0).toLowerCase() + text.slice(1);
}
