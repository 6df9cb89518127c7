/**
 * Names in a generated file: which words cannot be used, and what is used instead.
 *
 * The rule: a name of the IDL is kept if it is free, else underscores are added behind it until it is. Definitions come
 * first, in the order of the file; names made by the emitter and imported names give way to them.
 *
 * @module
 */

const RESERVED_WORDS = "break case catch class const continue debugger default delete do else enum export extends " +
  "false finally for function if import in instanceof new null return super switch this throw true try typeof var " +
  "void while with implements interface let package private protected public static yield await async eval arguments";

/** Words that mean a type in TypeScript, or that compilers of it do not take for the name of one. */
const TYPE_WORDS =
  "any as asserts bigint boolean infer intrinsic is keyof never number object readonly satisfies string symbol " +
  "undefined unique unknown";

/** A class exported as `then` would be called by who awaits an `import()` of the file. */
const EXPORTS = "then";

/** Globals that generated code uses. */
const GLOBALS = "Array BigInt DataView Error Infinity Map NaN Number Object Partial Promise Record Set String " +
  "Uint8Array AsyncIterable Iterable";

/** Names of variables in generated functions that stand beside names of definitions. */
const LOCALS = "end init kind value fields";

const UNUSABLE: ReadonlySet<string> = new Set(
  [RESERVED_WORDS, TYPE_WORDS, EXPORTS, GLOBALS, LOCALS].flatMap((words) => words.split(" ")),
);

/** Can the name never stand at the top of a generated file? Numbered variables (`x0`) count as well. */
export function isUnusable(name: string): boolean {
  return UNUSABLE.has(name) || /^k?[a-z]\d*$/.test(name);
}

/** Is it a word that cannot be the name of a variable? */
export function isReservedWord(name: string): boolean {
  return RESERVED_WORDS.split(" ").includes(name);
}

/** A reserved word needs another name as a parameter. */
export function parameterName(key: string, others: ReadonlySet<string>): string {
  let name = key;
  while (isReservedWord(name) || (name !== key && others.has(name))) name += "_";
  return name;
}

/** The names in use at the top of one file. */
export class NameSpace {
  readonly #taken = new Set<string>();

  /** Could `name` be taken as it is? */
  isFree(name: string): boolean {
    return !isUnusable(name) && !this.#taken.has(name);
  }

  /** Takes `name`, or the first free name made of it and underscores. */
  claim(name: string): string {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`not an identifier: ${JSON.stringify(name)}`);
    let free = name;
    while (!this.isFree(free)) free += "_";
    this.#taken.add(free);
    return free;
  }
}
