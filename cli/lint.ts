/**
 * `updraft lint`: says what could be better in IDL files that compile.
 *
 * @module
 */
import type { Diagnostic } from "../idl/diagnostics.ts";
import { applyFixes, lint as lintModules } from "../idl/lint/lint.ts";
import type { Finding, LintRule } from "../idl/lint/rule.ts";
import { findRule, LINT_RULES } from "../idl/lint/rules.ts";
import { type LintSettings, readLintSettings } from "../idl/lint/settings.ts";
import type { Module } from "../idl/model.ts";
import { parse } from "../idl/parser.ts";
import { nearest } from "../idl/suggest.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { type Config, CONFIG_FILE, CONFIG_OPTION, loadConfig } from "./config.ts";
import { findIdlFiles } from "./idl_files.ts";
import {
  type CompiledInput,
  compileInput,
  hasErrors,
  INCLUDE_OPTION,
  readStdin,
  recordedReader,
  report,
  STDIN,
} from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";
import { countDiagnostics, plural, printable } from "./print_diagnostics.ts";

/** The command. */
export const lint: Command = {
  usage: "lint FILE|DIR|-... [-I DIR]... [OPTION]...",
  description: `Checks the style of IDL files: names, ids, comments, and what will hurt when the IDL changes.
Of a DIR, all .thrift files below it; - reads standard input; includes elsewhere are read, not checked.
Which rules are on is set in ${CONFIG_FILE}; // updraft-lint-ignore RULE REASON silences one for a line.
Ends with 0 if there are no errors, 1 if there are, 2 if the command line cannot be understood.`,
  options: [
    INCLUDE_OPTION,
    { name: "fix", help: "Mends what can be mended without changing what the files mean." },
    { name: "strict", help: "Takes warnings for errors." },
    { name: "json", help: "Prints what was found to standard output as JSON, for other programs." },
    CONFIG_OPTION,
    { name: "rules", help: "Lists all rules and how they are set." },
    { name: "explain", value: "RULE", help: "Says what a rule asks for and why, with an example." },
  ],
  run,
};

/** Fixes may give rise to others; more rounds than this are a mistake in a rule. */
const MAX_ROUNDS = 10;

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const explain = options.value("explain");
  if (explain !== undefined) return await explainRule(platform, explain);
  const config = await loadConfig(platform, options, "lint", readLintSettings);
  if (options.has("rules")) return await listRules(platform, config.settings);
  if (options.operands.length === 0) throw new UsageError("name at least one file or folder, or -");
  const { input, modules, findings, fixed, refused } = await lintFiles(platform, options, config);
  const errors = input.diagnostics.filter(({ severity }) => severity === "error");
  const shown = errors.length > 0 ? errors : findings;
  const failed = hasErrors(shown) || (options.has("strict") && shown.length > 0) || refused.size > 0;
  for (const reason of refused.values()) await platform.stderr.write(`updraft: ${printable(reason)}\n`);
  if (options.has("json")) {
    await platform.stdout.write(JSON.stringify({ diagnostics: shown }, undefined, 2) + "\n");
    return failed ? EXIT_ERRORS : EXIT_FINE;
  }
  for (const path of fixed) await platform.stdout.write(`fixed ${printable(path)}\n`);
  await report(platform, input, shown);
  const isFixable = (finding: Diagnostic<string>): boolean => "fix" in finding && !refused.has(finding.file);
  const fixable = options.operands.includes("-") ? 0 : shown.filter(isFixable).length;
  const more = fixable > 0 ? `, --fix mends ${fixable} of them` : "";
  await platform.stderr.write(
    errors.length > 0
      ? `not linted, for the files do not compile: ${countDiagnostics(errors)}\n`
      : `${plural(modules.length, "file")} linted: ${countDiagnostics(shown) || "no problems"}${more}\n`,
  );
  return failed ? EXIT_ERRORS : EXIT_FINE;
}

interface Linted {
  readonly input: CompiledInput;
  readonly modules: readonly Module[];
  readonly findings: readonly Finding[];
  readonly fixed: ReadonlySet<string>;
  /** Files that could not be fixed, each with the reason. */
  readonly refused: ReadonlyMap<string, string>;
}

