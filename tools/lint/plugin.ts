/**
 * This repository's rules for `deno lint`, beside Deno's own: who may import what, and which parts of the language are used.
 *
 * @module
 */
import { adapterOf, importProblem, isGenerated, isPublished, PROGRAMS, RUNTIME_NAMES } from "./rules.ts";

const ROOT = new URL("../../", import.meta.url);

/** The path from the root, or nothing for a file elsewhere. */
function pathOf(context: Deno.lint.RuleContext): string | undefined {
  const root = decodeURIComponent(ROOT.pathname);
  const file = context.filename.replaceAll("\\", "/");
  return file.startsWith(root) ? file.slice(root.length) : undefined;
}

/** A rule for files whose path `applies` accepts; generated files are left out. */
function rule(
  applies: (path: string) => boolean,
  visit: (
    context: Deno.lint.RuleContext,
    path: string,
  ) => Deno.lint.LintVisitor,
): Deno.lint.Rule {
  return {
    create(context) {
      const path = pathOf(context);
      return path !== undefined && !isGenerated(path) && applies(path) ? visit(context, path) : {};
    },
  };
}

const everywhere = (): boolean => true;

const imports = rule(everywhere, (context, path) => {
  const check = (
    node: Deno.lint.Node,
    source: string | undefined,
    kind: "static" | "type" | "dynamic",
  ): void => {
    const message = source === undefined ? undefined : importProblem(path, source, kind);
    if (message) context.report({ node, message });
  };
  return {
    ImportDeclaration(node) {
      check(
        node,
        node.source.value,
        node.importKind === "type" ? "type" : "static",
      );
      if (node.specifiers.length === 0 && isPublished(path)) {
        context.report({
          node,
          message: "an import for its side effects: pass values instead",
        });
      }
    },
    ExportNamedDeclaration(node) {
      if (node.source) {
        check(
          node,
          node.source.value,
          node.exportKind === "type" ? "type" : "static",
        );
      }
    },
    ExportAllDeclaration(node) {
      check(
        node,
        node.source.value,
        node.exportKind === "type" ? "type" : "static",
      );
    },
    ImportExpression(node) {
      const source = node.source;
      check(
        node,
        source.type === "Literal" && typeof source.value === "string" ? source.value : undefined,
        "dynamic",
      );
    },
  };
});

const runtimeNames = rule(
  (path) => isPublished(path) && !adapterOf(path),
  (context) => ({
    Identifier(node) {
      if (!RUNTIME_NAMES.includes(node.name)) return;
      const { parent } = node;
      if (
        parent.type === "MemberExpression" && parent.property === node &&
        !parent.computed
      ) {
        const object = parent.object;
        if (
          object.type !== "Identifier" || object.name !== "globalThis"
        ) return;
      }
      if (
        parent.type === "Property" && parent.key === node && !parent.shorthand
      ) return;
      if (
        /^(TSPropertySignature|TSMethodSignature|MethodDefinition|PropertyDefinition)$/
          .test(parent.type)
      ) return;
      context.report({
        node,
        message: `${node.name}: only transports/<runtime>*.ts may name a runtime`,
      });
    },
  }),
);

const languageSubset = rule((path) => !path.startsWith("tools/"), (context) => {
  const no = (what: string) => (node: Deno.lint.Node): void => context.report({ node, message: what });
  return {
    ExportDefaultDeclaration: no("no default exports: give it a name"),
    TSEnumDeclaration: no(
      "no enum: Node strips types, it does not compile them; use a const object and a union type",
    ),
    TSModuleDeclaration(node) {
      if (node.kind !== "global") {
        context.report({
          node,
          message: "no namespace: a module is one already",
        });
      }
    },
    TSParameterProperty: no(
      "no parameter properties: Node strips types, it does not compile them",
    ),
    TSExportAssignment: no("no `export =`"),
    TSImportEqualsDeclaration: no("no `import =`"),
    "[accessibility='private'], [accessibility='protected']": no(
      "no private or protected: use #names",
    ),
    TSInterfaceDeclaration(node) {
      if (/^I[A-Z][a-z]{2}/.test(node.id.name)) {
        context.report({ node, message: `no I-prefix: ${node.id.name}` });
      }
    },
  };
});

const noState = rule(
  (path) => isPublished(path) && !PROGRAMS.includes(path),
  (context) => ({
    "Program > VariableDeclaration, Program > ExportNamedDeclaration > VariableDeclaration"(
      node: Deno.lint.VariableDeclaration,
    ) {
      if (node.kind === "let" || node.kind === "var") {
        return context.report({
          node,
          message: "no module state: keep it in a closure or an object that is passed",
        });
      }
      for (const { id, init } of node.declarations) {
        const empty = init?.type === "ArrayExpression" && init.elements.length === 0 ||
          init?.type === "ObjectExpression" && init.properties.length === 0 ||
          init?.type === "NewExpression" && init.arguments.length === 0 && init.callee.type === "Identifier" &&
            /^(Weak)?(Map|Set)$/.test(init.callee.name);
        if (empty && !(id.type === "Identifier" && /^(NO|EMPTY)(_|$)/.test(id.name))) {
          context.report({ node, message: "an empty collection is module state, unless its name says NO_ or EMPTY" });
        }
      }
    },
    "Program > ExpressionStatement"(node: Deno.lint.ExpressionStatement) {
      context.report({ node, message: "no side effects at import" });
    },
  }),
);

const noConsole = rule(
  (path) => isPublished(path) && !path.startsWith("cli/"),
  (context) => ({
    "MemberExpression[object.name='console']"(
      node: Deno.lint.MemberExpression,
    ) {
      context.report({
        node,
        message: "no console outside cli/ and examples/",
      });
    },
  }),
);

const noEval = rule(isPublished, (context) => ({
  "CallExpression[callee.name='eval'], NewExpression[callee.name='Function'], CallExpression[callee.name='Function']"(
    node: Deno.lint.Node,
  ) {
    context.report({
      node,
      message: "no code from strings: edge runtimes and content security policies forbid it",
    });
  },
}));

/** The plugin that `deno.json` names. */
const plugin: Deno.lint.Plugin = {
  name: "updraft",
  rules: {
    "imports": imports,
    "runtime-names": runtimeNames,
    "language-subset": languageSubset,
    "no-module-state": noState,
    "no-console": noConsole,
    "no-eval": noEval,
  },
};
export default plugin;
