/**
 * Rules about files: their names, namespaces, includes and comments, and what they use of others.
 *
 * @module
 */
import type { IncludeNode, NameNode, NamespaceNode } from "../ast.ts";
import { Diagnostics, type Span } from "../diagnostics.ts";
import { docOf } from "../doc_comments.ts";
import { annotationsOf, type Def, type Module } from "../model.ts";
import { stemOf } from "../paths.ts";
import { findDefinition } from "../references.ts";
import { Tok } from "../tokens.ts";
import { isInCase, NAME_CASES, type NameCase } from "./name_case.ts";
import type { Edit, LintContext, LintRule } from "./rule.ts";
import { annotationsIn, argumentsOf, fieldsOf, methodsOf, servicesOf, typesOf } from "./visit.ts";

const DOCUMENTED = ["const", "typedef", "enum", "struct", "union", "exception", "service", "function", "field"];

/** All of them, by code. */
export const FILE_RULES: readonly LintRule[] = [
  {
    code: "UL5001",
    name: "namespace-missing",
    summary: "a file with definitions has a namespace",
    reason: "Without one, generators put its types where those of other files are, under names that may clash.",
    preset: "recommended",
    level: "warn",
    options: {
      languages: {
        kind: "list",
        help: "languages that need one; without any, one for any language will do",
        preset: [],
      },
    },
    bad: "struct User {}",
    good: "namespace go users\n\nstruct User {}",
    check(context) {
      const [first] = context.module.definitions;
      if (first === undefined) return;
      const scopes = namespacesOf(context.module).map((node) => node.scope.text);
      const languages = context.list("languages");
      if (languages.length === 0) {
        if (scopes.length === 0) context.report(first.node.name, "this file has no namespace");
        return;
      }
      for (const language of languages) {
        if (scopes.includes(language) || scopes.includes("*")) continue;
        context.report(first.node.name, `this file has no namespace for ${language}`);
      }
    },
  },
  {
    code: "UL5002",
    name: "namespace-repeated",
    summary: "a language has one namespace in a file",
    reason: "The first one counts, the others mean nothing.",
    preset: "recommended",
    level: "warn",
    bad: "namespace go users\nnamespace go people",
    good: "namespace go users",
    check(context) {
      const seen = new Set<string>();
      for (const node of namespacesOf(context.module)) {
        if (seen.has(node.scope.text)) {
          context.report(node, `${node.scope.text} has a namespace already, so this one means nothing`);
        }
        seen.add(node.scope.text);
      }
    },
  },
  {
    code: "UL5003",
    name: "include-unused",
    summary: "every include is used",
    reason: "Whoever reads or builds the file has to find the other one, for nothing.",
    preset: "recommended",
    level: "warn",
    fixable: true,
    bad: { "main.thrift": 'include "user.thrift"\n', "user.thrift": "struct User {}" },
    good: {
      "main.thrift": 'namespace go main\n\ninclude "user.thrift"\n\nstruct Group {\n  1: user.User owner\n}',
      "user.thrift": "struct User {}",
    },
    check(context) {
      // Thriftgo's options name an include by the keys of annotations
      const keys = [...annotationsIn(context.module)].map(({ key }) => key.text);
      for (const { node, used, prefix } of context.module.includes) {
        if (used || keys.some((key) => key.startsWith(`${prefix}.`))) continue;
        context.report(node, `nothing uses ${node.path.raw}`, { fix: [removal(context.module, node)] });
      }
    },
  },
  {
    code: "UL5004",
    name: "include-repeated",
    summary: "a file is included once",
    reason: "The second include means nothing.",
    preset: "recommended",
    level: "warn",
    fixable: true,
    bad: {
      "main.thrift":
        'namespace go main\n\ninclude "user.thrift"\ninclude "user.thrift"\n\nstruct Group {\n  1: user.User owner\n}',
      "user.thrift": "struct User {}",
    },
    good: {
      "main.thrift": 'namespace go main\n\ninclude "user.thrift"\n\nstruct Group {\n  1: user.User owner\n}',
      "user.thrift": "struct User {}",
    },
    check(context) {
      const seen = new Set<string>();
      for (const node of context.module.document.headers) {
        if (node.kind !== "include") continue;
        if (seen.has(node.path.raw)) {
          const fix = [removal(context.module, node)];
          context.report(node, `${node.path.raw} is included already`, { fix });
        }
        seen.add(node.path.raw);
      }
    },
  },
  {
    code: "UL5005",
    name: "file-name",
    summary: "names of files are in snake case",
    reason: "They become prefixes of references, and parts of the names of generated files and packages.",
    preset: "all",
    level: "warn",
    options: {
      case: { kind: "choice", help: "how they are written", choices: NAME_CASES, preset: "snake" },
    },
    bad: { "main.thrift": 'include "UserTypes.thrift"', "UserTypes.thrift": "// checked as well" },
    good: { "main.thrift": 'include "user_types.thrift"', "user_types.thrift": "// checked as well" },
    check(context) {
      const stem = stemOf(context.module.path);
      const style = context.text("case") as NameCase;
      // <stdin> is the name of no file
      if (!stem.startsWith("<") && !isInCase(stem, style)) {
        context.report({ start: 0, end: 0 }, `the file's name ${stem} is not in ${style} case`);
      }
    },
  },
  {
    code: "UL5006",
    name: "empty-definition",
    summary: "no enum, union or service is empty",
    reason: "An empty enum or union has no value, and an empty service does nothing.",
    preset: "recommended",
    level: "warn",
    bad: "union Payment {}",
    good: "union Payment {\n  1: string card\n}",
    check(context) {
      for (const def of context.module.definitions) {
        const empty = (def.kind === "enum" && def.members.length === 0) ||
          (def.kind === "union" && def.fields.length === 0) ||
          (def.kind === "service" && def.methods.length === 0 && def.base === undefined);
        if (empty) context.report(def.node.name, `${def.kind} ${def.name} is empty`);
      }
    },
  },
  {
    code: "UL6001",
    name: "doc-missing",
    summary: "definitions and functions have a comment",
    reason: "It becomes the documentation of the generated code.",
    preset: "all",
    level: "warn",
    options: {
      kinds: {
        kind: "list",
        help: "what needs one",
        choices: DOCUMENTED,
        preset: ["enum", "struct", "union", "exception", "service", "function"],
      },
    },
    bad: "struct User {\n  1: i64 id\n}",
    good: "/** Somebody who has an account. */\nstruct User {\n  1: i64 id\n}",
    check(context) {
      const { module } = context;
      const kinds = context.list("kinds");
      const demand = (kind: string, node: Span & { readonly name: NameNode }): void => {
        if (kinds.includes(kind) && docOf(module.document, node) === undefined) {
          context.report(node.name, `${kind} ${node.name.text} has no comment`);
        }
      };
      for (const def of module.definitions) demand(def.kind, def.node);
      for (const method of methodsOf(module)) demand("function", method.node);
      for (const field of fieldsOf(module)) demand("field", field.node);
    },
  },
  {
    code: "UL6002",
    name: "deprecated-use",
    summary: "nothing uses what is deprecated",
    reason: "An annotation `deprecated`, or `@deprecated` in its comment, says that it will go.",
    preset: "recommended",
    level: "warn",
    bad: 'struct Old {\n} (deprecated = "use New")\n\nstruct User {\n  1: Old old\n}',
    good: 'struct Old {\n} (deprecated = "use New")\n\nstruct New {}\n\nstruct User {\n  1: New new_one\n}',
    check(context) {
      const { module } = context;
      const names = [...typesOf(module)].filter((type) => type.element === undefined).map((type) => type.name);
      for (const service of servicesOf(module)) if (service.node.base !== undefined) names.push(service.node.base);
      const quiet = new Diagnostics();
      for (const name of names) {
        const def = findDefinition(module, name, quiet);
        if (def !== undefined && isDeprecated(def)) context.report(name, `${name.text} is deprecated`);
      }
    },
  },
  {
    code: "UL6003",
    name: "deprecated-syntax",
    summary: "nothing is written in a form that has been given up",
    reason: "`byte` is `i8` by another name; `async`, `&` and annotations without a value are rejected by Thriftgo.",
    preset: "recommended",
    level: "warn",
    fixable: true,
    bad: "struct User {\n  1: byte age\n}",
    good: "struct User {\n  1: i8 age\n}",
    check: checkSyntax,
  },
];

