/**
 * Reads a Thrift IDL file into a syntax tree: one pass, every mistake reported, never an exception.
 *
 * @module
 */
import type { Definition, Document, Header, NameNode, TypeNode } from "./ast.ts";
import { Cursor } from "./cursor.ts";
import { Diagnostics, type Outcome } from "./diagnostics.ts";
import { tokenize } from "./lexer.ts";
import { beginsDefinition, beginsItem, parseFields, parseFunctions, parseMembers } from "./parse_body.ts";
import {
  notPortable,
  parseAnnotations,
  parseDefinedName,
  parseLiteral,
  parseName,
  parseType,
  parseValue,
  skipSeparator,
} from "./parse_pieces.ts";
import { SourceText } from "./source.ts";
import { nearest } from "./suggest.ts";
import { Tok } from "./tokens.ts";
import type { Wanted } from "./wanted.ts";

/** Reads the text of a file; `file` is how messages name it. */
export function parse(file: string, text: string): Outcome<Document> {
  const source = new SourceText(file, text);
  const diagnostics = new Diagnostics();
  return { value: parseSource(source, diagnostics), diagnostics: diagnostics.list };
}

/** Reads a text; what is wrong goes to `diagnostics`, what may follow its last token to `wanted`. */
export function parseSource(source: SourceText, diagnostics: Diagnostics, wanted?: Wanted): Document {
  const tokens = tokenize(source, diagnostics);
  const c = new Cursor(source, tokens, diagnostics, wanted);
  const headers: Header[] = [];
  const definitions: Definition[] = [];
  while (!c.at(Tok.End)) {
    const before = c.index;
    c.beginItem();
    if (atHeader(c)) {
      if (definitions.length > 0) {
        c.error("UT1006", c, `${c.text()} must come before the first definition`);
      }
      const header = parseHeader(c);
      if (header === undefined) skipToDefinition(c);
      else headers.push(header);
    } else if (atDefinition(c)) {
      const definition = parseDefinition(c);
      if (definition === undefined) skipToDefinition(c);
      else definitions.push(definition);
    } else {
      reportStray(c);
      skipToDefinition(c);
    }
    if (c.index === before) c.next();
  }
  const words = definitions.length > 0 ? DEFINITIONS : [...HEADERS, ...DEFINITIONS];
  for (const word of words) c.wanted?.words.add(word);
  return { source, tokens, headers, definitions };
}

const HEADERS = ["include", "cpp_include", "namespace"];
const DEFINITIONS = ["const", "typedef", "enum", "struct", "union", "exception", "service"];

function atHeader(c: Cursor): boolean {
  return c.at(Tok.Identifier) && HEADERS.includes(c.text());
}

function atDefinition(c: Cursor): boolean {
  return c.at(Tok.Identifier) && DEFINITIONS.includes(c.text());
}

function parseHeader(c: Cursor): Header | undefined {
  const { start } = c;
  const word = c.text();
  c.next();
  if (word === "namespace") return parseNamespace(c, start);
  const extra = c.at(Tok.AngleOpen) ? { suggestion: "put the path in quotes" } : undefined;
  if (word === "include") c.wants("path");
  const path = parseLiteral(c, "a quoted path", extra);
  if (path === undefined) return undefined;
  return { kind: word === "include" ? "include" : "cpp_include", path, start, end: c.lastEnd };
}

function parseNamespace(c: Cursor, start: number): Header | undefined {
  let scope: NameNode | undefined;
  if (c.at(Tok.Star)) {
    scope = { text: "*", start: c.start, end: c.end };
    c.next();
  } else {
    c.wants("language");
    scope = parseName(c, "a language or *");
  }
  if (scope === undefined) return undefined;
  const extra = c.at(Tok.Literal) ? { suggestion: `write ${c.text().slice(1, -1)} without quotes` } : undefined;
  const name = parseName(c, "a namespace", extra);
  if (name === undefined) return undefined;
  const annotations = parseAnnotations(c, "namespace");
  return { kind: "namespace", scope, name, annotations, start, end: c.lastEnd };
}

