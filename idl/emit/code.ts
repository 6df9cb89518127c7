/**
 * Text of a generated file, line by line with indentation, and literals that break over lines when they are long.
 *
 * @module
 */

/** Longest line, as `deno fmt` is told in this project. */
const LINE_WIDTH = 120;

/** A place where plugins insert lines. */
export interface InsertionPoint {
  /** Its name, as `struct.Foo`. */
  readonly name: string;
  /** Where it is in the text: the start of a line, or between brackets that hold nothing. */
  readonly at: number;
  /** Indentation of lines there. */
  readonly indent: string;
}

/** Collects lines. */
export class Code {
  /** Places to insert at, in the order of the text. */
  readonly points: InsertionPoint[] = [];
  #text = "";
  #indent = "";

  /** Everything so far. */
  get text(): string {
    return this.#text;
  }

  /** Notes a place to insert at: before the next line. */
  point(name: string): void {
    this.points.push({ name, at: this.#text.length, indent: this.#indent });
  }

  /** Adds a line `head {}` with a place to insert at between the brackets. */
  hollow(head: string, name: string): void {
    const before = `${this.#indent}${head} {`;
    this.points.push({ name, at: this.#text.length + before.length, indent: this.#indent + "  " });
    this.#text += `${before}}\n`;
  }

  /** Adds a line; an empty one has no indentation. */
  line(text = ""): void {
    this.#text += text === "" ? "\n" : this.#indent + text + "\n";
  }

  /** Adds a line that opens a block. */
  open(text: string): void {
    this.line(text);
    this.#indent += "  ";
  }

  /** Ends a block; `text` is the line that closes it. */
  close(text = "}"): void {
    this.#indent = this.#indent.slice(2);
    this.line(text);
  }

  /** Ends a block and opens the next on the same line, as `} else {` does. */
  turn(text: string): void {
    this.close(text);
    this.#indent += "  ";
  }

  /** Goes on one level deeper without a line of its own. */
  deeper(): void {
    this.#indent += "  ";
  }

  /** Goes back one level. */
  higher(): void {
    this.#indent = this.#indent.slice(2);
  }

  /** Adds `before`, a literal, and `behind`, over as many lines as it needs. */
  literal(before: string, literal: Literal, behind: string): void {
    const flat = flatten(literal);
    if (
      this.#indent.length + before.length + flat.length + behind.length <= LINE_WIDTH || typeof literal === "string"
    ) {
      this.line(before + flat + behind);
      return;
    }
    this.open(before + literal.open);
    for (const { name, value } of literal.items) this.literal(name === undefined ? "" : `${name}: `, value, ",");
    this.close(literal.close + behind);
  }

  /** Adds a doc comment. */
  doc(text: string): void {
    const lines = text.replaceAll("*/", "*\\/").split("\n");
    if (lines.length === 1) {
      this.line(`/** ${lines[0]} */`);
      return;
    }
    this.line("/**");
    for (const line of lines) this.line(` * ${line}`.trimEnd());
    this.line(" */");
  }
}

/** An expression, or an object, array or call of such. */
export type Literal = string | BracketLiteral;

/** What stands between brackets. */
export interface BracketLiteral {
  /** The opening bracket and what stands before it. */
  readonly open: string;
  /** The closing bracket and what stands behind it. */
  readonly close: string;
  /** What is between them, with their names in an object. */
  readonly items: readonly { readonly name?: string; readonly value: Literal }[];
}

/** An object literal; properties that are `undefined` are left out. */
export function objectLiteral(properties: Readonly<Record<string, Literal | undefined>>): BracketLiteral {
  const items: { name: string; value: Literal }[] = [];
  for (const [name, value] of Object.entries(properties)) if (value !== undefined) items.push({ name, value });
  return { open: "{", close: "}", items };
}

/** An array literal. */
export function arrayLiteral(items: readonly Literal[]): Literal {
  return { open: "[", close: "]", items: items.map((value) => ({ value })) };
}

/** A call of `callee`. */
export function callLiteral(callee: string, parts: readonly Literal[]): Literal {
  return { open: `${callee}(`, close: ")", items: parts.map((value) => ({ value })) };
}

/** A literal on one line. */
export function flatten(literal: Literal): string {
  if (typeof literal === "string") return literal;
  if (literal.items.length === 0) return literal.open + literal.close;
  const blank = literal.open.endsWith("{") ? " " : "";
  const items = literal.items.map(({ name, value }) =>
    name === undefined ? flatten(value) : `${name}: ${flatten(value)}`
  );
  return literal.open + blank + items.join(", ") + blank + literal.close;
}

/** A string literal: no text of an IDL can end it, nor the script or comment it stands in. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029").replaceAll("</", "<\\/");
}

/** A property name of an object literal or type. */
export function propertyName(key: string): string {
  if (key === "__proto__") return '["__proto__"]'; // without brackets it would set the prototype
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}
