/**
 * Adds stubs to a file of handlers that a person has worked on: parsed by TypeScript, changed only where stubs go in.
 *
 * @module
 */
import type ts from "typescript";
import { stub, STUB_IMPORT } from "./handlers.ts";
import type { ScaffoldMethod, ScaffoldService } from "./model.ts";

/** What came of it. */
export type MergeOutcome =
  /** The new text; the same as before if nothing is missing. */
  | { readonly text: string; readonly added: readonly ScaffoldMethod[] }
  /** Why nothing could be added. */
  | { readonly problem: string; readonly missing: readonly ScaffoldMethod[] };

/**
 * Adds the methods of `service` that `text` lacks. Looked for is an object literal, or a class, that is said to be of the
 * type of the service's handlers: `const x: XHandlers = {...}`, `{...} satisfies XHandlers`, `class Y implements XHandlers`.
 */
export function mergeHandlers(compiler: typeof ts, text: string, service: ScaffoldService): MergeOutcome {
  const file = compiler.createSourceFile(
    "handlers.ts",
    text,
    compiler.ScriptTarget.Latest,
    true,
    compiler.ScriptKind.TS,
  );
  const target = findTarget(compiler, file, service.handlers);
  if (target === undefined) {
    return { problem: `nothing in it is said to be ${service.handlers}`, missing: service.methods };
  }
  const isObject = compiler.isObjectLiteralExpression(target);
  const members: readonly ts.Node[] = isObject ? target.properties : target.members;
  const names = new Set(members.map((member) => nameOf(compiler, member)));
  const missing = service.methods.filter((method) => !names.has(method.key));
  if (missing.length === 0) return { text, added: [] };
  if (members.some((member) => compiler.isSpreadAssignment(member))) {
    return { problem: "its handlers are spread from elsewhere", missing };
  }
  if (!isObject) return { problem: "its handlers are a class", missing };

  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const stubs = missing.map((method) => stub(service, method)).join("\n").trimEnd().replaceAll("\n", newline);
  const last = target.properties.at(-1);
  const close = target.getEnd() - 1;
  // behind the last property and its comma; what a person wrote between that and the brace stays where it is
  const at = last === undefined ? target.getStart(file) + 1 : commaEnd(compiler, text, last.getEnd(), close);
  const comma = last !== undefined && !target.properties.hasTrailingComma ? "," : "";
  const blank = last === undefined ? newline : newline + newline;
  const rest = text.slice(at);
  const tail = /^[^\S\r\n]*\}/.test(rest) ? newline : "";
  let merged = text.slice(0, at) + comma + blank + stubs + tail + (tail === "" ? rest : rest.trimStart());
  if (!importsRpcError(compiler, file)) merged = withImport(compiler, file, merged, newline);
  return { text: merged, added: missing };
}

type Target = ts.ObjectLiteralExpression | ts.ClassDeclaration;

function findTarget(compiler: typeof ts, file: ts.SourceFile, type: string): Target | undefined {
  const isNamed = (node: ts.TypeNode | undefined): boolean =>
    node !== undefined && compiler.isTypeReferenceNode(node) && node.typeName.getText(file) === type;
  let found: Target | undefined;
  const visit = (node: ts.Node): void => {
    if (found !== undefined) return;
    if (compiler.isVariableDeclaration(node) && node.initializer !== undefined) {
      const object = objectIn(compiler, node.initializer);
      if (object !== undefined && isNamed(node.type)) found = object;
    } else if (compiler.isClassDeclaration(node)) {
      const clauses = node.heritageClauses?.flatMap((clause) => [...clause.types]) ?? [];
      if (clauses.some((clause) => clause.expression.getText(file) === type)) found = node;
    }
    if (compiler.isSatisfiesExpression(node) && isNamed(node.type)) found ??= objectIn(compiler, node.expression);
    compiler.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function objectIn(compiler: typeof ts, node: ts.Expression): ts.ObjectLiteralExpression | undefined {
  if (compiler.isObjectLiteralExpression(node)) return node;
  if (
    compiler.isParenthesizedExpression(node) || compiler.isSatisfiesExpression(node) || compiler.isAsExpression(node)
  ) {
    return objectIn(compiler, node.expression);
  }
  return undefined;
}

function nameOf(compiler: typeof ts, member: ts.Node): string | undefined {
  const { name } = member as ts.NamedDeclaration;
  if (name === undefined) return undefined;
  if (compiler.isComputedPropertyName(name)) {
    return compiler.isStringLiteralLike(name.expression) ? name.expression.text : undefined;
  }
  return compiler.isIdentifier(name) || compiler.isStringLiteral(name) ? name.text : undefined;
}

/** The end of the comma that follows `from`, or `from` if there is none. */
function commaEnd(compiler: typeof ts, text: string, from: number, limit: number): number {
  const scanner = compiler.createScanner(compiler.ScriptTarget.Latest, true);
  scanner.setText(text, from, limit - from);
  return scanner.scan() === compiler.SyntaxKind.CommaToken ? scanner.getTokenEnd() : from;
}

function importsRpcError(compiler: typeof ts, file: ts.SourceFile): boolean {
  return file.statements.some((statement) => {
    if (!compiler.isImportDeclaration(statement)) return false;
    const { importClause } = statement;
    const bindings = importClause?.namedBindings;
    if (importClause === undefined || importClause.isTypeOnly || bindings === undefined) return false;
    return compiler.isNamedImports(bindings) &&
      bindings.elements.some((element) => element.name.text === "RpcError" && !element.isTypeOnly);
  });
}

/** Adds the import behind the last one; those come before everything that was changed. */
function withImport(compiler: typeof ts, file: ts.SourceFile, text: string, newline: string): string {
  const last = file.statements.filter((statement) => compiler.isImportDeclaration(statement)).at(-1);
  const at = last?.getEnd() ?? file.getFullStart();
  return last === undefined ? STUB_IMPORT + newline + text : text.slice(0, at) + newline + STUB_IMPORT + text.slice(at);
}
