/**
 * Gives a named thing another name, everywhere it is written.
 *
 * A rename is refused when the program would say something else afterwards: whether it does is found out by checking the
 * renamed program, so no rule of the language has to be told twice.
 *
 * @module
 */
import { check } from "../compile.ts";
import { type Diagnostic, Diagnostics } from "../diagnostics.ts";
import type { LoadedFile, LoadedInclude } from "../load.ts";
import type { Program } from "../model.ts";
import { parseSource } from "../parser.ts";
import { SourceText } from "../source.ts";
import { KEYWORDS } from "./keywords.ts";
import { Occurrences } from "./occurrences.ts";
import { type Named, nameOf, type Place } from "./symbols.ts";

/** What came of it: the places that get the new name, or why not. */
export type RenameOutcome =
  | { readonly places: readonly Place[] }
  | { readonly refused: string };

/** Why a thing cannot be renamed at all; `undefined` if it can. */
export function unrenamable(named: Named): string | undefined {
  return named.kind === "file" ? "this is the name of a file: rename the file, and the includes of it" : undefined;
}

/** The places to change so that `named` is called `name`. */
export function rename(program: Program, occurrences: Occurrences, named: Named, name: string): RenameOutcome {
  const never = unrenamable(named) ?? problemOf(name);
  if (never !== undefined) return { refused: never };
  const places = [...occurrences.everywhere(program, named)];
  if (nameOf(named) === name) return { places: [] };
  const renamed = checkRenamed(program, places, name);
  const added = addedBy(checkRenamed(program, [], name).diagnostics, renamed.diagnostics);
  if (added !== undefined) {
    return { refused: `${added.file}:${added.line}:${added.column} would be wrong then: ${added.message}` };
  }
  // a reference that now means another definition of the new name is no mistake of the IDL, but one of the rename
  const again = findAgain(renamed.program, places, name);
  const count = again && [...new Occurrences().everywhere(renamed.program, again)].length;
  return count === places.length ? { places } : { refused: `${name} means something else in one of the places` };
}

function problemOf(name: string): string | undefined {
  if (KEYWORDS.has(name)) return `${name} is a word of the language`;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return `${JSON.stringify(name)} is not a name: names are letters, digits and _, and begin with no digit`;
  }
  return undefined;
}

/** The program with the new name in all places. */
function checkRenamed(
  program: Program,
  places: readonly Place[],
  name: string,
): { readonly program: Program; readonly diagnostics: readonly Diagnostic[] } {
  const files = new Map<string, LoadedFile & { readonly includes: LoadedInclude[] }>();
  for (const module of program.modules) {
    const own = places.filter((place) => place.module === module);
    const { source } = module.document;
    const document = own.length === 0
      ? module.document
      : parseSource(new SourceText(source.file, replaced(source.text, own, name)), new Diagnostics());
    files.set(module.path, { path: module.path, document, includes: [] });
  }
  for (const module of program.modules) {
    for (const { node, prefix, module: included } of module.includes) {
      const file = files.get(included.path);
      if (file !== undefined) files.get(module.path)?.includes.push({ node, prefix, file });
    }
  }
  const all = [...files.values()];
  const checked = check({ files: all, mains: all });
  return { program: checked.value, diagnostics: checked.diagnostics };
}

function replaced(text: string, places: readonly Place[], name: string): string {
  let result = "";
  let from = 0;
  for (const { start, end } of [...places].sort((a, b) => a.start - b.start)) {
    result += text.slice(from, start) + name;
    from = end;
  }
  return result + text.slice(from);
}

/** The first diagnostic of a kind of which there are more than before. */
function addedBy(before: readonly Diagnostic[], after: readonly Diagnostic[]): Diagnostic | undefined {
  const counts = new Map<string, number>();
  const keyOf = ({ code, file }: Diagnostic): string => `${code} ${file}`;
  for (const each of before) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return after.find((each) => {
    const left = (counts.get(keyOf(each)) ?? 0) - 1;
    counts.set(keyOf(each), left);
    return left < 0;
  });
}

/** What the first of the places leads to in the renamed program. */
function findAgain(renamed: Program, places: readonly Place[], name: string): Named | undefined {
  const [first] = places;
  const module = renamed.modules.find((each) => each.path === first?.module.path);
  if (first === undefined || module === undefined) return undefined;
  const before = places.filter((place) => place.module === first.module && place.start < first.start);
  const moved = before.reduce((sum, { start, end }) => sum + name.length - (end - start), 0);
  return new Occurrences().at(module, first.start + moved)?.named;
}
