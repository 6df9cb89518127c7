/**
 * What comes to be when a value leaves out a required field: a zero value, whose own required fields have theirs.
 *
 * @module
 */
import { walk, type WalkResult } from "./graph.ts";
import { type FieldDef, plainType, type StructDef } from "./model.ts";

/** The structs that are made when the field is left out, the innermost first. */
export function filledIn(field: FieldDef): readonly StructDef[] {
  return walkFrom(field).order;
}

/** Would filling it in never end? */
export function neverEnds(field: FieldDef): boolean {
  return walkFrom(field).cycles.length > 0;
}

function walkFrom(field: FieldDef): WalkResult<StructDef> {
  return walk(filledStructs(field), (def) => def.fields.flatMap(filledStructs));
}

/** The struct that stands for a required field without a default. */
function filledStructs(field: FieldDef): StructDef[] {
  if (field.requiredness !== "required" || field.node.default !== undefined) return [];
  const type = plainType(field.type);
  return type.kind === "struct" ? [type.def] : [];
}