function namespacesOf(module: Module): NamespaceNode[] {
  return module.document.headers.filter((header) => header.kind === "namespace");
}

/** Takes an include away, with its line if there is nothing else on it. */
function removal({ document }: Module, node: IncludeNode): Edit {
  const { tokens } = document;
  let first = tokens.at(node.start);
  let last = tokens.at(node.end);
  while (tokens.kind(first - 1) === Tok.Blank && first > 0) first--;
  while (tokens.kind(last) === Tok.Blank) last++;
  const alone = (first === 0 || tokens.kind(first - 1) === Tok.Newline) && tokens.kind(last) === Tok.Newline;
  return { start: alone ? tokens.start(first) : node.start, end: alone ? tokens.end(last) : node.end, text: "" };
}

function isDeprecated(def: Def): boolean {
  return annotationsOf(def.node.annotations).has("deprecated") ||
    /@deprecated\b/.test(docOf(def.module.document, def.node) ?? "");
}

function checkSyntax(context: LintContext): void {
  const { module } = context;
  const { source, tokens } = module.document;
  for (const { name } of typesOf(module)) {
    if (name.text !== "byte") continue;
    context.report(name, "byte is another name of i8", {
      suggestion: "write i8",
      fix: [{ start: name.start, end: name.end, text: "i8" }],
    });
  }
  for (const { node } of methodsOf(module)) {
    if (node.oneway?.text !== "async") continue;
    context.report(node.oneway, "async is another word for oneway", {
      suggestion: "write oneway",
      fix: [{ start: node.oneway.start, end: node.oneway.end, text: "oneway" }],
    });
  }
  for (const { key, value } of annotationsIn(module)) {
    if (value !== undefined) continue;
    context.report(key, `annotation ${key.text} has no value`, {
      suggestion: `write ${key.text} = "1"`,
      fix: [{ start: key.end, end: key.end, text: ' = "1"' }],
    });
  }
  for (const { node } of [...fieldsOf(module), ...argumentsOf(module)]) {
    for (let i = tokens.at(node.type.end); tokens.start(i) < node.name.start; i++) {
      if (tokens.kind(i) !== Tok.Ampersand) continue;
      const at = { start: tokens.start(i), end: tokens.end(i) };
      // names on both sides of it may touch it
      const text = /\s/.test(source.text[at.start - 1] ?? "") ? "" : " ";
      context.report(at, "& means nothing here", { suggestion: "leave & out", fix: [{ ...at, text }] });
    }
  }
}
