/**
 * Which file and which definition of the new version is which of the old one.
 *
 * @module
 */
import type { Def, Module, Program } from "../model.ts";

/** What belongs together. */
export interface Matches {
  /** The files of the old version, each with its file in the new one, if that is there. */
  readonly modules: ReadonlyMap<Module, Module | undefined>;
  /** The new definition of an old one: of the same name in the same file, else the only one of that name in another. */
  definition(def: Def): Def | undefined;
}

/** Finds a file's name by which it is known in both versions. */
export type KeyOf = (module: Module) => string;

/** Matches two versions. */
export function match(old: Program, now: Program, oldKey: KeyOf, newKey: KeyOf): Matches {
  const byKey = new Map(now.modules.map((module) => [newKey(module), module]));
  const modules = new Map(old.modules.map((module) => [module, byKey.get(oldKey(module))]));
  const definitions = new Map<Def, Def>();
  const taken = new Set<Def>();
  for (const [module, other] of modules) {
    for (const def of module.definitions) {
      const same = other?.scope.get(def.name);
      if (same === undefined) continue;
      definitions.set(def, same);
      taken.add(same);
    }
  }
  const free = freeByName(now, taken);
  for (const module of modules.keys()) {
    for (const def of module.definitions) {
      const [moved, another] = definitions.has(def) ? [] : free.get(def.name) ?? [];
      if (moved !== undefined && another === undefined && moved.kind === def.kind) definitions.set(def, moved);
    }
  }
  return { modules, definition: (def) => definitions.get(def) };
}

function freeByName(program: Program, taken: ReadonlySet<Def>): Map<string, Def[]> {
  const free = new Map<string, Def[]>();
  for (const def of program.modules.flatMap((module) => module.definitions)) {
    if (taken.has(def)) continue;
    const same = free.get(def.name);
    if (same === undefined) free.set(def.name, [def]);
    else same.push(def);
  }
  return free;
}
