/**
 * IDL texts for tests of the formatter: the probes that have no syntax errors, random files, and comments between any two
 * tokens of a text.
 *
 * @module
 */
import { parse } from "../../../idl/parser.ts";
import { Tok } from "../../../idl/tokens.ts";
import { PROBE_TEXTS } from "../probes.ts";

/** Gives a whole number from 0 up to, without, `limit`. */
export type Random = (limit: number) => number;

/** Is the text free of syntax errors? */
export function isWhole(text: string): boolean {
  return parse("a.thrift", text).diagnostics.every(({ severity }) => severity !== "error");
}

/** The probes without syntax errors. */
export const WHOLE_PROBES: readonly string[] = PROBE_TEXTS.filter(isWhole);

const COMMENTS = ["/* c */", "/**/", "// c\n", "# c\n", "/** a\n * b\n */", "/* a\n     b */", "//\n", "/*\n\n*/"];
const BLANKS = [" ", "\n", "\n\n", "\n\n\n", "\t", "  ", "\r\n"];

/** The text with comments and blanks between about one in `every` pairs of its tokens. */
export function withComments(text: string, random: Random, every: number): string {
  const { tokens } = parse("a.thrift", text).value;
  let result = "";
  for (let i = 0; i < tokens.length - 1; i++) {
    if (tokens.kind(i) > Tok.Comment && random(every) === 0) result += odds(random);
    result += text.slice(tokens.start(i), tokens.end(i));
  }
  // a comment that ends the text has no line's end yet
  return result + "\n" + odds(random);
}

function odds(random: Random): string {
  let result = "";
  for (let count = 1 + random(3); count > 0; count--) {
    result += (random(2) === 0 ? BLANKS[random(BLANKS.length)] : "") + (COMMENTS[random(COMMENTS.length)] ?? "");
    if (random(2) === 0) result += BLANKS[random(BLANKS.length)] ?? "";
  }
  return result;
}

/** A random file without syntax errors, in a random layout. */
export function randomIdl(random: Random): string {
  return new Maker(random).file();
}

class Maker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  file(): string {
    const headers = this.#some(3, () => this.#header());
    return [...headers, ...this.#some(6, () => this.#definition())].join("");
  }

  #some(limit: number, make: () => string): string[] {
    return Array.from({ length: this.#random(limit + 1) }, make);
  }

  #pick(...texts: readonly string[]): string {
    return texts[this.#random(texts.length)] ?? "";
  }

  #gap(): string {
    return this.#pick(" ", " ", "  ", "\n", "\n\n\n", "\t ", " \r\n ");
  }

  #separator(): string {
    return this.#pick("", ",", ";", " , ", "\n;\n") + this.#gap();
  }

  #name(): string {
    return this.#pick("a", "b", "Foo", "some_long_name_of_something", "throws", "oneway", "optional_x", "required1");
  }

  #header(): string {
    return this.#pick(
      `include${this.#gap()}"x.thrift"`,
      `cpp_include '<map>'`,
      `namespace${this.#gap()}*${this.#gap()}a.b${this.#annotations()}`,
      `namespace go a.b`,
    ) + this.#gap();
  }

  #definition(): string {
    const g = (): string => this.#gap();
    switch (this.#random(5)) {
      case 0:
        return `const${g()}${this.#type(0)}${g()}${this.#name()}${g()}=${g()}${
          this.#value(0)
        }${this.#separator()}${this.#annotations()}${g()}`;
      case 1:
        return `typedef${g()}${this.#type(0)}${g()}${this.#name()}${this.#annotations()}${g()}`;
      case 2: {
        const members = this.#some(
          4,
          () => `${this.#name()}${this.#pick("", ` =${g()}3`)}${this.#annotations()}${this.#separator()}`,
        );
        return `enum${g()}${this.#name()}${g()}{${g()}${members.join("")}}${this.#annotations()}${g()}`;
      }
      case 3: {
        const fields = this.#some(4, () => this.#field());
        const kind = this.#pick("struct", "union", "exception");
        return `${kind}${g()}${this.#name()}${g()}{${g()}${fields.join("")}}${this.#annotations()}${g()}`;
      }
      default: {
        const functions = this.#some(3, () => this.#function());
        const base = this.#pick("", `extends${g()}x.T${g()}`);
        return `service${g()}${this.#name()}${g()}${base}{${g()}${functions.join("")}}${this.#annotations()}${g()}`;
      }
    }
  }

  #field(): string {
    const g = (): string => this.#gap();
    const value = this.#pick("", `${g()}=${g()}${this.#value(0)}`);
    const word = this.#pick("", "required ", `optional${g()}`);
    const id = this.#pick(`${this.#random(99)}${g()}:`, "1:", "");
    return `${id}${g()}${word}${this.#type(0)}${g()}${this.#name()}${value}${this.#annotations()}${this.#separator()}`;
  }

  #function(): string {
    const g = (): string => this.#gap();
    const lead = this.#pick("void", `oneway${g()}void`, this.#type(0), "throws");
    const args = this.#some(3, () => this.#field()).join("");
    const throws = this.#pick("", `${g()}throws${g()}(${this.#some(2, () => this.#field()).join("")})`);
    return `${lead}${g()}${this.#name()}${g()}(${g()}${args})${throws}${this.#annotations()}${this.#separator()}`;
  }

  #type(depth: number): string {
    const g = (): string => this.#gap();
    const inner = (): string => depth > 2 ? "i32" : this.#type(depth + 1);
    return this.#pick("i32", "string", "x.Foo", "bool", `list<${g()}${inner()}>`, `set<${inner()}${g()}>`) +
        (this.#random(6) === 0 ? this.#annotations() : "") ||
      `map<${inner()}${g()},${inner()}>`;
  }

  #annotations(): string {
    if (this.#random(3) > 0) return "";
    const one = (): string =>
      `${this.#pick("a", "go.tag", "api.query")}${this.#pick("=", " = ")}${this.#literal()}${this.#separator()}`;
    return `${this.#gap()}(${this.#gap()}${this.#some(3, one).join("")})`;
  }

  #literal(): string {
    return this.#pick(
      '"x"',
      "'y'",
      '"a fairly long text that takes some room in a line"',
      '"two\nlines"',
      `'it\\'s "'`,
    );
  }

  #value(depth: number): string {
    if (depth < 3 && this.#random(3) === 0) {
      const items = this.#some(4, () => this.#value(depth + 1) + this.#separator());
      return `[${this.#gap()}${items.join("")}]`;
    }
    if (depth < 3 && this.#random(4) === 0) {
      const one = (): string =>
        `${this.#value(3)}${this.#gap()}:${this.#gap()}${this.#value(depth + 1)}${this.#separator()}`;
      return `{${this.#gap()}${this.#some(3, one).join("")}}`;
    }
    return this.#pick("1", "-2", "0x1F", "1.5e3", "true", "x.Foo.A", this.#literal());
  }
}
