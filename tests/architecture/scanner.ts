/**
 * Finds the modules that a TypeScript file asks for, without a parser: a small tokenizer that knows strings, comments,
 * templates and regular expressions, and the few shapes an import can have.
 *
 * @module
 */
import type { ImportKind } from "../../tools/lint/rules.ts";

/** An import or re-export. */
export interface Import {
  readonly specifier: string;
  readonly kind: ImportKind;
}

interface Token {
  readonly kind: "word" | "string" | "punctuation";
  readonly text: string;
}

/** Lists what `source` imports, in order. */
export function scanImports(source: string): Import[] {
  const tokens = [...tokenize(source)];
  const found: Import[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { kind, text } = tokens[i]!;
    if (kind !== "word" || (text !== "import" && text !== "export") || tokens[i - 1]?.text === ".") continue;
    const next = tokens[i + 1];
    if (text === "import" && next?.text === "(") {
      if (tokens[i + 2]?.kind === "string") found.push({ specifier: tokens[i + 2]!.text, kind: "dynamic" });
    } else if (text === "import" && next?.kind === "string") {
      found.push({ specifier: next.text, kind: "static" });
    } else {
      const specifier = fromClause(tokens, i + 1);
      if (specifier !== undefined) found.push({ specifier, kind: onlyTypes(tokens, i + 1) ? "type" : "static" });
    }
  }
  return found;
}

/** The string after `from`, when what begins at `i` is the clause of an import or a re-export. */
function fromClause(tokens: readonly Token[], i: number): string | undefined {
  let depth = 0;
  for (; i < tokens.length; i++) {
    const { kind, text } = tokens[i]!;
    if (text === "from" && depth === 0 && tokens[i + 1]?.kind === "string") return tokens[i + 1]!.text;
    if (kind === "string") return undefined;
    if (text === "{") depth++;
    else if (text === "}") depth--;
    else if (kind === "punctuation" && text !== "," && text !== "*") return undefined;
    else if (
      depth === 0 && /^(const|let|var|function|class|interface|enum|abstract|async|default|declare)$/.test(text)
    ) {
      return undefined;
    }
  }
  return undefined;
}

/** True for `import type ...` and for braces in which each name is marked `type`. */
function onlyTypes(tokens: readonly Token[], i: number): boolean {
  if (tokens[i]?.text === "type" && tokens[i + 1]?.text !== "," && tokens[i + 1]?.text !== "from") return true;
  if (tokens[i]?.text !== "{") return false;
  for (i++; tokens[i] !== undefined && tokens[i]!.text !== "}"; i++) {
    const first = tokens[i - 1]!.text === "{" || tokens[i - 1]!.text === ",";
    if (first && tokens[i]!.text !== "type") return false;
  }
  return true;
}

function* tokenize(source: string): Generator<Token> {
  const pattern = /\/\/.*|\/\*[\s\S]*?\*\/|[\w$]+|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\S/y;
  const braces: boolean[] = []; // one for each open brace: does it belong to a template?
  let last: Token | undefined;
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source[at]!)) {
      at++;
      continue;
    }
    pattern.lastIndex = at;
    const text = pattern.exec(source)![0];
    if (text === "`" || (text === "}" && braces.pop() === true)) {
      const end = templateEnd(source, at + 1);
      if (source[end] === "{") braces.push(true);
      at = end + 1;
      last = { kind: "string", text: "`" };
      continue;
    }
    if (text.startsWith("//") || text.startsWith("/*")) {
      at += text.length;
      continue;
    }
    if (text === "/" && startsExpression(last)) {
      at = regexEnd(source, at + 1);
      last = { kind: "string", text: "/" };
      continue;
    }
    if (text === "{") braces.push(false);
    at += text.length;
    const quoted = text.length > 1 && (text[0] === '"' || text[0] === "'");
    last = quoted
      ? { kind: "string", text: text.slice(1, -1) }
      : { kind: /^[\w$]/.test(text) ? "word" : "punctuation", text };
    yield last;
  }
}

/** Where a template's piece that begins at `at` ends: at its backtick or at the brace of `${`. */
function templateEnd(source: string, at: number): number {
  for (; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "`") return at;
    else if (source[at] === "$" && source[at + 1] === "{") return at + 1;
  }
  return at;
}

/** Where the regular expression whose slash is before `at` has ended. */
function regexEnd(source: string, at: number): number {
  for (let set = false; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "[") set = true;
    else if (source[at] === "]") set = false;
    else if (source[at] === "/" && !set) return at + 1;
  }
  return at;
}

/** True where a slash begins a regular expression rather than divides. */
function startsExpression(last: Token | undefined): boolean {
  if (!last) return true;
  if (last.kind === "word") return /^(return|typeof|case|in|of|yield|await|else|void|delete)$/.test(last.text);
  return last.kind === "punctuation" && last.text !== ")" && last.text !== "]" && last.text !== "}";
}
