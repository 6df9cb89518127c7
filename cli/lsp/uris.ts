/**
 * `file:` URIs and the paths they mean.
 *
 * @module
 */
import { normalizePath } from "../../idl/paths.ts";

/** The path of a `file:` URI; `undefined` for another scheme, and for what is no URI. */
export function toPath(uri: string): string | undefined {
  const match = /^file:\/\/([^/?#]*)(\/[^?#]*)/i.exec(uri);
  if (match === null) return undefined;
  const [, host = "", encoded = ""] = match;
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    return undefined; // a lone %
  }
  if (path.includes("\0")) return undefined;
  if (host !== "" && host !== "localhost") return normalizePath(`//${host}${path}`);
  return normalizePath(/^\/[A-Za-z]:/.test(path) ? path.slice(1) : path);
}

/** The URI of an absolute path. */
export function toUri(path: string): string {
  const rooted = path.startsWith("/") ? path : `/${path}`;
  return `file://${rooted.split("/").map(encodeURIComponent).join("/")}`;
}
