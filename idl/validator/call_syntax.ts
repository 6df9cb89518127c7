/**
 * The syntax of tool functions in rules: `@name(argument, ...)`.
 *
 * Arguments are numbers, quoted text, fields (`$name`) and other calls; a comma or semicolon between them may be left out.
 *
 * @module
 */

/** A part of a call, as written. */
export type CallNode =
  | { readonly kind: "call"; readonly name: string; readonly args: readonly CallNode[] }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "text"; readonly raw: string; readonly quote: '"' | "'" };

const MAX_DEPTH = 32;

/** Reads a call; a sentence says why it is none. */
export function parseCall(text: string): CallNode & { kind: "call" } | string {
  const reader = new Reader(text);
  const node = reader.node(0);
  if (typeof node === "string") return node;
  if (!reader.atEnd) return `${JSON.stringify(reader.rest)} stands behind the call`;
  return node.kind === "call" ? node : "it calls no function";
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    this.#take(/\s*/y);
    return this.#at >= this.#text.length;
  }

  get rest(): string {
    return this.#text.slice(this.#at, this.#at + 20);
  }

  node(depth: number): CallNode | string {
    if (depth > MAX_DEPTH) return `calls are nested deeper than ${MAX_DEPTH}`;
    this.#take(/\s*/y);
    const field = this.#take(/\$([A-Za-z_][\w.]*)/y);
    if (field !== undefined) return { kind: "field", name: field[1]! };
    const number = this.#take(/[+-]?(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)/iy);
    if (number !== undefined) return { kind: "number", text: number[0] };
    const quoted = this.#take(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'/sy);
    if (quoted !== undefined) {
      return { kind: "text", raw: quoted[1] ?? quoted[2] ?? "", quote: quoted[1] === undefined ? "'" : '"' };
    }
    const head = this.#take(/@([A-Za-z_]\w*)\s*\(/y);
    if (head !== undefined) return this.#call(head[1]!, depth);
    if (this.#at >= this.#text.length) return "the call ends too soon";
    return `expected a number, "text", $field or @call(), found ${JSON.stringify(this.rest)}`;
  }

  #call(name: string, depth: number): CallNode | string {
    const args: CallNode[] = [];
    while (this.#take(/\s*\)/y) === undefined) {
      const arg = this.node(depth + 1);
      if (typeof arg === "string") return arg;
      args.push(arg);
      this.#take(/\s*[,;]?/y);
    }
    return { kind: "call", name, args };
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }
}
