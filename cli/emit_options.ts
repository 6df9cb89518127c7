/**
 * The options that say what generated code is like: those of `updraft gen` and of `thrift-gen-ts`.
 *
 * @module
 */
import type { EmitOptions } from "../idl/emit/options.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** The options. */
export const EMIT_OPTIONS: readonly OptionSpec[] = [
  {
    name: "i64",
    value: "TYPE",
    choices: ["bigint", "number", "string"],
    help: "Holds i64 as bigint (default), number or string.",
  },
  {
    name: "maps",
    value: "TYPE",
    choices: ["map", "object"],
    help: "Holds maps with string keys as Map (default: map) or as object.",
  },
  {
    name: "split",
    value: "BY",
    choices: ["file", "namespace"],
    help: "One output for each file (default) or each namespace.",
  },
  { name: "deep-copy", help: "Adds copyX for each struct X: a deep copy." },
  { name: "equality", help: "Adds equalX for each struct X: deep equality." },
  { name: "field-mask", help: "Adds maskX for each struct X: the parts that a mask names; others are not sent." },
  {
    name: "unknown-fields",
    help: "Keeps fields that the IDL does not know as $unknown, and sends them on in Binary and Compact.",
  },
  { name: "no-services", help: "Generates types only." },
  {
    name: "trim",
    value: "NAME",
    repeatable: true,
    help: "Keeps only what NAME needs: Service, Service.method, or another definition.",
  },
  {
    name: "runtime",
    value: "MODULE",
    help: "Imports the runtime from there. Default: @updraft/rpc/codegen, for .proto files @updraft/rpc/protobuf.",
  },
];

/** What a command line with these options, and with `--include`, asks of the emitter. */
export function emitOptions(options: ParsedOptions): EmitOptions {
  const i64 = options.value("i64") as EmitOptions["i64"];
  const maps = options.value("maps") as EmitOptions["maps"];
  const split = options.value("split") as EmitOptions["split"];
  const runtime = options.value("runtime");
  return {
    roots: options.values("include"),
    trim: options.values("trim"),
    deepCopy: options.has("deep-copy"),
    equality: options.has("equality"),
    fieldMask: options.has("field-mask"),
    unknownFields: options.has("unknown-fields"),
    services: !options.has("no-services"),
    ...(i64 === undefined ? {} : { i64 }),
    ...(maps === undefined ? {} : { maps }),
    ...(split === undefined ? {} : { split }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}
