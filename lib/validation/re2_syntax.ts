/**
 * The syntax of RE2, Go's regular expressions, as a tree.
 *
 * Everything Go takes: classes, `\p{...}`, POSIX classes, flags `i m s U`, named groups, `\Q...\E`, repetitions up to 1,000.
 * As in Go there are no references back and no lookaround. What a group captures and whether a repetition is greedy makes no
 * difference to whether there is a match, and is not kept.
 *
 * @module
 */
import { type CharClass, parseClass, parseEscape, Re2Error } from "./re2_class.ts";

/** Places between characters. */
export type Place = "text-start" | "text-end" | "line-start" | "line-end" | "word-edge" | "no-word-edge";

/** A regular expression. */
export type Re2Node =
  | { readonly kind: "chars"; readonly chars: CharClass }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Re2Node[] }
  | { readonly kind: "repeat"; readonly node: Re2Node; readonly min: number; readonly max: number };

/** How often something may be repeated by numbers, inner and outer repetitions multiplied. */
const MAX_REPEAT = 1_000;
const MAX_DEPTH = 200;

/** Flags that hold at a place. */
interface Flags {
  readonly fold: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** Reads a regular expression. Throws a `Re2Error`. */
export function parseRe2(source: string): Re2Node {
  const parser = new Parser(source);
  const node = parser.choice({ fold: false, multiline: false, dotAll: false }, 0).node;
  if (!parser.atEnd) throw new Re2Error("a ) closes no group");
  checkRepeats(node, 1);
  return node;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Reads up to the end of the group; flags set in it hold until there. */
  choice(flags: Flags, depth: number): { node: Re2Node; flags: Flags } {
    if (depth > MAX_DEPTH) throw new Re2Error(`groups are nested deeper than ${MAX_DEPTH}`);
    const branches: Re2Node[] = [];
    do {
      const parts: Re2Node[] = [];
      flags = this.#branch(parts, flags, depth);
      branches.push(parts.length === 1 ? parts[0]! : { kind: "sequence", parts });
    } while (this.#take(/\|/y) !== undefined);
    return { node: branches.length === 1 ? branches[0]! : { kind: "choice", parts: branches }, flags };
  }

  #branch(parts: Re2Node[], flags: Flags, depth: number): Flags {
    let repeated = "";
    while (!this.atEnd && !/[|)]/.test(this.#text[this.#at]!)) {
      const start = this.#at;
      const times = this.#take(/([*+?])\??|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}\??/y);
      if (times !== undefined) {
        const node = parts.pop();
        if (node === undefined) throw new Re2Error(`there is nothing for ${times[0]} to repeat`);
        if (repeated !== "") throw new Re2Error(`${repeated}${times[0]} repeats a repetition`);
        repeated = times[0];
        parts.push(repeat(node, times));
        continue;
      }
      repeated = "";
      const set = this.#take(/\(\?([imsU]*)(?:-([imsU]+))?\)/y);
      if (set !== undefined) {
        if (set[0] === "(?)") throw new Re2Error("(?) sets no flag");
        flags = withFlags(flags, set);
        continue;
      }
      const quoted = this.#take(/\\Q([\s\S]*?)(?:\\E|$)/y);
      if (quoted !== undefined) {
        for (const char of quoted[1] ?? "") parts.push(literal(char, flags));
        continue;
      }
      parts.push(this.#atom(flags, depth));
      if (this.#at === start) throw new Re2Error(`${this.#text.slice(start, start + 2)} means nothing here`);
    }
    return flags;
  }

  #atom(flags: Flags, depth: number): Re2Node {
    const { multiline, fold } = flags;
    const char = this.#take(/[\s\S]/uy)?.[0] ?? "";
    switch (char) {
      case "(":
        return this.#group(flags, depth);
      case "[": {
        const { chars, end } = parseClass(this.#text, this.#at, fold);
        this.#at = end;
        return { kind: "chars", chars };
      }
      case "\\":
        return this.#escape(fold);
      case "^":
        return { kind: "place", place: multiline ? "line-start" : "text-start" };
      case "$":
        return { kind: "place", place: multiline ? "line-end" : "text-end" };
      case ".":
        return one({ source: "\\n", negated: !flags.dotAll }, flags.dotAll ? "\\s\\S" : undefined);
      default:
        return literal(char, flags);
    }
  }

  #group(flags: Flags, depth: number): Re2Node {
    const head = this.#take(/\?P?<([^>]*)>/y);
    if (head !== undefined && !/^\w+$/.test(head[1] ?? "")) {
      throw new Re2Error(
        /^\?<[=!]/.test(head[0]) ? "lookaround is not known to RE2" : `${head[0]} is no name of a group`,
      );
    }
    if (head === undefined && this.#take(/\?<?[=!]/y) !== undefined) {
      throw new Re2Error("lookaround is not known to RE2");
    }
    const local = head === undefined ? this.#take(/\?([imsU]*)(?:-([imsU]+))?:/y) : undefined;
    const inner = local === undefined ? flags : withFlags(flags, local);
    if (head === undefined && local === undefined && this.#text[this.#at] === "?") {
      throw new Re2Error(`(${this.#text.slice(this.#at, this.#at + 2)} begins no group of RE2`);
    }
    const { node } = this.choice(inner, depth + 1);
    if (this.#take(/\)/y) === undefined) throw new Re2Error("a group is not closed");
    return node;
  }

  #escape(fold: boolean): Re2Node {
    const letter = this.#text[this.#at] ?? "";
    const place = PLACES.get(letter);
    if (place !== undefined) {
      this.#at++;
      return { kind: "place", place };
    }
    const { part, end } = parseEscape(this.#text, this.#at);
    this.#at = end;
    return { kind: "chars", chars: { parts: [part], negated: false, fold } };
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }
}

const PLACES: ReadonlyMap<string, Place> = new Map([
  ["A", "text-start"],
  ["z", "text-end"],
  ["b", "word-edge"],
  ["B", "no-word-edge"],
]);

function withFlags(flags: Flags, [, on = "", off = ""]: RegExpExecArray): Flags {
  const value = (letter: string, before: boolean): boolean => !off.includes(letter) && (on.includes(letter) || before);
  return { fold: value("i", flags.fold), multiline: value("m", flags.multiline), dotAll: value("s", flags.dotAll) };
}

function literal(char: string, { fold }: Flags): Re2Node {
  const source = `\\u{${char.codePointAt(0)!.toString(16)}}`;
  return { kind: "chars", chars: { parts: [{ source, negated: false }], negated: false, fold } };
}

function one(part: { source: string; negated: boolean }, instead: string | undefined): Re2Node {
  const parts = [instead === undefined ? part : { source: instead, negated: false }];
  return { kind: "chars", chars: { parts, negated: false, fold: false } };
}

function repeat(node: Re2Node, [whole, mark, least, comma, most]: RegExpExecArray): Re2Node {
  if (mark !== undefined) return { kind: "repeat", node, min: mark === "+" ? 1 : 0, max: mark === "?" ? 1 : Infinity };
  const min = Number(least);
  const max = comma === undefined ? min : most === undefined ? Infinity : Number(most);
  if (min > max) throw new Re2Error(`${whole} has its numbers in the wrong order`);
  if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT)) {
    throw new Re2Error(`${whole} repeats more than ${MAX_REPEAT} times`);
  }
  return { kind: "repeat", node, min, max };
}

function checkRepeats(node: Re2Node, factor: number): void {
  if (node.kind === "sequence" || node.kind === "choice") { for (const part of node.parts) checkRepeats(part, factor); }
  if (node.kind !== "repeat") return;
  const times = factor * Math.max(1, node.max === Infinity ? node.min : node.max);
  if (times > MAX_REPEAT) throw new Re2Error(`nested repetitions repeat more than ${MAX_REPEAT} times`);
  checkRepeats(node.node, times);
}
