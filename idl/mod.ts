/**
 * The Thrift compiler as a library: parse, check, generate TypeScript, and make schemas for generic calls.
 *
 * ```ts
 * import { compile, emit, memoryReader } from "@updraft/rpc/idl";
 *
 * const { value, diagnostics } = await compile(["a.thrift"], memoryReader({ "a.thrift": "struct A { 1: i32 b }" }));
 * if (diagnostics.length === 0) console.log(emit(value).value[0]?.text);
 * ```
 *
 * @module
 */
export * from "./ast.ts";
export { type CompareOptions, compareVersions } from "./breaking/compare.ts";
export type { KeyOf } from "./breaking/matches.ts";
export type { BreakingFinding, FileNames } from "./breaking/report.ts";
export { BREAKING_RULES, type BreakingCategory, type BreakingRule, type BreakingRuleName } from "./breaking/rules.ts";
export {
  applyBreakingSettings,
  type BreakingIgnore,
  type BreakingLevel,
  type BreakingSettings,
  readBreakingSettings,
} from "./breaking/settings.ts";
export { DIAGNOSTIC_CODES, type DiagnosticCode } from "./codes.ts";
export { check, compile } from "./compile.ts";
export {
  type Diagnostic,
  Diagnostics,
  type Outcome,
  type RelatedPlace,
  type ReportExtra,
  type Severity,
  type Span,
} from "./diagnostics.ts";
export { emit } from "./emit/emit.ts";
export type { EmitOptions, OutputFile } from "./emit/options.ts";
export { format, formatDocument } from "./format/format.ts";
export type { ValueOptions } from "./js_values.ts";
export { applyFixes, lint } from "./lint/lint.ts";
export type {
  Edit,
  Example,
  Finding,
  FindingExtra,
  Level,
  LintContext,
  LintRule,
  OptionSpec,
  OptionValues,
  Preset,
} from "./lint/rule.ts";
export { LINT_RULES } from "./lint/rules.ts";
export { type LintSettings, presetSettings, readLintSettings, type RuleSetting } from "./lint/settings.ts";
export {
  type FileSet,
  load,
  type LoadedFile,
  type LoadedInclude,
  type LoadOptions,
  memoryReader,
  type SourceReader,
  UnreadableSource,
} from "./load.ts";
export * from "./model.ts";
export { loadSchemas, type LoadSchemasOptions } from "./load_schemas.ts";
export { parse } from "./parser.ts";
export { SchemaException, SchemaSet } from "./schema.ts";
export { type Position, SourceText } from "./source.ts";
export { Tok, TokenList } from "./tokens.ts";
