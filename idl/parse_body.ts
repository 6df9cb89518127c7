/**
 * The bodies of definitions: lists of fields, enum members and functions, with recovery when an item is broken.
 *
 * After a broken item reading goes on behind the next separator, at the next line that can begin an item, or at the end
 * of the body, whichever comes first; a definition that begins inside a body ends that body.
 *
 * @module
 */
import type { EnumMemberNode, FieldNode, FunctionNode, IntNode, NameNode, TypeNode, ValueNode } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { place, type Span } from "./diagnostics.ts";
import {
  notPortable,
  parseAnnotations,
  parseDefinedName,
  parseInt32,
  parseType,
  parseValue,
  skipSeparator,
} from "./parse_pieces.ts";
import { nearest } from "./suggest.ts";
import { Tok } from "./tokens.ts";

/** Reads `{ field ... }` of a struct, union or exception. */
export function parseFields(c: Cursor): FieldNode[] {
  return parseItems(c, Tok.BraceClose, parseField);
}

/** Reads `{ member ... }` of an enum. */
export function parseMembers(c: Cursor): EnumMemberNode[] {
  return parseItems(c, Tok.BraceClose, parseMember);
}

/** Reads `{ function ... }` of a service. */
export function parseFunctions(c: Cursor): FunctionNode[] {
  return parseItems(c, Tok.BraceClose, parseFunction);
}

/** Does a definition begin at the cursor, for certain, wherever the cursor is? */
export function beginsDefinition(c: Cursor): boolean {
  if (!c.at(Tok.Identifier) || !c.startsLine()) return false;
  switch (c.text()) {
    case "struct":
    case "union":
    case "exception":
    case "enum":
      return c.peek() === Tok.Identifier && c.peek(2) === Tok.BraceOpen;
    case "service":
      return c.peek() === Tok.Identifier && (c.peek(2) === Tok.BraceOpen || c.peek(2) === Tok.Identifier);
    case "include":
      return c.peek() === Tok.Literal;
    case "const":
      return c.peek() === Tok.Identifier && c.peek(2) === Tok.Identifier && c.peek(3) === Tok.Equals;
    default:
      return false;
  }
}

/** Reads items up to the closing token, which it takes. The opening one stands at the cursor. */
function parseItems<T>(c: Cursor, close: Tok, parseItem: (c: Cursor) => T | undefined): T[] {
  const open: Span = { start: c.start, end: c.end };
  const items: T[] = [];
  const isBody = close === Tok.BraceClose;
  const isOpen = c.expect(isBody ? Tok.BraceOpen : Tok.ParenOpen, isBody ? "{" : "(");
  if (!isOpen && !(isBody ? beginsItem(c) : c.at(Tok.Int) && c.peek() === Tok.Colon)) return items;
  for (;;) {
    c.skipBroken();
    if (c.take(close)) return items;
    const ends = c.at(Tok.End) && c.wanted === undefined;
    if (ends || beginsDefinition(c) || (close === Tok.ParenClose && endsFunction(c))) {
      const bracket = close === Tok.BraceClose ? "}" : ")";
      c.expected(bracket, { related: [place(c.source, open, "opened here")] });
      return items;
    }
    const before = c.index;
    c.beginItem();
    const item = parseItem(c);
    if (item === undefined) skipItem(c, close, before);
    else items.push(item);
  }
}

/** Does an item of a body begin at the cursor, for certain, though the body was not opened? */
export function beginsItem(c: Cursor): boolean {
  if (c.at(Tok.Int)) return true;
  if (!c.at(Tok.Identifier) || !c.startsLine()) return false;
  const next = c.peek();
  return next === Tok.Equals || next === Tok.Comma || next === Tok.AngleOpen || beginsFunction(c);
}

/** Is this behind the arguments of a function, for certain, though they were not closed? */
function endsFunction(c: Cursor): boolean {
  if (c.at(Tok.BraceClose)) return true;
  if (!c.at(Tok.Identifier)) return false;
  return (c.text() === "throws" && c.peek() === Tok.ParenOpen && c.peek(2) === Tok.Int) || beginsFunction(c);
}

