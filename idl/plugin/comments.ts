/**
 * The comments of a definition, field, enum member or function as Thriftgo's plugins get them: with their marks, whatever
 * blank lines are between them.
 *
 * Those are all comments in front of it that do not end the line of what stands before; failing these, for a field or an
 * enum member, the comments behind it on its line.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import type { Span } from "../diagnostics.ts";
import { Tok } from "../tokens.ts";

/** The comments in front of a node, a line break between them; the empty text if there are none. */
export function leadingComments({ source, tokens }: Document, node: Span): string {
  const first = tokens.at(node.start);
  let from = first;
  while (from > 0 && isBetween(tokens.kind(from - 1))) from--;
  const before = tokens.kind(from - 1);
  // what ends a line belongs to what the line is about, but an opening bracket is about what follows
  if (from > 0 && before !== Tok.BraceOpen && before !== Tok.ParenOpen) {
    while (from < first && tokens.kind(from) !== Tok.Newline) from++;
  }
  return commentsIn(source.text, tokens, from, first);
}

/** The same for a field or an enum member. */
export function memberComments(document: Document, node: Span): string {
  const leading = leadingComments(document, node);
  if (leading !== "") return leading;
  const { source, tokens } = document;
  let from = tokens.at(node.end);
  let separator = from;
  while (isBetween(tokens.kind(separator))) separator++;
  if (tokens.kind(separator) === Tok.Comma || tokens.kind(separator) === Tok.Semicolon) from = separator + 1;
  let to = from;
  while (tokens.kind(to) === Tok.Blank || tokens.kind(to) === Tok.Comment) to++;
  return commentsIn(source.text, tokens, from, to);
}

function isBetween(kind: Tok): boolean {
  return kind === Tok.Blank || kind === Tok.Newline || kind === Tok.Comment;
}

function commentsIn(text: string, tokens: Document["tokens"], from: number, to: number): string {
  const comments: string[] = [];
  for (let i = from; i < to; i++) {
    if (tokens.kind(i) !== Tok.Comment) continue;
    const comment = text.slice(tokens.start(i), tokens.end(i));
    comments.push(comment.startsWith("#") ? `//${comment.slice(1)}` : comment);
  }
  return comments.join("\n");
}
