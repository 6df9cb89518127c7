/**
 * Lexer and parser take steps in proportion to the length of a text, also of a broken one: twice the text, twice the steps.
 *
 * Steps are counted, not timed: characters looked at or searched through, and tokens asked for.
 *
 * @module
 */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parse } from "../../idl/parser.ts";
import { TokenList } from "../../idl/tokens.ts";
import { randomSource } from "./emit/random_values.ts";
import { PROBE_TEXTS } from "./probes.ts";

/** Characters of the shorter text. */
const LENGTH = 20_000;
/** Twice the text may take that many times the steps: what is fixed in size at the start counts for a little. */
const FACTOR = 2.1;

/** Pieces that open something, or begin what needs a look ahead; repeated, they make a parser that tries things again pay. */
const PIECES = [
  '"',
  "'",
  '"\\',
  // literals that never end, a new one on each line
  '\\"\n',
  "\\'\n",
  "\\'\n\\\"\n",
  "/*",
  "/*\n",
  "/",
  "#",
  "//\n",
  "\n",
  "\r",
  "\ufeff",
  "@",
  "$a",
  "é",
  "\ud83c",
  "0x",
  "1.",
  "-",
  "1e",
  "a.",
  "a ",
  ";",
  "{",
  "}",
  "(",
  ")",
  "[",
  "<",
  ">",
  "(a",
  '(a = "b"',
  "list<",
  "map<i32,",
  "map<list<",
  "struct A {",
  "struct ",
  "struct A { 1: ",
  "1: required ",
  "1: i32 a = ",
  "i32 a = {",
  "union U { 1: i32 a",
  "enum E {",
  "enum E { A = ",
  "service S {",
  "service S extends ",
  "void f(",
  "void f() throws (",
  "oneway ",
  "async ",
  "oneway oneway f(",
  "const i32 a = [",
  "const map<i32,i32> a = {1:",
  "const i32 a = -",
  "typedef ",
  "include ",
  'include "',
  "namespace ",
  "namespace * a (",
  "cpp_include",
  "&",
  "i32 & ",
  "A a, A a; ",
  "throw (1: ",
  "onway void f ",
];

describe("the steps of parsing", () => {
  for (const piece of PIECES) {
    it(`double with ${JSON.stringify(piece)} repeated`, () => {
      const count = Math.ceil(LENGTH / piece.length);
      mustDouble(piece.repeat(count), piece.repeat(2 * count));
      mustDouble(`struct A {${piece.repeat(count)}`, `struct A {${piece.repeat(2 * count)}`);
      mustDouble(`service S {${piece.repeat(count)}`, `service S {${piece.repeat(2 * count)}`);
    });
  }
  it("double with two pieces of any texts repeated", () => {
    const random = randomSource(2_024);
    for (let i = 0; i < 400; i++) {
      const cut = (): string => {
        const text = PROBE_TEXTS[random(PROBE_TEXTS.length)] ?? "";
        const from = random(text.length + 1);
        return text.slice(from, from + 1 + random(40));
      };
      const piece = cut() + cut() + (PIECES[random(PIECES.length)] ?? "");
      const count = Math.ceil(LENGTH / 4 / piece.length);
      mustDouble(piece.repeat(count), piece.repeat(2 * count));
    }
  });
});

function mustDouble(once: string, twice: string): void {
  const [steps, more] = [stepsOf(once), stepsOf(twice)];
  assert(more <= FACTOR * steps + 1000, `${once.slice(0, 60)} ...: ${steps} steps, ${more} for twice the text`);
  assert(steps >= once.length / 2 || once.length < 2, "the steps are not counted");
}

/** What parsing asks of a text and its tokens. */
function stepsOf(text: string): number {
  let steps = 0;
  const counted = <T extends object, K extends keyof T>(
    target: T,
    name: K,
    cost: (self: string, from: number, found: number) => number,
  ): () => void => {
    const plain = target[name] as (...args: unknown[]) => unknown;
    target[name] = function (this: string, ...args: unknown[]): unknown {
      const found = plain.apply(this, args);
      steps += cost(this, Number(args[1] ?? 0), Number(found));
      return found;
    } as T[K];
    return () => void (target[name] = plain as T[K]);
  };
  const undo = [
    counted(String.prototype, "charCodeAt", () => 1),
    counted(String.prototype, "indexOf", (self, from, found) => (found < 0 ? self.length : found) - from),
    counted(TokenList.prototype, "kind", () => 1),
    counted(TokenList.prototype, "start", () => 1),
  ];
  try {
    parse("a.thrift", text);
  } finally {
    for (const each of undo) each();
  }
  return steps;
}
