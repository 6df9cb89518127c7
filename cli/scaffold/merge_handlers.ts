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
  if (hasSyntaxErrors(compiler, text)) return { problem: "it has errors of syntax", missing };
  if (members.some((member) => compiler.isSpreadAssignment(member))) {
    return { problem: "its handlers are spread from elsewhere", missing };
  }
  if (!isObject) return { problem: "its handlers are a class", missing };
  const edits = [...stubEdits(compiler, text, target, service, missing), ...importEdits(compiler, file)];
  return { text: withEdits(text, edits), added: missing };
}

/** A text to put in, in place of what is between two offsets. */
interface Edit {
  readonly at: number;
  readonly to?: number;
  readonly text: string;
}

/** Puts stubs behind the last property, its comma and what a person wrote behind that on its line. */
function stubEdits(
  compiler: typeof ts,
  text: string,
  target: ts.ObjectLiteralExpression,
  service: ScaffoldService,
  missing: readonly ScaffoldMethod[],
): Edit[] {
  const newline = newlineOf(text);
  const stubs = missing.map((method) => stub(service, method)).join("\n").trimEnd().replaceAll("\n", newline);
  const last = target.properties.at(-1);
  const begin = target.getStart() + 1;
  const end = last === undefined ? begin : commaEnd(compiler, text, last.getEnd(), target.getEnd() - 1);
  const at = compiler.getTrailingCommentRanges(text, end)?.at(-1)?.end ?? end;
  const blanks = /^[^\S\r\n]*(?=\})/.exec(text.slice(at))?.[0];
  return [
    ...(last === undefined || target.properties.hasTrailingComma ? [] : [{ at: last.getEnd(), text: "," }]),
    {
      at,
      to: at + (blanks?.length ?? 0),
      text: (last === undefined ? newline : newline + newline) + stubs + (blanks === undefined ? "" : newline),
    },
  ];
}

/** Adds the import behind the last one, if it is missing. */
function importEdits(compiler: typeof ts, file: ts.SourceFile): Edit[] {
  if (importsRpcError(compiler, file)) return [];
  const newline = newlineOf(file.text);
  const last = file.statements.filter((statement) => compiler.isImportDeclaration(statement)).at(-1);
  if (last !== undefined) return [{ at: last.getEnd(), text: newline + STUB_IMPORT }];
  // a mark of the encoding, or the name of an interpreter, stands first
  const [head = ""] = /^(?:\ufeff|#!.*(?:\r?\n|$))/.exec(file.text) ?? [];
  return [{ at: head.length, text: STUB_IMPORT + newline }];
}

function newlineOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function withEdits(text: string, edits: readonly Edit[]): string {
  let out = "";
  let from = 0;
  for (const { at, to = at, text: added } of edits.toSorted((a, b) => a.at - b.at)) {
    out += text.slice(from, at) + added;
    from = to;
  }
  return out + text.slice(from);
}

function hasSyntaxErrors(compiler: typeof ts, text: string): boolean {
  const { diagnostics = [] } = compiler.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: compiler.ScriptTarget.ESNext, module: compiler.ModuleKind.ESNext },
  });
  return diagnostics.some(({ category }) => category === compiler.DiagnosticCategory.Error);
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
