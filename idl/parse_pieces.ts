/**
 * The pieces that occur in several places of the Thrift grammar: names, quoted strings, annotations, types, values.
 *
 * Each function reads its piece at the cursor. When it is not there, the error is reported, nothing sensible is
 * consumed, and the result is `undefined`: the caller goes on at the next item.
 *
 * @module
 */
import type { AnnotationNode, IntNode, LiteralNode, NameNode, TypeNode, ValueNode } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import type { ReportExtra } from "./diagnostics.ts";
import { Tok } from "./tokens.ts";
import type { AnnotationPlace } from "./wanted.ts";

/** How deep types and values may nest: as deep as decoders follow them. */
const MAX_NESTING = 64;

/** Reads a name; `what` says which, for the error. */
export function parseName(c: Cursor, what: string, extra?: ReportExtra): NameNode | undefined {
  c.skipBroken();
  if (!c.at(Tok.Identifier)) {
    c.expected(what, extra);
    return undefined;
  }
  const name: NameNode = { text: c.text(), start: c.start, end: c.end };
  c.next();
  return name;
}

/** Reads the name of something that is defined here: it cannot have dots. */
export function parseDefinedName(c: Cursor, what: string, extra?: ReportExtra): NameNode | undefined {
  const name = parseName(c, what, extra);
  if (name !== undefined && name.text.includes(".")) {
    c.diagnostics.error("UT1009", c.source, name, `${what} cannot have dots: ${name.text}`, {
      suggestion: `write ${name.text.replaceAll(".", "_")}`,
    });
  }
  return name;
}

/** Reads a quoted string; `what` says which, for the error. */
export function parseLiteral(c: Cursor, what: string, extra?: ReportExtra): LiteralNode | undefined {
  if (!c.at(Tok.Literal)) {
    c.expected(what, extra);
    return undefined;
  }
  const text = c.text();
  const quote = text.startsWith("'") ? "'" : '"';
  const raw = text.length > 1 && text.endsWith(quote) ? text.slice(1, -1) : text.slice(1);
  const literal: LiteralNode = { kind: "literal", raw, quote, start: c.start, end: c.end };
  // Thriftgo takes the last backslash and the quote behind it for a quote in the text
  if (/(?:^|[^\\])(?:\\\\)+$/.test(raw)) notPortable(c, literal, "a string that ends with a backslash");
  c.next();
  return literal;
}

/** Reads an integer that stands at the cursor. */
export function parseInt32(c: Cursor): IntNode {
  const node: IntNode = { kind: "int", text: c.text(), start: c.start, end: c.end };
  c.next();
  return node;
}

/** Reads one `,` or `;` if it is there. */
export function skipSeparator(c: Cursor): boolean {
  return c.take(Tok.Comma) || c.take(Tok.Semicolon);
}

const NO_ANNOTATIONS: readonly AnnotationNode[] = [];

/** Reads an annotation list if one is there; `on` says what it is about. */
export function parseAnnotations(c: Cursor, on: AnnotationPlace): readonly AnnotationNode[] {
  if (!c.take(Tok.ParenOpen)) return NO_ANNOTATIONS;
  const list: AnnotationNode[] = [];
  while (!c.at(Tok.ParenClose)) {
    if (isBehindAnnotations(c)) {
      c.expected(")");
      return list;
    }
    c.wantsAnnotation(on);
    const key = parseName(c, "an annotation or )");
    if (key === undefined) return endBrokenAnnotations(c, list);
    let value: LiteralNode | undefined;
    if (c.take(Tok.Equals)) {
      c.wants("annotation value");
      value = parseLiteral(c, "a quoted string", { suggestion: `put the value of ${key.text} in quotes` });
      if (value === undefined) return endBrokenAnnotations(c, list);
    } else {
      notPortable(c, key, `annotation ${key.text} without a value`, `write ${key.text} = "1"`);
    }
    list.push({ key, value, start: key.start, end: c.lastEnd });
    skipSeparator(c);
  }
  c.next();
  return list;
}

/** Does a field or a function begin here, for certain, though the annotations before it were not closed? */
function isBehindAnnotations(c: Cursor): boolean {
  if (c.at(Tok.Int) || c.at(Tok.BraceClose)) return true;
  if (!c.at(Tok.Identifier) || c.peek() !== Tok.Identifier) return false;
  return c.peek(2) === Tok.ParenOpen || (c.peek(2) === Tok.Identifier && c.peek(3) === Tok.ParenOpen);
}

/** Steps behind the `)` of a broken list, if it is on the same line. */
function endBrokenAnnotations(c: Cursor, list: AnnotationNode[]): AnnotationNode[] {
  do {
    if (c.take(Tok.ParenClose)) break;
    c.next();
  } while (!c.at(Tok.End) && !c.startsLine());
  return list;
}

