/**
 * Things of an IDL that have a name: what occurrences of that name lead to.
 *
 * @module
 */
import type { EnumMemberNode, FieldNode, FunctionNode } from "../ast.ts";
import type { Span } from "../diagnostics.ts";
import type { Def, EnumDef, Module, ServiceDef, StructDef } from "../model.ts";

/** Something with a name. */
export type Named =
  | { readonly kind: "definition"; readonly module: Module; readonly def: Def }
  | { readonly kind: "member"; readonly module: Module; readonly def: EnumDef; readonly node: EnumMemberNode }
  | { readonly kind: "field"; readonly module: Module; readonly owner: FieldList; readonly node: FieldNode }
  | { readonly kind: "method"; readonly module: Module; readonly def: ServiceDef; readonly node: FunctionNode }
  /** A file, as an include names it. */
  | { readonly kind: "file"; readonly module: Module };

/** Where a field stands. */
export type FieldList =
  | { readonly kind: "fields"; readonly def: StructDef }
  | { readonly kind: "args" | "throws"; readonly def: ServiceDef; readonly method: FunctionNode };

/** A stretch of a module's text. */
export interface Place extends Span {
  /** The module. */
  readonly module: Module;
}

/** What tells one named thing from all others: the node it is written as, or the file. */
export function identityOf(named: Named): object {
  switch (named.kind) {
    case "definition":
      return named.def.node;
    case "file":
      return named.module;
    default:
      return named.node;
  }
}

/** Where it is defined: its name there, or the beginning of the file. */
export function definitionOf(named: Named): Place {
  if (named.kind === "file") return { module: named.module, start: 0, end: 0 };
  const { start, end } = named.kind === "definition" ? named.def.node.name : named.node.name;
  return { module: named.module, start, end };
}

/** Its name; of a file, its path. */
export function nameOf(named: Named): string {
  switch (named.kind) {
    case "definition":
      return named.def.name;
    case "file":
      return named.module.path;
    default:
      return named.node.name.text;
  }
}
