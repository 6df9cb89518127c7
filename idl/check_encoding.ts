/**
 * Finds bytes that were not UTF-8: whoever reads files as text gets U+FFFD for them.
 *
 * @module
 */
import type { Document } from "./ast.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { Tok } from "./tokens.ts";

/** What stands for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Reports strings with such bytes, whose value is lost, and the first comment with some. Elsewhere they are no part of the
 * language, which the lexer reports.
 */
export function checkEncoding({ source, tokens }: Document, diagnostics: Diagnostics): void {
  let warned = false;
  for (let next = source.text.indexOf(REPLACEMENT); next >= 0;) {
    const token = tokens.at(next);
    const kind = tokens.kind(token);
    const at = { start: next, end: next + 1 };
    if (kind === Tok.Literal) {
      diagnostics.error("UT1011", source, at, "this is not UTF-8", {
        suggestion: "save the file as UTF-8; for the character U+FFFD itself write \\ufffd",
      });
    } else if (kind === Tok.Comment && !warned) {
      warned = true;
      diagnostics.warning("UT1011", source, at, "this is not UTF-8", { suggestion: "save the file as UTF-8" });
    }
    next = source.text.indexOf(REPLACEMENT, tokens.end(token));
  }
}
