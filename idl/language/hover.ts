/**
 * What an editor shows about the place the pointer is at.
 *
 * @module
 */
import type { Span } from "../diagnostics.ts";
import type { Module } from "../model.ts";
import { Tok } from "../tokens.ts";
import { knownAnnotation } from "./annotations.ts";
import { describe, type Description } from "./describe.ts";
import type { Occurrences } from "./occurrences.ts";

/** What to show, and the text it is about. */
export interface Hover extends Span, Description {}

/** Describes what is at an offset of a module's text; `undefined` if nothing is known about it. */
export function hover(occurrences: Occurrences, module: Module, offset: number): Hover | undefined {
  const found = occurrences.at(module, offset);
  if (found !== undefined) return { start: found.start, end: found.end, ...describe(found.named) };
  const { tokens, source } = module.document;
  const token = tokens.at(offset);
  if (tokens.kind(token) !== Tok.Identifier) return undefined;
  const [start, end] = [tokens.start(token), tokens.end(token)];
  const known = knownAnnotation(source.text.slice(start, end));
  if (known === undefined || !isKey(module, token)) return undefined;
  const values = known.values === undefined ? [] : [`values: ${known.values.join(", ")}`];
  return { start, end, code: source.text.slice(start, end), doc: known.help, facts: values };
}

/** Does an annotation begin with this token? Its key stands behind a parenthesis, or behind another annotation. */
function isKey(module: Module, token: number): boolean {
  const { tokens } = module.document;
  let next = token + 1;
  while (tokens.kind(next) <= Tok.Comment) next++;
  return tokens.kind(next) === Tok.Equals || tokens.kind(next) === Tok.ParenClose;
}
