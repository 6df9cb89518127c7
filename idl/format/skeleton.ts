/**
 * The tokens of a file that mean something, with what the layout asks of them: roles, matching brackets, widths.
 *
 * Widths are sums from the start of the file, so that the width of any stretch is one subtraction.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import { Tok } from "../tokens.ts";
import { fitsInLine, gapBetween } from "./comments.ts";
import { Role, rolesOf } from "./roles.ts";

/** The meaningful tokens of a document, numbered from 0, its end not among them. */
export interface Skeleton {
  /** How many there are. */
  readonly length: number;
  /** Index in `document.tokens`; the end's at `length`. */
  readonly token: Int32Array;
  /** Roles, see `Role`. */
  readonly roles: Uint8Array;
  /** For the opening bracket of a list, the number of the closing one; for a closing one, its opener's; else -1. */
  readonly match: Int32Array;
  /** 1 for `,` and `;` that part items; the comma of `map<K, V>` is none. */
  readonly separators: Uint8Array;
  /** `widths[k]`: columns of all tokens before `k`, when written in one line. */
  readonly widths: Float64Array;
  /** `breaks[k]`: how much up to and with `k` forces a list around it to be broken into lines. */
  readonly breaks: Int32Array;
}

/** Makes the skeleton of a document without syntax errors. */
export function skeletonOf(document: Document): Skeleton {
  const { tokens } = document;
  const tokenRoles = rolesOf(document);
  const found: number[] = [];
  for (let i = 0; i < tokens.length; i++) if (tokens.kind(i) > Tok.Comment) found.push(i);
  const length = found.length - 1;
  const skeleton: Skeleton = {
    length,
    token: Int32Array.from(found),
    roles: Uint8Array.from(found, (token) => tokenRoles[token] ?? 0),
    match: new Int32Array(length + 1).fill(-1),
    separators: new Uint8Array(length + 1),
    widths: new Float64Array(length + 2),
    breaks: new Int32Array(length + 1),
  };
  matchBrackets(document, skeleton);
  measure(document, skeleton);
  return skeleton;
}

/** Is `k` a list's opening bracket? */
export function opensList(skeleton: Skeleton, k: number): boolean {
  return (skeleton.match[k] ?? -1) > k;
}

/** Is `k` a list's closing bracket? */
export function closesList(skeleton: Skeleton, k: number): boolean {
  const match = skeleton.match[k] ?? -1;
  return match >= 0 && match < k;
}

/** Is there a space before token `k`, when the token before it that is no separator is `before`? */
export function spaceBefore(document: Document, skeleton: Skeleton, k: number, before: number): boolean {
  const kind = document.tokens.kind(skeleton.token[k] ?? 0);
  const previous = document.tokens.kind(skeleton.token[before] ?? 0);
  switch (kind) {
    case Tok.ParenOpen:
      return ((skeleton.roles[k] ?? 0) & Role.Arguments) === 0;
    case Tok.AngleOpen:
      return previous === Tok.Literal;
    case Tok.Comma:
    case Tok.Colon:
    case Tok.ParenClose:
    case Tok.BracketClose:
    case Tok.BraceClose:
    case Tok.AngleClose:
      return false;
    default:
      return !isOpening(previous);
  }
}

/** Does nothing but a bracket's contents follow this kind of token? */
export function isOpening(kind: Tok): boolean {
  return kind === Tok.ParenOpen || kind === Tok.BracketOpen || kind === Tok.BraceOpen || kind === Tok.AngleOpen;
}

function matchBrackets(document: Document, { length, token, roles, match, separators }: Skeleton): void {
  const open: number[] = [];
  for (let k = 0; k < length; k++) {
    if (((roles[k] ?? 0) & (Role.BodyOpen | Role.BodyClose)) !== 0) continue;
    const kind = document.tokens.kind(token[k] ?? 0);
    switch (kind) {
      case Tok.ParenOpen:
      case Tok.BracketOpen:
      case Tok.BraceOpen:
      case Tok.AngleOpen:
        open.push(k);
        break;
      case Tok.ParenClose:
      case Tok.BracketClose:
      case Tok.BraceClose: {
        const from = open.pop() ?? k;
        match[from] = k;
        match[k] = from;
        break;
      }
      case Tok.AngleClose:
        open.pop();
        break;
      case Tok.Comma:
      case Tok.Semicolon:
        if (document.tokens.kind(token[open.at(-1) ?? length] ?? 0) !== Tok.AngleOpen) separators[k] = 1;
    }
  }
}

function measure(document: Document, skeleton: Skeleton): void {
  const { tokens, source } = document;
  const { length, token, roles, separators, widths, breaks } = skeleton;
  let before = 0;
  for (let k = 0; k < length; k++) {
    const at = token[k] ?? 0;
    const start = tokens.start(at);
    const end = tokens.end(at);
    const gap = gapBetween(document, k === 0 ? 0 : (token[k - 1] ?? 0) + 1, at);
    let forced = 0;
    let width = separators[k] === 1 ? 0 : end - start;
    for (const comment of gap.comments) {
      width += comment.text.length + 1;
      if (!fitsInLine(comment) || comment.breaksBefore > 0) forced++;
    }
    if (gap.comments.length > 0 && gap.breaksAfter > 0) forced++;
    // a list stays broken where its author broke it
    if (k > 0 && opensList(skeleton, k - 1) && !closesList(skeleton, k) && gap.breaksAfter > 0) forced++;
    if (tokens.kind(at) === Tok.Literal && /[\r\n]/.test(source.text.slice(start, end))) forced++;
    if (k > 0 && separators[k] === 0) {
      if (((roles[k] ?? 0) & Role.Item) !== 0) width += opensList(skeleton, before) ? 0 : 2;
      else if (spaceBefore(document, skeleton, k, before)) width++;
    }
    widths[k + 1] = (widths[k] ?? 0) + width;
    breaks[k] = (k === 0 ? 0 : breaks[k - 1] ?? 0) + forced;
    if (separators[k] === 0) before = k;
  }
}
