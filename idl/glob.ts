/**
 * Globs over paths: `*` and `?` stay within a part of the path, `**` crosses parts, a folder stands for all below it.
 *
 * @module
 */

/** Does one of the globs take the normalised path? */
export function matchesAny(globs: readonly string[], path: string): boolean {
  return globs.some((glob) => toPattern(glob).test(path));
}

function toPattern(glob: string): RegExp {
  const folder = glob.replace(/^\.\//, "").replace(/\/+$/, "");
  const pattern = folder.replace(/\*\*\/|\*\*|[*?]|[^\w/]/g, (piece) => {
    if (piece === "**/") return "(?:[^/]+/)*";
    if (piece === "**") return ".*";
    if (piece === "*") return "[^/]*";
    return piece === "?" ? "[^/]" : `\\${piece}`;
  });
  return new RegExp(`^${pattern}(?:/.*)?$`, "s");
}
