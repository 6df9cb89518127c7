/**
 * What the tokens of a file are to its layout: which of them begin a line, an item of a list, a body.
 *
 * @module
 */
import type { AnnotationNode, Definition, Document, FieldNode, FunctionNode, TypeNode, ValueNode } from "../ast.ts";
import { Tok } from "../tokens.ts";

/** Roles a token may have, as bits. */
export const Role = {
  /** Begins a header, a definition, or an item of a definition's body. */
  Line: 1,
  /** Begins an item of a list in brackets: an argument, an annotation, a value. */
  Item: 2,
  /** The brace that opens a definition's body. */
  BodyOpen: 4,
  /** The brace that closes a definition's body. */
  BodyClose: 8,
  /** The parenthesis that opens the arguments of a function. */
  Arguments: 16,
  /** Begins a definition that has a body. */
  Block: 32,
  /** Begins a header. */
  Header: 64,
} as const;

/** The roles of every token of a document without syntax errors, by its index in `document.tokens`. */
export function rolesOf(document: Document): Uint8Array {
  const finder = new RoleFinder(document);
  for (const header of document.headers) {
    finder.mark(header.start, Role.Line | Role.Header);
    if (header.kind === "namespace") finder.annotations(header.annotations);
  }
  for (const definition of document.definitions) finder.definition(definition);
  return finder.roles;
}

class RoleFinder {
  readonly roles: Uint8Array;
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
    this.roles = new Uint8Array(document.tokens.length);
  }

  mark(offset: number, role: number): void {
    const at = this.#document.tokens.at(offset);
    this.roles[at] = (this.roles[at] ?? 0) | role;
  }

  definition(node: Definition): void {
    this.mark(node.start, Role.Line);
    this.annotations(node.annotations);
    switch (node.kind) {
      case "const":
        this.#type(node.type);
        this.#value(node.value);
        return;
      case "typedef":
        this.#type(node.type);
        return;
      case "enum":
        for (const member of node.members) {
          this.mark(member.start, Role.Line);
          this.annotations(member.annotations);
        }
        this.#body(node, node.name.end, node.members);
        return;
      case "service":
        for (const item of node.functions) this.#function(item);
        this.#body(node, (node.base ?? node.name).end, node.functions);
        return;
      default:
        for (const field of node.fields) this.#field(field, Role.Line);
        this.#body(node, node.name.end, node.fields);
    }
  }

  annotations(nodes: readonly AnnotationNode[]): void {
    for (const node of nodes) this.mark(node.start, Role.Item);
  }

  #body(node: Definition, headEnd: number, items: readonly { readonly end: number }[]): void {
    this.mark(node.start, Role.Block);
    const open = this.#next(headEnd, Tok.BraceOpen);
    this.#markToken(open, Role.BodyOpen);
    const last = items.at(-1)?.end ?? this.#document.tokens.end(open);
    this.#markToken(this.#next(last, Tok.BraceClose), Role.BodyClose);
  }

  #function(node: FunctionNode): void {
    this.mark(node.start, Role.Line);
    if (node.returns !== undefined) this.#type(node.returns);
    this.#markToken(this.#next(node.name.end, Tok.ParenOpen), Role.Arguments);
    for (const field of node.args) this.#field(field, Role.Item);
    for (const field of node.throws) this.#field(field, Role.Item);
    this.annotations(node.annotations);
  }

  #field(node: FieldNode, role: number): void {
    this.mark(node.start, role);
    this.#type(node.type);
    if (node.default !== undefined) this.#value(node.default);
    this.annotations(node.annotations);
  }

  #type(node: TypeNode): void {
    if (node.key !== undefined) this.#type(node.key);
    if (node.element !== undefined) this.#type(node.element);
    this.annotations(node.annotations);
  }

  #value(node: ValueNode): void {
    if (node.kind === "list") {
      for (const item of node.items) {
        this.mark(item.start, Role.Item);
        this.#value(item);
      }
    } else if (node.kind === "map") {
      for (const { key, value } of node.entries) {
        this.mark(key.start, Role.Item);
        this.#value(key);
        this.#value(value);
      }
    }
  }

  #next(offset: number, kind: Tok): number {
    const { tokens } = this.#document;
    let at = tokens.at(offset);
    while (tokens.kind(at) !== kind && tokens.kind(at) !== Tok.End) at++;
    return at;
  }

  #markToken(at: number, role: number): void {
    this.roles[at] = (this.roles[at] ?? 0) | role;
  }
}
