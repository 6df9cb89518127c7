/**
 * Runs lint rules over files of a program, minds the comments that silence them, and applies fixes.
 *
 * @module
 */
import { diagnostic, sortDiagnostics } from "../diagnostics.ts";
import type { Module } from "../model.ts";
import { nearest } from "../suggest.ts";
import { type Ignore, ignoresOf } from "./ignores.ts";
import type { Edit, Finding, LintRule } from "./rule.ts";
import { findRule, LINT_RULES } from "./rules.ts";
import type { LintSettings } from "./settings.ts";

/**
 * What the rules find in the files, sorted by place. Their program was compiled without errors; which files
 * `settings.ignore` leaves out is the caller's to see to.
 */
export function lint(modules: Iterable<Module>, settings: LintSettings): Finding[] {
  return sortDiagnostics([...modules].flatMap((module) => lintModule(module, settings)));
}

/** The edits of all findings of a file, in order; of two that overlap, the first. */
export function fixesOf(findings: readonly Finding[]): Edit[] {
  const edits = findings.flatMap(({ fix = [] }) => fix).sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  return edits.filter(({ start, end }) => start >= at && ((at = end), true));
}

/** The text with the fixes of all findings in it. */
export function applyFixes(text: string, findings: readonly Finding[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: piece } of fixesOf(findings)) {
    result += text.slice(at, start) + piece;
    at = end;
  }
  return result + text.slice(at);
}

function lintModule(module: Module, settings: LintSettings): Finding[] {
  const found: Finding[] = [];
  for (const rule of LINT_RULES) {
    const report = reporter(module, rule, settings, found);
    if (report === undefined) continue;
    const option = (name: string): string | readonly string[] => settings.rules.get(rule.name)?.options[name] ?? "";
    rule.check({
      module,
      text: (name) => String(option(name)),
      list: (name) => [option(name)].flat(),
      report,
    });
  }
  const ignores = ignoresOf(module.document);
  return ignores.length === 0 ? found : applyIgnores(module, settings, found, ignores);
}

type Report = Parameters<LintRule["check"]>[0]["report"];

/** Reports as the rule is set, or `undefined` if it is off. */
function reporter(module: Module, rule: LintRule, settings: LintSettings, found: Finding[]): Report | undefined {
  const level = settings.rules.get(rule.name)?.level ?? "off";
  if (level === "off") return undefined;
  const severity = level === "error" ? "error" : "warning";
  const { source } = module.document;
  return (at, message, extra) => {
    const made = diagnostic(severity, rule.code, source, { start: at.start, end: at.end }, message, extra);
    found.push({ ...made, rule: rule.name, ...(extra?.fix === undefined ? {} : { fix: extra.fix }) });
  };
}

/** Leaves out what is silenced; adds what is wrong with the comments. */
function applyIgnores(
  module: Module,
  settings: LintSettings,
  found: readonly Finding[],
  ignores: readonly Ignore[],
): Finding[] {
  const used = new Set<Ignore>();
  const byPlace = new Map<string, Ignore[]>();
  for (const ignore of ignores) {
    const key = placeKey(findRule(ignore.rule)?.name, ignore.line);
    const same = byPlace.get(key);
    if (same === undefined) byPlace.set(key, [ignore]);
    else same.push(ignore);
  }
  const left = found.filter(({ rule, line }) => {
    const own = [placeKey(rule, line), placeKey(rule, undefined)].flatMap((key) => byPlace.get(key) ?? []);
    for (const ignore of own) used.add(ignore);
    return own.length === 0;
  });
  const unused = reporterOf(module, "ignore-unused", settings, left);
  const malformed = reporterOf(module, "ignore-malformed", settings, left);
  for (const ignore of ignores) {
    const rule = findRule(ignore.rule);
    if (rule === undefined) {
      const suggestion = nearest(ignore.rule, LINT_RULES.map(({ name }) => name)) ??
        "write updraft-lint-ignore, the name of a rule and a reason";
      malformed?.(ignore.at, ignore.rule === "" ? "this names no rule" : `there is no rule ${ignore.rule}`, {
        suggestion,
      });
      continue;
    }
    if (!ignore.reasoned) {
      malformed?.(ignore.at, `no reason is given to ignore ${rule.name}`, { suggestion: "write it behind the name" });
    }
    const isOff = settings.rules.get(rule.name)?.level === "off";
    if (!used.has(ignore) && !isOff) {
      unused?.(ignore.at, `${rule.name} finds nothing here`, { suggestion: "remove the comment" });
    }
  }
  return left;
}

function placeKey(rule: string | undefined, line: number | undefined): string {
  return `${rule ?? ""} ${line ?? ""}`;
}

function reporterOf(module: Module, name: string, settings: LintSettings, found: Finding[]): Report | undefined {
  const rule = findRule(name);
  return rule && reporter(module, rule, settings, found);
}
