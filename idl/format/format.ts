/**
 * Writes IDL files in one style: one item a line, two spaces a level, lists broken where they would be too long.
 *
 * The tokens stay what they are and in their order, apart from separators; every comment stays between the two tokens
 * it is between. Formatting a formatted text gives the same text. Time is linear in the length of the text.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import type { Outcome } from "../diagnostics.ts";
import { parse } from "../parser.ts";
import { Tok } from "../tokens.ts";
import { LineFormatter } from "./line_formatter.ts";
import { meansTheSame } from "./means_the_same.ts";

/** Formats the text of a file. With a syntax error in it, the text is given back as it is, and the errors say why. */
export function format(file: string, text: string): Outcome<string> {
  const { value: document, diagnostics } = parse(file, text);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  return { value: errors.length > 0 ? text : formatDocument(document), diagnostics: errors };
}

/**
 * The formatted text of a document without syntax errors. A byte order mark is left out; lines end as the first one of
 * the document does, with CR LF or LF. Throws if the result would mean something else, which is a bug.
 */
export function formatDocument(document: Document): string {
  const formatted = new LineFormatter(document, lineEndOf(document)).format();
  if (formatted !== document.source.text) {
    const again = parse(document.source.file, formatted);
    if (again.diagnostics.some(({ severity }) => severity === "error") || !meansTheSame(document, again.value)) {
      throw new Error(`formatting ${document.source.file} would change what it means`);
    }
  }
  return formatted;
}

function lineEndOf({ tokens, source }: Document): string {
  for (let i = 0; i < tokens.length; i++) {
    if (tokens.kind(i) !== Tok.Newline) continue;
    return source.text.slice(tokens.start(i), tokens.end(i)) === "\r\n" ? "\r\n" : "\n";
  }
  return "\n";
}
