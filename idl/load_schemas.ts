/**
 * From IDL files to schemas in one step, for programs that make calls without generated code.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { compile } from "./compile.ts";
import type { ValueOptions } from "./js_values.ts";
import type { LoadOptions, SourceReader } from "./load.ts";
import { SchemaSet } from "./schema.ts";

/** Options of `loadSchemas`. */
export interface LoadSchemasOptions extends LoadOptions, ValueOptions {}

/**
 * The schemas of IDL files and of what they include. Rejects with an `RpcError` of kind `"invalid"` that names the first
 * error in them, and as `reader` does; `compile` gives all errors, and the warnings.
 */
export async function loadSchemas(
  paths: readonly string[],
  reader: SourceReader,
  options: LoadSchemasOptions = {},
): Promise<SchemaSet> {
  const { value, diagnostics } = await compile(paths, reader, options);
  const [first, ...others] = diagnostics.filter(({ severity }) => severity === "error");
  if (first === undefined) return new SchemaSet(value, options);
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new RpcError("invalid", `${first.file}:${first.line}:${first.column}: ${first.message}${more}`);
}
