/**
 * Regular expressions of RE2, matched in time that grows with the text's length and nothing else.
 *
 * A text may come from anybody, so JavaScript's own expressions, which can take forever over forty characters, will not do.
 * All ways through the expression are followed at once: the set of places in it that a prefix of the text leads to is a state,
 * and where each state goes by each character is remembered as it is found out.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type CharClass, Re2Error } from "./re2_class.ts";
import { parseRe2, type Place, type Re2Node } from "./re2_syntax.ts";

/** A regular expression that can be asked whether it matches. */
export interface Pattern {
  /** Is there a match anywhere in the text? */
  test(text: string): boolean;
}

/** The largest program an expression may become. */
const MAX_STEPS = 20_000;
/** States remembered; above it all are forgotten and found out again. */
const MAX_STATES = 256;
/** Characters above U+007F for which a state remembers where it goes. */
const MAX_OTHERS = 256;

/** What is wrong with an expression, as a sentence; `undefined` if nothing is. */
export function re2Problem(source: string): string | undefined {
  try {
    compile(source);
    return undefined;
  } catch (reason) {
    if (reason instanceof Re2Error) return reason.message;
    throw reason;
  }
}

/** A pattern, compiled when it is first used. Its `test` throws an `RpcError` of kind `"invalid"` if it is not of RE2. */
export function re2(source: string): Pattern {
  let matcher: Matcher | undefined;
  return {
    test(text: string): boolean {
      return (matcher ??= makeMatcher(source)).test(text);
    },
  };
}

function makeMatcher(source: string): Matcher {
  try {
    return new Matcher(compile(source));
  } catch (cause) {
    if (!(cause instanceof Re2Error)) throw cause;
    throw new RpcError("invalid", `${JSON.stringify(source)} is no regular expression: ${cause.message}`, { cause });
  }
}

type Step =
  | { readonly kind: "chars"; readonly accepts: (code: number) => boolean; next: number }
  | { readonly kind: "place"; readonly place: Place; next: number }
  | { readonly kind: "fork"; next: number; other: number }
  | { readonly kind: "match" };

/** The expression as steps, the first of which is `start`. */
interface Program {
  readonly steps: readonly Step[];
  readonly start: number;
}