function parseDefinition(c: Cursor): Definition | undefined {
  const { start } = c;
  const word = c.text();
  c.next();
  switch (word) {
    case "const":
      return parseConst(c, start);
    case "typedef":
      return parseTypedef(c, start);
    case "enum": {
      const name = parseDefinedName(c, "the name of the enum");
      const members = parseMembers(c);
      const annotations = parseAnnotations(c, "enum");
      return name && { kind: "enum", name, members, annotations, start, end: c.lastEnd };
    }
    case "service":
      return parseService(c, start);
    default: {
      const name = parseDefinedName(c, `the name of the ${word}`);
      const fields = parseFields(c);
      const annotations = parseAnnotations(c, "struct");
      const kind = word === "union" ? "union" : word === "exception" ? "exception" : "struct";
      return name && { kind, name, fields, annotations, start, end: c.lastEnd };
    }
  }
}

function parseConst(c: Cursor, start: number): Definition | undefined {
  const type = parseType(c, "the type of the constant");
  if (type === undefined) return undefined;
  const name = parseDefinedName(c, "the name of the constant");
  if (name === undefined || !c.expect(Tok.Equals, "= and a value")) return undefined;
  c.declares(type);
  const value = parseValue(c);
  if (value === undefined) return undefined;
  skipSeparator(c);
  const annotations = parseAnnotations(c, "const");
  const end = c.lastEnd;
  if (annotations.length > 0 && (c.at(Tok.Comma) || c.at(Tok.Semicolon))) {
    notPortable(c, c, "a separator behind the annotations of a constant");
    skipSeparator(c);
  }
  return { kind: "const", name, type, value, annotations, start, end };
}

function parseTypedef(c: Cursor, start: number): Definition | undefined {
  const type: TypeNode | undefined = parseType(c, "the type to be named");
  if (type === undefined) return undefined;
  const name = parseDefinedName(c, "the new name");
  if (name === undefined) return undefined;
  const annotations = parseAnnotations(c, "typedef");
  const end = c.lastEnd;
  if (c.at(Tok.Comma) || c.at(Tok.Semicolon)) {
    notPortable(c, c, "a separator behind a typedef", `leave ${c.text()} out`);
    skipSeparator(c);
  }
  return { kind: "typedef", name, type, annotations, start, end };
}

function parseService(c: Cursor, start: number): Definition | undefined {
  const name = parseDefinedName(c, "the name of the service");
  let base: NameNode | undefined;
  if (c.isWord("extends")) {
    c.next();
    c.wants("service");
    base = parseName(c, "the name of a service");
  } else if (c.at(Tok.Identifier)) {
    c.expected("extends or {", { suggestion: nearest(c.text(), ["extends"]) });
    if (!beginsItem(c)) {
      c.next();
      if (c.at(Tok.Identifier)) c.next();
    }
  }
  const functions = parseFunctions(c);
  const annotations = parseAnnotations(c, "service");
  return name && { kind: "service", name, base, functions, annotations, start, end: c.lastEnd };
}

function reportStray(c: Cursor): void {
  if (c.at(Tok.BraceClose)) c.expected("a definition", { suggestion: "remove }, nothing is open here" });
  else if (c.at(Tok.Semicolon) || c.at(Tok.Comma)) {
    c.expected("a definition", { suggestion: `remove ${c.text()}, nothing needs one here` });
  } else c.expected("a definition", { suggestion: suggestKeyword(c) });
}

function suggestKeyword(c: Cursor): string | undefined {
  if (!c.at(Tok.Identifier)) return undefined;
  const word = c.text();
  const scope = /^(\w+)_namespace$/.exec(word);
  if (scope !== null) return `write namespace ${scope[1]}`;
  if (word === "senum") return "write an enum, or a typedef of string";
  return nearest(word, [...HEADERS, ...DEFINITIONS]);
}

/** Steps to where the next definition may begin: a keyword that begins a line, or behind a closed pair of braces. */
function skipToDefinition(c: Cursor): void {
  let depth = 0;
  for (let first = true; !c.at(Tok.End); first = false) {
    if (!first && c.startsLine()) {
      if (beginsDefinition(c) || (depth === 0 && (atHeader(c) || atDefinition(c)))) return;
    }
    if (c.at(Tok.BraceOpen)) depth++;
    const closes = c.at(Tok.BraceClose) && depth <= 1;
    if (c.at(Tok.BraceClose) && depth > 0) depth--;
    const wasSeparator = depth === 0 && (c.at(Tok.Semicolon) || c.at(Tok.Comma));
    c.next();
    if (closes || wasSeparator) return;
  }
}
