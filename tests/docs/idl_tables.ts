/**
 * What the guides to `updraft lint` and `updraft breaking` say of each rule, made from the rules themselves.
 *
 * @module
 */
import { BREAKING_RULES } from "../../idl/breaking/rules.ts";
import type { LintRule } from "../../idl/lint/rule.ts";
import { LINT_RULES } from "../../idl/lint/rules.ts";

/** A section of Markdown for each lint rule. */
export function lintSections(): string {
  return LINT_RULES.map((rule) => {
    const facts = [rule.preset === "recommended" ? "Recommended" : "Not recommended", rule.level];
    if (rule.fixable === true) facts.push("`--fix` mends it");
    const options = Object.entries(rule.options ?? {}).map(([name, spec]) => {
      const choices = spec.kind === "text" || spec.choices === undefined ? "" : `: ${list(spec.choices)}`;
      return `- \`${name}\`: ${spec.help}${choices}. Default: \`${JSON.stringify(spec.preset)}\`.\n`;
    });
    return `### ${rule.code} ${rule.name}\n\n${sentence(rule.summary)} ${rule.reason} _${facts.join(", ")}._\n\n` +
      (options.length > 0 ? `Options:\n\n${options.join("")}\n` : "") +
      `Not so:\n\n${blocks(rule.bad)}\nBut so:\n\n${blocks(rule.good)}`;
  }).join("\n");
}

/** The files of a rule's examples. */
export function exampleTexts(rule: LintRule): string[] {
  return [rule.bad, rule.good].flatMap((example) => typeof example === "string" ? [example] : Object.values(example));
}

/** A row of Markdown for each rule of breaking changes. */
export function breakingTable(): string {
  const rows = BREAKING_RULES.map(({ code, name, categories, level, summary, reason }) =>
    `| ${code} | \`${name}\` | ${list(categories)} | ${sentence(summary)} ${reason}${
      level === "warn" ? " (a warning)" : ""
    } |\n`
  );
  return `| code | name | breaks | what and why |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

/** Text without what a formatter of Markdown may change. */
export function compact(markdown: string): string {
  return markdown.replace(/-{2,}/g, "-").replace(/\s+/g, " ");
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function list(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function blocks(example: LintRule["bad"]): string {
  const files = typeof example === "string" ? { "main.thrift": example } : example;
  return Object.entries(files).map(([path, text]) =>
    (typeof example === "string" ? "" : `\`${path}\`:\n\n`) + "```thrift\n" + text.trimEnd() + "\n```\n"
  ).join("\n");
}