function compile(source: string): Program {
  const steps: Step[] = [{ kind: "match" }];
  const accepts = new Map<string, (code: number) => boolean>();
  const add = (step: Step): number => {
    if (steps.length >= MAX_STEPS) throw new Re2Error(`it becomes larger than ${MAX_STEPS} steps`);
    return steps.push(step) - 1;
  };
  /** Puts a node before the step `next`; gives its first step. */
  const before = (node: Re2Node, next: number): number => {
    switch (node.kind) {
      case "chars": {
        const key = JSON.stringify(node.chars);
        let test = accepts.get(key);
        if (test === undefined) accepts.set(key, test = acceptor(node.chars));
        return add({ kind: "chars", accepts: test, next });
      }
      case "place":
        return add({ kind: "place", place: node.place, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => before(part, after), next);
      case "choice":
        return node.parts.map((part) => before(part, next)).reduceRight((other, first) =>
          add({ kind: "fork", next: first, other })
        );
      case "repeat": {
        let at = next;
        if (node.max === Infinity) {
          const fork: Step = { kind: "fork", next, other: next };
          at = add(fork);
          fork.next = before(node.node, at);
        } else {
          for (let i = node.min; i < node.max; i++) {
            at = add({ kind: "fork", next: before(node.node, at), other: next });
          }
        }
        for (let i = 0; i < node.min; i++) at = before(node.node, at);
        return at;
      }
    }
  };
  return { steps, start: before(parseRe2(source), 0) };
}

/** Tells whether a character is in a class; those of ASCII are found out once. */
function acceptor({ parts, negated, fold }: CharClass): (code: number) => boolean {
  const tests = parts.map(({ source, negated }) => ({
    expression: new RegExp(`[${source}]`, fold ? "iu" : "u"),
    negated,
  }));
  const find = (code: number): boolean => {
    const char = String.fromCodePoint(code);
    return tests.some((test) => test.expression.test(char) !== test.negated) !== negated;
  };
  const ascii: (boolean | undefined)[] = new Array(128).fill(undefined);
  return (code) => code < 128 ? ascii[code] ??= find(code) : find(code);
}

/** What a place depends on: nothing there, a new line, a letter of a word, or anything else. */
type Side = 0 | 1 | 2 | 3;

interface State {
  /** The steps reached, sorted. */
  readonly steps: readonly number[];
  /** What is before it. */
  readonly side: Side;
  readonly byAscii: (State | undefined)[];
  readonly byOther: Map<number, State>;
  /** Where it goes at the end of the text. */
  atEnd: State | undefined;
}

const END = -1;

class Matcher {
  readonly #program: Program;
  readonly #matched: State = newState([], 0);
  readonly #start: State = newState([], 0);
  readonly #states = new Map<string, State>();

  constructor(program: Program) {
    this.#program = program;
  }

  test(text: string): boolean {
    let state = this.#start;
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i);
      let next: State | undefined;
      if (code < 128) {
        next = state.byAscii[code] ??= this.#follow(state, code);
      } else {
        code = text.codePointAt(i)!;
        if (code > 0xffff) i++;
        next = state.byOther.get(code);
        if (next === undefined) {
          next = this.#follow(state, code);
          if (state.byOther.size < MAX_OTHERS) state.byOther.set(code, next);
        }
      }
      if (next === this.#matched) return true;
      state = next;
    }
    return (state.atEnd ??= this.#follow(state, END)) === this.#matched;
  }

  /** Where a state goes by a character, or at the end of the text; a match may begin at every place. */
  #follow(state: State, code: number): State {
    const { steps, start } = this.#program;
    const side = sideOf(code);
    const open = [start, ...state.steps];
    const seen = new Set(open);
    const reached = new Set<number>();
    const visit = (step: number): void => {
      if (!seen.has(step)) open.push(step);
      seen.add(step);
    };
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const step = steps[at]!;
      if (step.kind === "match") return this.#matched;
      if (step.kind === "fork") {
        visit(step.next);
        visit(step.other);
      } else if (step.kind === "place") {
        if (isAt(step.place, state.side, side)) visit(step.next);
      } else if (code !== END && step.accepts(code)) reached.add(step.next);
    }
    return this.#state([...reached].sort((a, b) => a - b), side);
  }

  #state(steps: readonly number[], side: Side): State {
    const key = `${side} ${steps.join(" ")}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      if (this.#states.size >= MAX_STATES) this.#forget();
      state = newState(steps, side);
      this.#states.set(key, state);
    }
    return state;
  }

  /** The state a test is in stays with it, without the way to others. */
  #forget(): void {
    for (const state of [this.#start, ...this.#states.values()]) {
      state.byAscii.fill(undefined);
      state.byOther.clear();
      state.atEnd = undefined;
    }
    this.#states.clear();
  }
}

function newState(steps: readonly number[], side: Side): State {
  return { steps, side, byAscii: new Array(128).fill(undefined), byOther: new Map(), atEnd: undefined };
}

function sideOf(code: number): Side {
  if (code === END) return 0;
  if (code === 10) return 1;
  const isWord = (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
  return isWord ? 2 : 3;
}

function isAt(place: Place, before: Side, after: Side): boolean {
  switch (place) {
    case "text-start":
      return before === 0;
    case "text-end":
      return after === 0;
    case "line-start":
      return before < 2;
    case "line-end":
      return after < 2;
    case "word-edge":
      return (before === 2) !== (after === 2);
    case "no-word-edge":
      return (before === 2) === (after === 2);
  }
}
