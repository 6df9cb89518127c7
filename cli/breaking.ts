/**
 * `updraft breaking`: says which changes of an IDL break those who go by its old version.
 *
 * @module
 */
import { compareVersions } from "../idl/breaking/compare.ts";
import type { BreakingFinding } from "../idl/breaking/report.ts";
import { BREAKING_CATEGORIES, BREAKING_RULES, type BreakingCategory, findBreakingRule } from "../idl/breaking/rules.ts";
import { applyBreakingSettings, type BreakingSettings, readBreakingSettings } from "../idl/breaking/settings.ts";
import { nearest } from "../idl/suggest.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { CONFIG_FILE, CONFIG_OPTION, loadConfig } from "./config.ts";
import { hasErrors, INCLUDE_OPTION, report } from "./idl_input.ts";
import { type IdlVersion, loadVersion, parseVersion, type VersionSpec } from "./idl_version.ts";
import type { ParsedOptions } from "./options.ts";
import { countDiagnostics, type Explained, plural } from "./print_diagnostics.ts";

/** The command. */
export const breaking: Command = {
  usage: "breaking OLD [NEW] [-I DIR]... [OPTION]...",
  description:
    `Compares two versions of an IDL and reports the changes that break peers or programs that go by the old one.
OLD and NEW are files or folders, or commits of git: git:REF, git:REF:PATH or REF:PATH. Without NEW, a commit
is compared with what is on disk there, anything else with the working directory; a commit without a path is
compared at the path of the other version.
Changes that are wanted are listed in ${CONFIG_FILE}.
Ends with 0 if nothing is broken, 1 if something is or a version does not compile, 2 if the command line
cannot be understood.`,
  options: [
    {
      name: "category",
      value: "NAME",
      choices: BREAKING_CATEGORIES,
      repeatable: true,
      help: "Reports only what breaks WIRE, WIRE_JSON or SOURCE. Default: all of them.",
    },
    INCLUDE_OPTION,
    { name: "json", help: "Prints what was found to standard output as JSON, for other programs." },
    CONFIG_OPTION,
    { name: "rules", help: "Lists all rules and whom they are about." },
    { name: "explain", value: "RULE", help: "Says what a rule is about, and what happens to whom." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const explain = options.value("explain");
  if (explain !== undefined) return await explainRule(platform, explain);
  if (options.has("rules")) return await listRules(platform);
  const [oldText, newText, ...more] = options.operands;
  if (oldText === undefined || more.length > 0) throw new UsageError("name the old version, and at most one new one");
  const config = await loadConfig(platform, options, "breaking", readBreakingSettings);
  const oldSpec = await parseVersion(platform, oldText);
  const newSpec = newText === undefined ? onDisk(oldSpec) : await parseVersion(platform, newText);
  const old = await loadVersion(platform, options, oldSpec, newSpec.path);
  const now = await loadVersion(platform, options, newSpec, oldSpec.path);
  const errors = [...old.diagnostics, ...now.diagnostics].filter(({ severity }) => severity === "error");
  const input = { line: lineOf([now, old]) };
  if (errors.length > 0) {
    if (options.has("json")) await printJson(platform, { diagnostics: errors });
    else {
      await report(platform, input, errors);
      await platform.stderr.write(`not compared, for the files do not compile: ${countDiagnostics(errors)}\n`);
    }
    return EXIT_ERRORS;
  }
  const all = compareVersions(old.program, now.program, {
    oldKey: old.keyOf,
    newKey: now.keyOf,
    names: { old: old.nameOf, new: now.nameOf },
  });
  const { findings, unused } = applyBreakingSettings(all, withCategories(config.settings, options));
  const code = hasErrors(findings) ? EXIT_ERRORS : EXIT_FINE;
  if (options.has("json")) {
    await printJson(platform, { findings });
    return code;
  }
  await report(platform, input, explained(findings));
  for (const { at, rule } of unused) {
    const what = rule === undefined ? at : `${rule} at ${at}`;
    await platform.stderr.write(`${config.path}: breaking.ignore leaves nothing out for ${what}, remove it\n`);
  }
  const files = plural(now.program.modules.length, "file");
  await platform.stderr.write(`${files} compared: ${countDiagnostics(findings) || "nothing is broken"}\n`);
  return code;
}

/** What is on disk where a commit's version was; of another version, the working directory. */
function onDisk({ ref, path }: VersionSpec): VersionSpec {
  return { ref: undefined, path: ref === undefined ? "." : path ?? "." };
}

/** What changed, and whom that breaks; the reason goes with the first finding of each rule. */
function explained(findings: readonly BreakingFinding[]): Explained[] {
  const told = new Set<string>();
  return findings.map((finding) => {
    const { message, categories, rule, reason } = finding;
    const isFirst = !told.has(rule);
    told.add(rule);
    return { ...finding, message: `${message} (${categories.join(", ")})`, reason: isFirst ? reason : undefined };
  });
}

function withCategories(settings: BreakingSettings, options: ParsedOptions): BreakingSettings {
  const categories = options.values("category") as readonly BreakingCategory[];
  return categories.length === 0 ? settings : { ...settings, categories };
}

function lineOf(versions: readonly IdlVersion[]): IdlVersion["line"] {
  return (file, line) =>
    versions.map((version) => version.line(file, line)).find((text) => text !== undefined && text !== "");
}

async function explainRule(platform: Platform, name: string): Promise<number> {
  const rule = findBreakingRule(name);
  if (rule === undefined) {
    const suggestion = nearest(name, BREAKING_RULES.map((each) => each.name)) ?? "see --rules";
    throw new UsageError(`there is no rule ${name}, ${suggestion}`);
  }
  const level = rule.level === "error" ? "an error" : "a warning";
  await platform.stdout.write(
    `${rule.code} ${rule.name}: ${rule.summary}.\n${rule.reason}\n\n` +
      `Breaks ${rule.categories.join(", ")}; ${level}.\n`,
  );
  return EXIT_FINE;
}

async function listRules(platform: Platform): Promise<number> {
  const width = Math.max(...BREAKING_RULES.map((rule) => rule.name.length));
  const categories = Math.max(...BREAKING_RULES.map((rule) => rule.categories.join(" ").length));
  for (const { code, name, summary, categories: own } of BREAKING_RULES) {
    const line = `${code}  ${name.padEnd(width)}  ${own.join(" ").padEnd(categories)}  ${summary}`;
    await platform.stdout.write(`${line}\n`);
  }
  return EXIT_FINE;
}

async function printJson(platform: Platform, value: unknown): Promise<void> {
  await platform.stdout.write(JSON.stringify(value, undefined, 2) + "\n");
}
