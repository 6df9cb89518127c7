/**
 * The files of the repository, as the architecture tests see them.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { resolve } from "../../tools/lint/rules.ts";
import { type Import, scanImports } from "./scanner.ts";

/** The root folder, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** Folders that are not the project's own files; the first path part or any. */
const NOT_OURS = /(^|\/)(node_modules|\.git)(\/|$)|^(dist|cov|bench\/out|tests\/interop\/bin|tools\/bin)(\/|$)/;

/** All files, as paths from the root, sorted. */
export function allFiles(folder = ""): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (NOT_OURS.test(path)) return [];
    return entry.isDirectory() ? allFiles(`${path}/`) : entry.isFile() ? [path] : [];
  }).sort();
}

/** The text of a file. */
export function read(path: string): string {
  return readFileSync(ROOT + path, "utf8");
}

/** A JSON file's value. */
export function readJson<T>(path: string): T {
  return JSON.parse(read(path)) as T;
}

/** What the TypeScript files among `files` import. */
export function importsOf(files: readonly string[]): Map<string, Import[]> {
  return new Map(files.filter((path) => path.endsWith(".ts")).map((path) => [path, scanImports(read(path))]));
}

/** What a file and all it reaches by static imports import by value: the files, and the specifiers of packages. */
export function reach(entry: string, imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const seen = new Set<string>([entry]);
  for (const path of seen) { // a Set's iteration also visits what is added on the way
    for (const { specifier, kind } of imports.get(path) ?? []) {
      if (kind === "static") seen.add(specifier.startsWith(".") ? resolve(path, specifier) : specifier);
    }
  }
  return seen;
}

/** A chain of names that leads back to its start, or nothing. */
export function findCycle(edges: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    path.push(name);
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of edges.keys()) {
    const cycle = visit(name);
    if (cycle) return cycle;
  }
  return undefined;
}
