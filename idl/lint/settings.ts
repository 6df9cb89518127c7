/**
 * Which rules are on, how much they matter, and with which options: read from the part `lint` of a configuration file.
 *
 * @module
 */
import { type ConfigObject, ConfigReader } from "../config_reader.ts";
import type { Level, LintRule, OptionSpec, OptionValues } from "./rule.ts";
import { findRule, LINT_RULES } from "./rules.ts";

/** How a rule is set. */
export interface RuleSetting {
  /** How much it matters. */
  readonly level: Level;
  /** Its options, presets filled in. */
  readonly options: OptionValues;
}

/** What to lint and how. */
export interface LintSettings {
  /** Every rule's setting, by name. */
  readonly rules: ReadonlyMap<string, RuleSetting>;
  /** Globs of files that are left out. */
  readonly ignore: readonly string[];
}

/** Sets of rules to begin with. */
export const PRESETS: readonly string[] = ["recommended", "all", "none"];

/** The settings of a preset. */
export function presetSettings(preset: string): LintSettings {
  const rules = new Map<string, RuleSetting>();
  for (const rule of LINT_RULES) {
    const isOn = preset === "all" || rule.preset === preset;
    rules.set(rule.name, { level: isOn ? rule.level : "off", options: presetOptions(rule) });
  }
  return { rules, ignore: [] };
}

/**
 * Reads the value of `lint`: `{ extends, rules, ignore }`. What is wrong goes to `errors`, a sentence each, with the place
 * in the file as dotted names.
 */
export function readLintSettings(value: unknown, errors: string[]): LintSettings {
  const reader = new ConfigReader(errors);
  const lint = reader.object(value, "lint", ["extends", "rules", "ignore"]);
  const settings = presetSettings(reader.choice(lint["extends"], "lint.extends", PRESETS) ?? "recommended");
  const rules = new Map(settings.rules);
  const names = LINT_RULES.flatMap((rule) => [rule.name, rule.code]);
  const given = reader.object(lint["rules"], "lint.rules", names);
  for (const [key, name] of reader.named(given, "lint.rules", (each) => findRule(each)?.name)) {
    const rule = findRule(name);
    if (rule !== undefined) rules.set(name, readRule(reader, rule, given[key], `lint.rules.${key}`));
  }
  return { rules, ignore: reader.list(lint["ignore"], "lint.ignore") ?? [] };
}

const LEVELS: readonly Level[] = ["off", "warn", "error"];

/** A level, or a list of a level and options. */
function readRule(reader: ConfigReader, rule: LintRule, value: unknown, where: string): RuleSetting {
  const [level, options, ...more] = Array.isArray(value) ? value as unknown[] : [value];
  if (more.length > 0 || level === undefined) reader.error(where, 'expected a level and options, as ["warn", {}]');
  const known = reader.choice(level, where, LEVELS) as Level | undefined;
  const specs = rule.options ?? {};
  const given = reader.object(options, where, Object.keys(specs));
  return {
    level: known ?? rule.level,
    options: { ...presetOptions(rule), ...readOptions(reader, specs, given, where) },
  };
}

function readOptions(
  reader: ConfigReader,
  specs: Readonly<Record<string, OptionSpec>>,
  given: ConfigObject,
  where: string,
): OptionValues {
  const values: Record<string, string | readonly string[]> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const at = `${where}.${name}`;
    const value = spec.kind === "choice"
      ? reader.choice(given[name], at, spec.choices)
      : spec.kind === "list"
      ? reader.list(given[name], at, spec.choices)
      : reader.text(given[name], at);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function presetOptions(rule: LintRule): OptionValues {
  return Object.fromEntries(Object.entries(rule.options ?? {}).map(([name, spec]) => [name, spec.preset]));
}
