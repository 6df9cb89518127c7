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
