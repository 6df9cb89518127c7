/**
 * Which breaking changes are reported: read from the part `breaking` of a configuration file.
 *
 * @module
 */
import { ConfigReader } from "../config_reader.ts";
import type { BreakingFinding } from "./report.ts";
import { BREAKING_CATEGORIES, BREAKING_RULES, type BreakingCategory, findBreakingRule } from "./rules.ts";

/** How much a rule matters; `off` leaves it out. */
export type BreakingLevel = "off" | "warn" | "error";

/** A change that is known and wanted. */
export interface BreakingIgnore {
  /** Name of its rule; any if absent. */
  readonly rule: string | undefined;
  /** What changed, as findings name it, or what that is part of. */
  readonly at: string;
}

/** What to report. */
export interface BreakingSettings {
  /** Only changes that break one of these. */
  readonly categories: readonly BreakingCategory[];
  /** Levels other than those of the rules, by name of the rule. */
  readonly levels: ReadonlyMap<string, BreakingLevel>;
  /** Changes that are left out. */
  readonly ignore: readonly BreakingIgnore[];
}

const LEVELS: readonly BreakingLevel[] = ["off", "warn", "error"];

/**
 * Reads the value of `breaking`: `{ categories, rules, ignore }`. What is wrong goes to `errors`, a sentence each, with the
 * place in the file as dotted names.
 */
export function readBreakingSettings(value: unknown, errors: string[]): BreakingSettings {
  const reader = new ConfigReader(errors);
  const breaking = reader.object(value, "breaking", ["categories", "rules", "ignore"]);
  const categories = reader.list(breaking["categories"], "breaking.categories", BREAKING_CATEGORIES);
  const names = BREAKING_RULES.flatMap((rule) => [rule.name, rule.code]);
  const levels = new Map<string, BreakingLevel>();
  if (Array.isArray(breaking["categories"]) && breaking["categories"].length === 0) {
    reader.error("breaking.categories", "expected at least one, or no list for all of them");
  }
  const given = reader.object(breaking["rules"], "breaking.rules", names);
  for (const [key, name] of reader.named(given, "breaking.rules", (each) => findBreakingRule(each)?.name)) {
    const known = reader.choice(given[key], `breaking.rules.${key}`, LEVELS);
    if (known !== undefined) levels.set(name, known as BreakingLevel);
  }
  return {
    categories: (categories as readonly BreakingCategory[] | undefined) ?? BREAKING_CATEGORIES,
    levels,
    ignore: readIgnores(reader, breaking["ignore"]),
  };
}

function readIgnores(reader: ConfigReader, value: unknown): BreakingIgnore[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    reader.error("breaking.ignore", "expected a list");
    return [];
  }
  const names = BREAKING_RULES.flatMap((rule) => [rule.name, rule.code]);
  return value.flatMap((item: unknown, i) => {
    const where = `breaking.ignore[${i}]`;
    const entry = reader.object(item, where, ["rule", "at", "reason"]);
    const written = reader.text(entry["rule"], `${where}.rule`);
    const rule = written === undefined ? undefined : findBreakingRule(written)?.name;
    if (written !== undefined && rule === undefined) reader.object({ [written]: "" }, `${where}.rule`, names);
    const at = reader.text(entry["at"], `${where}.at`);
    const reason = reader.text(entry["reason"], `${where}.reason`);
    if (at === undefined) reader.error(where, 'expected "at": what changed, such as "User.name"');
    if (reason === undefined || reason === "") reader.error(where, 'expected "reason": why this may change');
    return at === undefined ? [] : [{ rule, at }];
  });
}

/** What is left of the findings, at their levels, and the entries of `ignore` that left nothing out. */
export function applyBreakingSettings(
  findings: readonly BreakingFinding[],
  settings: BreakingSettings,
): { readonly findings: readonly BreakingFinding[]; readonly unused: readonly BreakingIgnore[] } {
  const used = new Set<BreakingIgnore>();
  const left = findings.flatMap((finding): BreakingFinding[] => {
    const own = settings.ignore.filter(({ rule, at }) =>
      (rule === undefined || rule === finding.rule) && (finding.subject === at || finding.subject.startsWith(`${at}.`))
    );
    for (const ignore of own) used.add(ignore);
    const isWanted = finding.categories.some((category) => settings.categories.includes(category));
    const level = settings.levels.get(finding.rule);
    if (own.length > 0 || !isWanted || level === "off") return [];
    if (level === undefined) return [finding];
    return [{ ...finding, severity: level === "warn" ? "warning" : "error" }];
  });
  return { findings: left, unused: settings.ignore.filter((ignore) => !used.has(ignore)) };
}