/** Does `type name (` stand here, with an argument or without any? Annotations, which a field can have, are neither. */
function beginsFunction(c: Cursor): boolean {
  const word = c.text();
  const at = word === "oneway" && c.peek(2) === Tok.Identifier ? 3 : 2;
  if (c.peek() !== Tok.Identifier || c.peek(at) !== Tok.ParenOpen) return false;
  const after = c.peek(at + 1);
  return after === Tok.Int || (after === Tok.ParenClose && (at === 3 || word === "void"));
}

/** Steps to where the next item may begin; the broken one began at token `from`. */
function skipItem(c: Cursor, close: Tok, from: number): void {
  let depth = 0;
  for (;;) {
    if (c.at(Tok.End)) return;
    if (c.index !== from && c.startsLine()) {
      if (depth === 0 || beginsDefinition(c) || (c.at(Tok.Int) && c.peek() === Tok.Colon)) return;
    }
    if (depth === 0) {
      if (c.at(close) || c.at(Tok.BraceClose)) return;
      if (skipSeparator(c)) return;
    }
    if (c.at(Tok.BraceOpen) || c.at(Tok.ParenOpen) || c.at(Tok.BracketOpen)) depth++;
    else if (depth > 0 && (c.at(Tok.BraceClose) || c.at(Tok.ParenClose) || c.at(Tok.BracketClose))) depth--;
    c.next();
  }
}

function parseField(c: Cursor): FieldNode | undefined {
  const { start } = c;
  let id: IntNode | undefined;
  if (c.at(Tok.Int)) {
    id = parseInt32(c);
    if (!/^[+-]?\d+$/.test(id.text)) {
      c.diagnostics.error("UT1010", c.source, id, `field ids are decimal: ${id.text}`, {
        suggestion: `write ${Number(id.text)}`,
      });
    }
    if (!c.expect(Tok.Colon, ": after the field id") && !c.at(Tok.Identifier)) return undefined;
  }
  const requiredness = parseRequiredness(c);
  if (requiredness !== undefined && c.at(Tok.Int)) {
    c.expected("a field type", { suggestion: `the id comes first: ${c.text()}: ${requiredness.text}` });
    return undefined;
  }
  const type = parseType(c, id === undefined ? "a field" : "a field type");
  if (type === undefined) return undefined;
  if (c.at(Tok.Ampersand)) {
    notPortable(c, c, "& before a field name", "leave & out, it means nothing here");
    c.next();
  }
  const name = parseDefinedName(c, "a field name");
  if (name === undefined || isMiswrittenRequiredness(c, type)) return undefined;
  c.declares(type);
  let value = parseDefault(c);
  if (value === null) return undefined;
  const annotations = parseAnnotations(c, "field");
  if (value === undefined && c.at(Tok.Equals)) {
    c.expected("the default value before the annotations", { suggestion: "move the annotations behind the value" });
    value = parseDefault(c);
    if (value === null) return undefined;
  }
  const { lastEnd } = c;
  skipSeparator(c);
  return { id, requiredness, type, name, default: value, annotations, start, end: lastEnd };
}

/** Reads `required` or `optional`; a second one in front of a type is reported. */
function parseRequiredness(c: Cursor): NameNode | undefined {
  if (!c.isWord("required") && !c.isWord("optional")) return undefined;
  const word: NameNode = { text: c.text(), start: c.start, end: c.end };
  c.next();
  // not offered by completion, as a word that isWord asks for would be
  while (c.at(Tok.Identifier) && (c.text() === "required" || c.text() === "optional")) {
    const isType = c.peek() !== Tok.Identifier || (c.peek(2) !== Tok.Identifier && c.peek(2) !== Tok.AngleOpen);
    if (isType) break;
    c.expected("a field type", { suggestion: `leave ${c.text()} out` });
    c.next();
  }
  return word;
}