async function lintFiles(
  platform: Platform,
  options: ParsedOptions,
  config: Config<LintSettings>,
): Promise<Linted> {
  const bytes = await readStdin(platform, options.operands);
  if (bytes !== undefined && options.has("fix")) {
    throw new UsageError("--fix needs files: standard input stays as it is");
  }
  const stdin = bytes && new TextDecoder().decode(bytes);
  const paths = stdin === undefined ? await findIdlFiles(platform.files, options.operands) : [STDIN];
  const fixed = new Set<string>();
  const refused = new Map<string, string>();
  for (let round = 0;; round++) {
    const input = await compileInput(platform, options, recordedReader(platform, { stdin }), paths);
    if (hasErrors(input.diagnostics)) return { input, modules: [], findings: [], fixed, refused };
    const modules = input.program.mains.filter(({ path }) => !config.matches(config.settings.ignore, path));
    const findings = lintModules(modules, config.settings);
    const done = options.has("fix") && round < MAX_ROUNDS ? await fix(platform, modules, findings, refused) : [];
    if (done.length === 0) return { input, modules, findings, fixed, refused };
    for (const path of done) fixed.add(path);
  }
}

/** Writes the fixed texts and gives the paths of the files; those that it could not write go to `refused`, and stay as they are. */
async function fix(
  platform: Platform,
  modules: readonly Module[],
  findings: readonly Finding[],
  refused: Map<string, string>,
): Promise<string[]> {
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.fix === undefined) continue;
    const list = byFile.get(finding.file);
    if (list === undefined) byFile.set(finding.file, [finding]);
    else list.push(finding);
  }
  const written: string[] = [];
  for (const { path, document } of modules) {
    const own = byFile.get(path);
    const { text } = document.source;
    if (own === undefined || refused.has(path)) continue;
    // bytes that are not UTF-8 came as this character and would be lost
    if (text.includes("\ufffd")) {
      refused.set(path, `cannot fix ${path}: it has bytes that are not UTF-8, or the sign for them`);
      continue;
    }
    const after = applyFixes(text, own);
    if (hasErrors(parse(path, after).diagnostics)) throw new Error(`fixing ${path} would break it`);
    try {
      await platform.files.write(path, after);
      written.push(path);
    } catch (reason) {
      if (!(reason instanceof RpcError) || reason.kind !== "invalid") throw reason;
      refused.set(path, reason.message);
    }
  }
  return written;
}

async function listRules(platform: Platform, settings: LintSettings): Promise<number> {
  const width = Math.max(...LINT_RULES.map((rule) => rule.name.length));
  for (const rule of LINT_RULES) {
    const level = (settings.rules.get(rule.name)?.level ?? "off").padEnd(5);
    await platform.stdout.write(`${rule.code}  ${rule.name.padEnd(width)}  ${level}  ${rule.summary}\n`);
  }
  return EXIT_FINE;
}

async function explainRule(platform: Platform, name: string): Promise<number> {
  const rule = findRule(name);
  if (rule === undefined) {
    const suggestion = nearest(name, LINT_RULES.map((each) => each.name)) ?? "see --rules";
    throw new UsageError(`there is no rule ${name}, ${suggestion}`);
  }
  await platform.stdout.write(describeRule(rule));
  return EXIT_FINE;
}

function describeRule(rule: LintRule): string {
  const options = Object.entries(rule.options ?? {}).map(([name, spec]) => {
    const choices = spec.kind === "text" || spec.choices === undefined ? "" : ` (${spec.choices.join(", ")})`;
    return `  ${name}: ${spec.help}${choices}; default ${JSON.stringify(spec.preset)}\n`;
  });
  const isOn = rule.preset === "recommended" ? "on" : "off, unless all rules are on";
  return `${rule.code} ${rule.name}: ${rule.summary}.\n${rule.reason}\n\n` +
    `From the start: ${isOn}; level ${rule.level}${rule.fixable === true ? "; --fix mends it" : ""}.\n` +
    (options.length > 0 ? `Options:\n${options.join("")}` : "") +
    `\nNot so:\n${showExample(rule.bad)}\nBut so:\n${showExample(rule.good)}`;
}

function showExample(example: LintRule["bad"]): string {
  const files = typeof example === "string" ? { "main.thrift": example } : example;
  const several = Object.keys(files).length > 1;
  return Object.entries(files).map(([path, text]) => {
    const lines = text.trimEnd().split("\n").map((line) => line === "" ? "\n" : `  ${line}\n`).join("");
    return several ? `  // ${path}\n${lines}` : lines;
  }).join("\n");
}
