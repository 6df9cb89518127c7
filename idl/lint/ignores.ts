/**
 * Comments that silence rules: `// updraft-lint-ignore RULE reason` for the line it is on, or, alone on its line, for the
 * next line of the IDL; `// updraft-lint-ignore-file RULE reason` for the file. Several rules are parted by commas.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import type { Span } from "../diagnostics.ts";
import { Tok } from "../tokens.ts";

/** A rule that a comment silences. */
export interface Ignore {
  /** The comment. */
  readonly at: Span;
  /** Name or code of the rule, as written. */
  readonly rule: string;
  /** The line it is for; `undefined` for all of the file. */
  readonly line: number | undefined;
  /** Is a reason given? */
  readonly reasoned: boolean;
}

/** All of a file's, in order; a comment that names no rule counts as one of the rule `""`. */
export function ignoresOf(document: Document): Ignore[] {
  const { tokens, source } = document;
  const found: Ignore[] = [];
  if (!source.text.includes("updraft-lint-ignore")) return found;
  for (let i = 0; i < tokens.length; i++) {
    if (tokens.kind(i) !== Tok.Comment) continue;
    const at = { start: tokens.start(i), end: tokens.end(i) };
    const match = /^(?:\/\/+|#+|\/\*+)[ \t]*(updraft-lint-ignore(-[\w-]*)?)(?!\w)[ \t]*([^]*?)(?:\*\/)?$/
      .exec(source.text.slice(at.start, at.end));
    if (match === null) continue;
    const [, word = "", more, text = ""] = match;
    const [names = "", ...reason] = text.trim().split(/(?<!,)\s+(?!,)/);
    const line = more === "-file" ? undefined : source.position(lineAnchor(document, i)).line;
    if (more !== undefined && more !== "-file") {
      // such as -next-line, which other linters have: it would be left there without any effect
      found.push({ at, rule: word, line, reasoned: true });
      continue;
    }
    for (const rule of names.split(",")) found.push({ at, rule: rule.trim(), line, reasoned: reason.length > 0 });
  }
  return found;
}

/** A place on the line that a comment is for. */
function lineAnchor({ tokens }: Document, comment: number): number {
  for (let i = comment - 1; i >= 0 && tokens.kind(i) !== Tok.Newline; i--) {
    if (tokens.kind(i) > Tok.Comment) return tokens.start(comment);
  }
  let next = comment + 1;
  while (tokens.kind(next) <= Tok.Comment) next++;
  return tokens.start(next);
}
