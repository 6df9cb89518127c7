/**
 * What a file defines, as a tree: also of a file with mistakes, as far as it could be read.
 *
 * @module
 */
import type { Definition, Document, FieldNode, NameNode } from "../ast.ts";
import type { Span } from "../diagnostics.ts";
import { fieldCode, methodCode, typeCode } from "./describe.ts";

/** One entry. */
export interface OutlineEntry extends Span {
  /** What it is. */
  readonly kind: Definition["kind"] | "member" | "field" | "method";
  /** Its name. */
  readonly name: NameNode;
  /** More about it, in a few words. */
  readonly detail: string;
  /** What it consists of. */
  readonly children: readonly OutlineEntry[];
}

/** The definitions of a document. */
export function outline(document: Document): OutlineEntry[] {
  return document.definitions.map(entryOf);
}

function entryOf(node: Definition): OutlineEntry {
  const { kind, name, start, end } = node;
  const entry = (detail: string, children: readonly OutlineEntry[] = []): OutlineEntry => ({
    kind,
    name,
    detail,
    children,
    start,
    end,
  });
  switch (node.kind) {
    case "const":
    case "typedef":
      return entry(typeCode(node.type));
    case "enum":
      return entry(
        "",
        node.members.map((member) => ({
          kind: "member",
          name: member.name,
          detail: member.value?.text ?? "",
          children: [],
          start: member.start,
          end: member.end,
        })),
      );
    case "service":
      return entry(
        node.base === undefined ? "" : `extends ${node.base.text}`,
        node.functions.map((method) => ({
          kind: "method",
          name: method.name,
          detail: methodCode(method),
          children: [],
          start: method.start,
          end: method.end,
        })),
      );
    default:
      return entry("", node.fields.map(fieldEntry));
  }
}

function fieldEntry(field: FieldNode): OutlineEntry {
  const { name, start, end } = field;
  return { kind: "field", name, detail: fieldCode(field), children: [], start, end };
}