/** Reads `= value`: `undefined` if there is none, `null` if it is broken. */
function parseDefault(c: Cursor): ValueNode | undefined | null {
  if (!c.take(Tok.Equals)) return undefined;
  return parseValue(c, "a default value") ?? null;
}

/** `Required i32 a` reads as a field `i32` of type `Required`, with an `a` left over. */
function isMiswrittenRequiredness(c: Cursor, type: TypeNode): boolean {
  const word = type.name.text;
  const lower = word.toLowerCase();
  // a name at the next line is the type of the next field
  if ((lower !== "required" && lower !== "optional") || !c.at(Tok.Identifier) || c.startsLine()) return false;
  c.error("UT1005", type, `expected ${lower}, found ${word}`, { suggestion: `write ${lower} in lower case` });
  return true;
}

function parseMember(c: Cursor): EnumMemberNode | undefined {
  const name = parseDefinedName(c, "an enum member");
  if (name === undefined) return undefined;
  let value: IntNode | undefined;
  if (c.take(Tok.Equals)) {
    if (!c.at(Tok.Int)) {
      c.expected("an integer");
      return undefined;
    }
    value = parseInt32(c);
  }
  const annotations = parseAnnotations(c, "member");
  const end = c.lastEnd;
  skipSeparator(c);
  return { name, value, annotations, start: name.start, end };
}

function parseFunction(c: Cursor): FunctionNode | undefined {
  const { start } = c;
  const oneway = parseOneway(c);
  let returns: TypeNode | undefined;
  if (c.isWord("void")) {
    c.next();
  } else {
    returns = parseType(c, "a function");
    if (returns === undefined) return undefined;
  }
  const name = parseDefinedName(c, "a function name", { suggestion: suggestForReturn(c, returns) });
  if (name === undefined) return undefined;
  if (!c.at(Tok.ParenOpen)) {
    const suggestion = returns && nearest(returns.name.text, ["oneway"]);
    if (returns === undefined || suggestion === undefined) c.expected(`( and the arguments of ${name.text}`);
    else c.error("UT1005", returns.name, `expected oneway or a type, found ${returns.name.text}`, { suggestion });
    if (!c.at(Tok.Int)) return undefined;
  }
  const args = parseItems(c, Tok.ParenClose, parseField);
  let throws: FieldNode[] = [];
  const isMistyped = isMistypedThrows(c);
  if (isMistyped) c.expected("throws", { suggestion: "did you mean throws?" });
  if (isMistyped || c.isWord("throws")) {
    c.next();
    throws = parseItems(c, Tok.ParenClose, parseField);
  }
  const annotations = parseAnnotations(c, "function");
  const end = c.lastEnd;
  skipSeparator(c);
  return { oneway, returns, name, args, throws, annotations, start, end };
}

function parseOneway(c: Cursor): NameNode | undefined {
  const isAsync = c.isWord("async");
  if (!isAsync && !c.isWord("oneway")) return undefined;
  // a function whose type is called oneway: "oneway f(" has no type between the two
  if (c.peek() === Tok.Identifier && c.peek(2) === Tok.ParenOpen) return undefined;
  const word: NameNode = { text: c.text(), start: c.start, end: c.end };
  if (isAsync) notPortable(c, word, "async", "write oneway");
  c.next();
  return word;
}

/** A word near `throws` before what can be no annotations: `throw (1: X x)`. */
function isMistypedThrows(c: Cursor): boolean {
  return c.at(Tok.Identifier) && c.peek() === Tok.ParenOpen && c.peek(2) === Tok.Int &&
    nearest(c.text(), ["throws"]) !== undefined;
}

function suggestForReturn(c: Cursor, returns: TypeNode | undefined): string | undefined {
  if (returns?.name.text === "stream" && c.at(Tok.AngleOpen)) {
    return 'write the message type alone and add (streaming.mode = "server")';
  }
  return undefined;
}
