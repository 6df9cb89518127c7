/**
 * Thriftgo's description of a file as IDL again: the same definitions with the same comments, kind by kind.
 *
 * So that whatever the compiler makes of a text it makes of a description as well.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { Diagnostics } from "../diagnostics.ts";
import { tokenize } from "../lexer.ts";
import { SourceText } from "../source.ts";
import { Tok } from "../tokens.ts";
import {
  type AstAnnotation,
  type AstConst,
  type AstConstValue,
  type AstField,
  type AstFile,
  type AstFunction,
  type AstType,
  Requiredness,
} from "./gen/protocol.ts";

/** The text. Throws an `RpcError` of kind `"protocol"` for a description that leaves out what a definition needs. */
export function writeIdl(file: AstFile): string {
  const out: string[] = [];
  for (const { path } of file.includes) out.push(`include ${quoted(path)}`);
  for (const path of file.cppIncludes) out.push(`cpp_include ${quoted(path)}`);
  for (const { language, name, annotations } of file.namespaces) {
    out.push(`namespace ${language} ${name}${annotationList(annotations)}`);
  }
  for (const { comments, name, values, annotations } of file.enums) {
    const members = values.map((value) =>
      member(value.comments, `${value.name} = ${value.value}${annotationList(value.annotations)}`)
    );
    out.push("", ...commentLines(comments), `enum ${name} {`, ...members, `}${annotationList(annotations)}`);
  }
  for (const { comments, type, alias, annotations } of file.typedefs) {
    const target = typeText(needed(type, `typedef ${alias}`));
    out.push("", ...commentLines(comments), `typedef ${target} ${alias}${annotationList(annotations)}`);
  }
  for (const { comments, category, name, fields, annotations } of structsOf(file)) {
    const members = fields.map((field) => member(field.comments, fieldText(field)));
    out.push("", ...commentLines(comments), `${category} ${name} {`, ...members, `}${annotationList(annotations)}`);
  }
  for (const { comments, name, base, functions, annotations } of file.services) {
    const head = base === "" ? `service ${name} {` : `service ${name} extends ${base} {`;
    const members = functions.map((each) => member(each.comments, functionText(each)));
    out.push("", ...commentLines(comments), head, ...members, `}${annotationList(annotations)}`);
  }
  for (const { comments, name, type, value, annotations } of file.constants) {
    const typeName = typeText(needed(type, `constant ${name}`));
    const text = valueText(needed(value, `constant ${name}`));
    out.push("", ...commentLines(comments), `const ${typeName} ${name} = ${text}${annotationList(annotations)}`);
  }
  return out.join("\n") + "\n";
}

function structsOf(file: AstFile): AstFile["structs"] {
  return [
    ...file.structs.map((struct) => ({ ...struct, category: "struct" })),
    ...file.unions.map((struct) => ({ ...struct, category: "union" })),
    ...file.exceptions.map((struct) => ({ ...struct, category: "exception" })),
  ];
}

/** A member of a block; its comments are on lines of their own, each as it was written. */
function member(comments: string, text: string): string {
  return [...commentLines(comments), text].join("\n");
}

function fieldText({ id, requiredness, type, name, preset, annotations }: AstField): string {
  const words = requiredness === Requiredness.REQUIRED
    ? "required "
    : requiredness === Requiredness.OPTIONAL
    ? "optional "
    : "";
  const value = preset === undefined ? "" : ` = ${valueText(preset)}`;
  return `${id}: ${words}${typeText(needed(type, `field ${name}`))} ${name}${value}${annotationList(annotations)}`;
}

function functionText({ name, oneway, isVoid, returns, arguments: args, throws, annotations }: AstFunction): string {
  const type = isVoid ? "void" : typeText(needed(returns, `function ${name}`));
  // thriftgo made these optional; written so, it would be warned of
  const thrown = throws.map((field) => fieldText({ ...field, requiredness: Requiredness.DEFAULT }));
  return `${oneway ? "oneway " : ""}${type} ${name}(${args.map(fieldText).join(", ")})` +
    `${thrown.length === 0 ? "" : ` throws (${thrown.join(", ")})`}${annotationList(annotations)}`;
}

function typeText({ name, keyType, valueType, cppType, annotations }: AstType): string {
  const cpp = cppType === "" ? "" : ` cpp_type ${quoted(cppType)}`;
  const behind = annotationList(annotations);
  switch (name) {
    case "map":
      return `map${cpp}<${typeText(needed(keyType, name))}, ${typeText(needed(valueType, name))}>${behind}`;
    case "set":
      return `set${cpp}<${typeText(needed(valueType, name))}>${behind}`;
    case "list":
      return `list<${typeText(needed(valueType, name))}>${cpp}${behind}`;
    default:
      return name + behind;
  }
}

function valueText({ value }: AstConst): string {
  const { kind, value: content } = needed<AstConstValue>(value, "value");
  switch (kind) {
    case "number":
      return doubleText(content);
    case "int":
      return String(content);
    case "literal":
      return quoted(content);
    case "identifier":
      return content;
    case "list":
      return `[${content.map(valueText).join(", ")}]`;
    case "map": {
      const entries = content.map(({ key, value }) =>
        `${valueText(needed(key, "map"))}: ${valueText(needed(value, "map"))}`
      );
      return `{${entries.join(", ")}}`;
    }
    default:
      return needed<never>(undefined, "value");
  }
}

/** With a dot or an exponent, without which it would be an integer. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) {
    throw new RpcError("protocol", `the request has the constant ${value}, which IDL cannot say`);
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function annotationList(annotations: readonly AstAnnotation[]): string {
  const items = annotations.flatMap(({ key, values }) => values.map((value) => `${key} = ${quoted(value)}`));
  return items.length === 0 ? "" : ` (${items.join(", ")})`;
}

/**
 * A literal that reads as `text`, which has lost the escapes of its own quote only. It was in the other quotes if one of these has a
 * backslash in front.
 */
function quoted(text: string): string {
  const quote = /(?:^|[^\\])(?:\\\\)*\\"/.test(text) ? "'" : '"';
  return quote + text.replaceAll(quote, `\\${quote}`) + quote;
}

/** Comments as lines, as they are, unless they hold anything else. */
function commentLines(comments: string): string[] {
  if (comments === "") return [];
  const source = new SourceText("", comments);
  const problems = new Diagnostics();
  const tokens = tokenize(source, problems);
  let isComment = problems.errorCount === 0;
  for (let i = 0; i < tokens.length - 1; i++) {
    const kind = tokens.kind(i);
    isComment &&= kind === Tok.Comment || kind === Tok.Newline || kind === Tok.Blank;
  }
  return isComment ? [comments] : comments.split(/\r\n|\r|\n/).map((line) => `// ${line}`);
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RpcError("protocol", `the request leaves out a part of a ${what}`);
  return value;
}
