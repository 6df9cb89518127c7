/**
 * Compares two versions of a file: the same syntax trees with the same comments, wherever they stand on the page.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import { Tok } from "../tokens.ts";

/** Have both the same tree and the same comments in the same order? Places, blanks and separators do not count. */
export function meansTheSame(a: Document, b: Document): boolean {
  return sameTree(a.headers, b.headers) && sameTree(a.definitions, b.definitions) &&
    sameTree(contentsOf(a), contentsOf(b));
}

/** All tokens that are no blank, line end or separator, as text; of comments, without the blanks around their lines. */
export function contentsOf({ tokens, source }: Document): string[] {
  const found: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const kind = tokens.kind(i);
    if (kind < Tok.Comment || kind === Tok.Comma || kind === Tok.Semicolon) continue;
    const text = source.text.slice(tokens.start(i), tokens.end(i));
    found.push(kind === Tok.Comment ? text.split(/\r\n|\r|\n/).map((line) => line.trim()).join("\n") : text);
  }
  return found;
}

function sameTree(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((item, i) => sameTree(item, b[i]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  return Object.keys(left).every((key) => key === "start" || key === "end" || sameTree(left[key], right[key]));
}