/** Warns of a form that is taken here but not by Thriftgo. */
export function notPortable(c: Cursor, at: { start: number; end: number }, what: string, suggestion?: string): void {
  c.diagnostics.warning("UT1008", c.source, { start: at.start, end: at.end }, `Thriftgo rejects this: ${what}`, {
    suggestion,
  });
}

/** Reads a type; `what` says which, for the error. */
export function parseType(c: Cursor, what: string, depth = 0): TypeNode | undefined {
  c.skipBroken();
  if (tooDeep(c, depth)) return undefined;
  c.wants("type");
  const name = parseName(c, what);
  if (name === undefined) return undefined;
  const isMap = name.text === "map";
  const isSet = name.text === "set";
  const isContainer = isMap || isSet || name.text === "list";
  let cppType = isMap || isSet ? parseCppType(c) : undefined;
  let key: TypeNode | undefined;
  let element: TypeNode | undefined;
  if (isContainer) {
    if (!c.expect(Tok.AngleOpen, `< after ${name.text}`)) {
      skipTypeArguments(c);
      return undefined;
    }
    if (isMap) {
      key = parseType(c, "a key type", depth + 1);
      if (key === undefined) return undefined;
      if (!c.expect(Tok.Comma, "a comma and the value type", { suggestion: "a map is map<key, value>" })) {
        return undefined;
      }
    }
    element = parseType(c, isMap ? "a value type" : "an element type", depth + 1);
    if (element === undefined) return undefined;
    if (!c.expect(Tok.AngleClose, ">")) {
      skipTypeArguments(c);
      return undefined;
    }
    if (name.text === "list") cppType = parseCppType(c);
  }
  const annotations = parseAnnotations(c, "type");
  return { name, key, element, cppType, annotations, start: name.start, end: c.lastEnd };
}

/** How far behind a broken type its end is looked for. */
const MAX_SKIPPED = 16;

/** Steps behind the `>` that ends a broken type, if nothing but types stand in between. */
function skipTypeArguments(c: Cursor): void {
  for (let ahead = 0, depth = 1; ahead < MAX_SKIPPED; ahead++) {
    const kind = ahead === 0 ? c.kind : c.peek(ahead);
    if (kind === Tok.AngleOpen) depth++;
    else if (kind === Tok.AngleClose) depth--;
    else if (kind !== Tok.Comma && kind !== Tok.Identifier) return;
    if (depth > 0) continue;
    for (; ahead >= 0; ahead--) c.next();
    return;
  }
}

function parseCppType(c: Cursor): LiteralNode | undefined {
  if (!c.isWord("cpp_type")) return undefined;
  c.next();
  return parseLiteral(c, "a quoted C++ type");
}

function tooDeep(c: Cursor, depth: number): boolean {
  if (depth < MAX_NESTING) return false;
  c.error("UT1007", c, `nested deeper than ${MAX_NESTING} levels`);
  return true;
}

/** Reads a constant value. */
export function parseValue(c: Cursor, what = "a value", depth = 0): ValueNode | undefined {
  if (tooDeep(c, depth)) return undefined;
  c.wants("value");
  switch (c.kind) {
    case Tok.Int:
      return parseInt32(c);
    case Tok.Double:
      return leaf(c, "double");
    case Tok.Identifier:
      return leaf(c, "identifier");
    case Tok.Literal:
      return parseLiteral(c, what);
    case Tok.BracketOpen:
      return parseList(c, depth);
    case Tok.BraceOpen:
      return parseMap(c, depth);
    default:
      c.expected(what);
      return undefined;
  }
}

function leaf<K extends "double" | "identifier">(
  c: Cursor,
  kind: K,
): { kind: K; text: string; start: number; end: number } {
  const node = { kind, text: c.text(), start: c.start, end: c.end };
  c.next();
  return node;
}

function parseList(c: Cursor, depth: number): ValueNode | undefined {
  const { start } = c;
  const items: ValueNode[] = [];
  c.next();
  while (!c.at(Tok.BracketClose)) {
    const item = parseValue(c, "a value or ]", depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
    skipSeparator(c);
  }
  c.next();
  return { kind: "list", items, start, end: c.lastEnd };
}

function parseMap(c: Cursor, depth: number): ValueNode | undefined {
  const { start } = c;
  const entries: { key: ValueNode; value: ValueNode }[] = [];
  c.next();
  while (!c.at(Tok.BraceClose)) {
    const key = parseValue(c, "a key or }", depth + 1);
    if (key === undefined || !c.expect(Tok.Colon, ": and a value")) return undefined;
    const value = parseValue(c, "a value", depth + 1);
    if (value === undefined) return undefined;
    entries.push({ key, value });
    skipSeparator(c);
  }
  c.next();
  return { kind: "map", entries, start, end: c.lastEnd };
}
