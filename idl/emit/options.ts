/**
 * What can be chosen about generated code.
 *
 * @module
 */
import type { ValueOptions } from "../js_values.ts";

/** Options of `emit`. */
export interface EmitOptions extends ValueOptions {
  /** One output for each IDL file, or for each namespace. Default `"file"`. */
  readonly split?: "file" | "namespace";
  /** Adds `copyX` for each struct X: a deep copy. Default `false`. */
  readonly deepCopy?: boolean;
  /** Adds `equalX` for each struct X: deep equality. Default `false`. */
  readonly equality?: boolean;
  /** Adds `XMask` and `maskX` for each struct X: the parts to keep, and a value with only those. Default `false`. */
  readonly fieldMask?: boolean;
  /** Keeps the fields that the IDL does not know as `$unknown`, and sends them on in Binary and Compact. Default `false`. */
  readonly unknownFields?: boolean;
  /** Generates services, beside types. Default `true`. */
  readonly services?: boolean;
  /** Keeps only what these need: `Service`, `Service.method`, or another definition. Default: everything. */
  readonly trim?: readonly string[];
  /** Folders that output paths are relative to, beside the folder of the files asked for. Default: none. */
  readonly roots?: readonly string[];
  /** What generated code imports its runtime from. Default `"@updraft/rpc/codegen"`. */
  readonly runtime?: string;
}

/** A file to be written. */
export interface OutputFile {
  /** Path relative to the output folder, always below it. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}
