/**
 * Rules about names.
 *
 * @module
 */
import type { NameNode } from "../ast.ts";
import { commonCase, isInCase, NAME_CASES, type NameCase, toCase } from "./name_case.ts";
import { RESERVED_WORDS } from "./reserved_words.ts";
import type { LintContext, LintRule } from "./rule.ts";
import { argumentsOf, enumsOf, fieldsOf, methodsOf, servicesOf, structsOf } from "./visit.ts";

/** The option that says how names are written. */
function caseOption(preset: NameCase | "consistent"): NonNullable<LintRule["options"]> {
  const help = "how names are written; `consistent` is as most of the file's are";
  return { case: { kind: "choice", help, choices: [...NAME_CASES, "consistent"], preset } };
}

function checkNames(context: LintContext, nodes: Iterable<NameNode>): void {
  const names = [...nodes];
  const wanted = context.text("case");
  const style = wanted === "consistent" ? commonCase(names.map((node) => node.text)) : wanted as NameCase;
  for (const node of names) {
    if (isInCase(node.text, style)) continue;
    const better = toCase(node.text, style);
    const suggestion = better !== node.text && isInCase(better, style) ? `write ${better}` : undefined;
    context.report(node, `${node.text} is not in ${style} case`, { suggestion });
  }
}

function* namesOf(parts: Iterable<{ readonly node: { readonly name: NameNode } }>): Generator<NameNode> {
  for (const { node } of parts) yield node.name;
}

/** All of them, by code. */
export const NAMING_RULES: readonly LintRule[] = [
  {
    code: "UL1001",
    name: "type-name",
    summary: "names of types and services are in Pascal case",
    reason: "They become names of types in every language, where this is the custom.",
    preset: "recommended",
    level: "warn",
    options: caseOption("pascal"),
    bad: "struct user_info {}",
    good: "struct UserInfo {}",
    check(context) {
      checkNames(context, namesOf(context.module.definitions.filter((def) => def.kind !== "const")));
    },
  },
  {
    code: "UL1002",
    name: "field-name",
    summary: "fields of a file are all named in one case",
    reason: "JSON mappings carry these names to clients, who should not have to look up which is written how.",
    preset: "recommended",
    level: "warn",
    options: caseOption("consistent"),
    bad: "struct User {\n  1: i64 user_id\n  2: string first_name\n  3: string lastName\n}",
    good: "struct User {\n  1: i64 user_id\n  2: string first_name\n  3: string last_name\n}",
    check: (context) => checkNames(context, namesOf(fieldsOf(context.module))),
  },
  {
    code: "UL1003",
    name: "argument-name",
    summary: "arguments and declared exceptions of a file are all named in one case",
    reason: "They become names of parameters.",
    preset: "recommended",
    level: "warn",
    options: caseOption("consistent"),
    bad: "service Users {\n  void rename(1: i64 user_id, 2: string first_name, 3: string lastName)\n}",
    good: "service Users {\n  void rename(1: i64 user_id, 2: string first_name, 3: string last_name)\n}",
    check: (context) => checkNames(context, namesOf(argumentsOf(context.module))),
  },
  {
    code: "UL1004",
    name: "enum-member-name",
    summary: "enum members are in upper snake case",
    reason: "They are constants.",
    preset: "recommended",
    level: "warn",
    options: caseOption("upper_snake"),
    bad: "enum State {\n  UNKNOWN = 0\n  isPaid = 1\n}",
    good: "enum State {\n  UNKNOWN = 0\n  IS_PAID = 1\n}",
    check(context) {
      checkNames(context, [...enumsOf(context.module)].flatMap((def) => [...namesOf(def.members)]));
    },
  },
  {
    code: "UL1005",
    name: "const-name",
    summary: "constants are in upper snake case",
    reason: "This tells them from types wherever they are used.",
    preset: "recommended",
    level: "warn",
    options: caseOption("upper_snake"),
    bad: "const i32 maxLines = 100",
    good: "const i32 MAX_LINES = 100",
    check(context) {
      checkNames(context, namesOf(context.module.definitions.filter((def) => def.kind === "const")));
    },
  },
  {
    code: "UL1006",
    name: "function-name",
    summary: "functions of a file are all named in one case",
    reason: "The name is what goes over the wire, so it is the same in every language: let it look the same.",
    preset: "recommended",
    level: "warn",
    options: caseOption("consistent"),
    bad: "service Users {\n  void getUser()\n  void setUser()\n  void drop_user()\n}",
    good: "service Users {\n  void getUser()\n  void setUser()\n  void dropUser()\n}",
    check: (context) => checkNames(context, namesOf(methodsOf(context.module))),
  },
  {
    code: "UL1007",
    name: "service-suffix",
    summary: "names of services end alike",
    reason: "A generated client and a struct of similar names are then told apart.",
    preset: "all",
    level: "warn",
    options: { suffix: { kind: "text", help: "how they end", preset: "Service" } },
    bad: "service User {}",
    good: "service UserService {}",
    check: (context) => checkSuffix(context, namesOf(servicesOf(context.module))),
  },
  {
    code: "UL1008",
    name: "exception-suffix",
    summary: "names of exceptions end alike",
    reason: "Whoever reads a throws list or a catch sees what is an exception.",
    preset: "all",
    level: "warn",
    options: { suffix: { kind: "text", help: "how they end", preset: "Exception" } },
    bad: "exception NotFound {}",
    good: "exception NotFoundException {}",
    check(context) {
      const exceptions = [...structsOf(context.module)].filter((def) => def.kind === "exception");
      checkSuffix(context, namesOf(exceptions));
    },
  },
  {
    code: "UL1009",
    name: "reserved-word",
    summary: "names are no reserved words",
    reason: "Apache Thrift rejects them whatever the target language is, and generators rename them.",
    preset: "recommended",
    level: "warn",
    bad: "struct Route {\n  1: string from\n}",
    good: "struct Route {\n  1: string source\n}",
    check(context) {
      const { module } = context;
      const members = [...enumsOf(module)].flatMap((def) => def.members);
      const lists = [module.definitions, fieldsOf(module), argumentsOf(module), methodsOf(module), members];
      for (const node of lists.flatMap((list) => [...namesOf(list)])) {
        if (RESERVED_WORDS.has(node.text)) context.report(node, `${node.text} is a reserved word of some languages`);
      }
    },
  },
];

function checkSuffix(context: LintContext, nodes: Iterable<NameNode>): void {
  const suffix = context.text("suffix");
  for (const node of nodes) {
    if (!node.text.endsWith(suffix)) context.report(node, `${node.text} does not end with ${suffix}`);
  }
}
