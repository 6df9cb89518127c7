/**
 * Reads what a client sends: everything is looked at before it is used, what does not fit is the client's error.
 *
 * @module
 */
import { ErrorCode, ResponseError } from "./json_rpc.ts";
import type { Position, Range, TextChange } from "./positions.ts";

/** Parameters of a request, as they came. */
export type Params = Readonly<Record<string, unknown>>;

/** An object. */
export function objectOf(value: unknown, name: string): Params {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Params;
  throw new ResponseError(ErrorCode.InvalidParams, `${name} must be an object`);
}

/** An object, or an empty one where there is none. */
export function objectOrNone(value: unknown, name: string): Params {
  return value === undefined || value === null ? {} : objectOf(value, name);
}

/** A text. */
export function textOf(params: Params, name: string): string {
  const value = params[name];
  if (typeof value === "string") return value;
  throw new ResponseError(ErrorCode.InvalidParams, `${name} must be a string`);
}

/** A list; an absent one is empty. */
export function listOf(params: Params, name: string): readonly unknown[] {
  const value = params[name] ?? [];
  if (Array.isArray(value)) return value;
  throw new ResponseError(ErrorCode.InvalidParams, `${name} must be an array`);
}

/** Texts of a list; an absent one is empty. */
export function textsOf(params: Params, name: string): readonly string[] {
  return listOf(params, name).map((item) => {
    if (typeof item === "string") return item;
    throw new ResponseError(ErrorCode.InvalidParams, `${name} must be an array of strings`);
  });
}

/** The URI of `textDocument`. */
export function documentOf(params: Params): string {
  return textOf(objectOf(params.textDocument, "textDocument"), "uri");
}

/** A position. */
export function positionOf(value: unknown, name = "position"): Position {
  const { line, character } = objectOf(value, name);
  if (!isCount(line) || !isCount(character)) {
    throw new ResponseError(ErrorCode.InvalidParams, `${name} must have a line and a character`);
  }
  return { line, character };
}

/** The changes of a document. */
export function changesOf(params: Params): readonly TextChange[] {
  return listOf(params, "contentChanges").map((item) => {
    const change = objectOf(item, "contentChanges");
    const range = change.range === undefined ? undefined : rangeOf(change.range);
    return { range, text: textOf(change, "text") };
  });
}

/** A range. */
export function rangeOf(value: unknown): Range {
  const { start, end } = objectOf(value, "range");
  return { start: positionOf(start, "start"), end: positionOf(end, "end") };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
