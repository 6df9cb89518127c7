/**
 * The comments that describe a definition, field, enum member or function.
 *
 * Those are the comments that end on the line above it, or on its own line before it; failing these, the one behind it
 * on the line where it ends.
 *
 * @module
 */
import type { Document } from "./ast.ts";
import type { Span } from "./diagnostics.ts";
import { Tok } from "./tokens.ts";

/** The text that describes a node, without comment marks; `undefined` if there is none. */
export function docOf(document: Document, node: Span): string | undefined {
  const parts = commentsBefore(document, node).filter(isDoc);
  const texts = parts.length > 0 ? parts : commentsBehind(document, node).filter(isDoc);
  const text = texts.map(stripMarks).join("\n").replace(/^(?:[ \t]*\n)+/, "").trimEnd();
  return text === "" ? undefined : text;
}

/** Comments that speak to the linter describe nothing. */
function isDoc(comment: string): boolean {
  return !/^(?:\/\/+|#+|\/\*+)[ \t]*updraft-lint-ignore/.test(comment);
}

function commentsBefore(document: Document, node: Span): string[] {
  const { tokens, source } = document;
  const comments: string[] = [];
  let breaksBelow = 0;
  let sameLine = true;
  for (let i = tokens.at(node.start) - 1; i >= 0; i--) {
    const kind = tokens.kind(i);
    if (kind === Tok.Newline) {
      sameLine = false;
      // a blank line parts what is above it from the node
      if (++breaksBelow > 1) break;
    } else if (kind === Tok.Comment) {
      comments.unshift(source.text.slice(tokens.start(i), tokens.end(i)));
      breaksBelow = 0;
    } else if (kind !== Tok.Blank) {
      // a comment that ends the line of the token before it belongs to that token
      if (breaksBelow === 0 && !sameLine) comments.shift();
      break;
    }
  }
  return comments;
}

function commentsBehind(document: Document, node: Span): string[] {
  const { tokens, source } = document;
  for (let i = tokens.at(node.end); i < tokens.length; i++) {
    const kind = tokens.kind(i);
    if (kind === Tok.Comment) return [source.text.slice(tokens.start(i), tokens.end(i))];
    if (kind !== Tok.Blank && kind !== Tok.Comma && kind !== Tok.Semicolon) break;
  }
  return [];
}

function stripMarks(comment: string): string {
  if (!comment.startsWith("/*")) return comment.replace(/^(?:\/\/+|#+) ?/, "").trimEnd();
  const lines = comment.slice(2, comment.endsWith("*/") ? -2 : undefined).replace(/^\*+/, "").split(/\r\n|\r|\n/);
  return lines.map((line, i) => i === 0 ? line.trim() : line.replace(/^[ \t]*\*? ?/, "").trimEnd()).join("\n").trim();
}
