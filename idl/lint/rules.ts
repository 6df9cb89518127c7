/**
 * All lint rules.
 *
 * @module
 */
import { FIELD_RULES } from "./field_rules.ts";
import { FILE_RULES } from "./file_rules.ts";
import { NAMING_RULES } from "./naming_rules.ts";
import type { LintRule } from "./rule.ts";
import { SERVICE_RULES } from "./service_rules.ts";

/**
 * What is wrong with comments that silence rules; found by the linter itself, once all rules have run.
 */
export const IGNORE_RULES: readonly LintRule[] = [
  {
    code: "UL9001",
    name: "ignore-unused",
    summary: "every ignore comment silences something",
    reason: "One that does not is left over, and would hide the next mistake.",
    preset: "recommended",
    level: "warn",
    bad: "// updraft-lint-ignore type-name from another team\nstruct User {}",
    good: "// updraft-lint-ignore type-name from another team\nstruct user {}",
    check: () => {},
  },
  {
    code: "UL9002",
    name: "ignore-malformed",
    summary: "an ignore comment names a rule there is, and gives a reason",
    reason: "Whoever comes next has to know whether it still holds.",
    preset: "recommended",
    level: "warn",
    bad: "// updraft-lint-ignore type-name\nstruct user {}",
    good: "// updraft-lint-ignore type-name from another team\nstruct user {}",
    check: () => {},
  },
];

/** All rules, by code. */
export const LINT_RULES: readonly LintRule[] = [
  ...NAMING_RULES,
  ...FIELD_RULES,
  ...SERVICE_RULES,
  ...FILE_RULES,
  ...IGNORE_RULES,
];

/** The rule of a name or code, or `undefined`. */
export function findRule(name: string): LintRule | undefined {
  return LINT_RULES.find((rule) => rule.name === name || rule.code === name);
}
