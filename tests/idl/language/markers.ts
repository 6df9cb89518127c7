/**
 * IDL files with marks in them, for tests of what an editor asks: `|` is where the pointer is, and is not part of the text.
 *
 * @module
 */
import { compile } from "../../../idl/compile.ts";
import { Occurrences } from "../../../idl/language/occurrences.ts";
import { definitionOf } from "../../../idl/language/symbols.ts";
import { memoryReader } from "../../../idl/load.ts";
import type { Module, Program } from "../../../idl/model.ts";

/** Files, the pointer, and what was made of them. */
export interface Marked {
  /** Every file. */
  readonly program: Program;
  /** The file with the mark. */
  readonly module: Module;
  /** Where the mark was. */
  readonly offset: number;
  /** A fresh index. */
  readonly occurrences: Occurrences;
}

/** Compiles files, one of which has a mark. One text alone is `main.thrift`. */
export async function marked(files: string | Readonly<Record<string, string>>): Promise<Marked> {
  const texts: Record<string, string> = typeof files === "string" ? { "main.thrift": files } : { ...files };
  const path = Object.keys(texts).find((each) => texts[each]?.includes("|")) ?? "";
  const text = texts[path] ?? "";
  const offset = text.indexOf("|");
  texts[path] = text.slice(0, offset) + text.slice(offset + 1);
  const { value } = await compile(Object.keys(texts), memoryReader(texts));
  const module = value.modules.find((each) => each.path === path);
  if (module === undefined || offset < 0) throw new Error("no file has a mark");
  return { program: value, module, offset, occurrences: new Occurrences() };
}

/** `file:line:column` of the definition of what is at the mark. */
export async function definitionAt(files: string | Readonly<Record<string, string>>): Promise<string | undefined> {
  const { module, offset, occurrences } = await marked(files);
  const found = occurrences.at(module, offset);
  if (found === undefined) return undefined;
  const place = definitionOf(found.named);
  const { line, column } = place.module.document.source.position(place.start);
  return `${place.module.path}:${line}:${column}`;
}
