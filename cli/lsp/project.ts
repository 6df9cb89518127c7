/**
 * The IDL of one folder of the editor: what is open, as it is in the editor; the rest, as it is on disk.
 *
 * @module
 */
import type { Document } from "../../idl/ast.ts";
import { compile } from "../../idl/compile.ts";
import type { Diagnostic, Outcome } from "../../idl/diagnostics.ts";
import type { FolderEntry } from "../../idl/language/include_paths.ts";
import { Occurrences } from "../../idl/language/occurrences.ts";
import { lint } from "../../idl/lint/lint.ts";
import type { Finding } from "../../idl/lint/rule.ts";
import { readLintSettings } from "../../idl/lint/settings.ts";
import type { Module, Program } from "../../idl/model.ts";
import { parse } from "../../idl/parser.ts";
import { below, joinPath } from "../../idl/paths.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Files } from "../../lib/platform.ts";
import { loadConfigIn } from "../config.ts";
import { listIdlFiles, readIdlFile } from "../idl_files.ts";
import { hasChanged, type SeenFiles } from "../watch.ts";

/** What was made of some files. */
export interface Compiled {
  /** The program. */
  readonly program: Program;
  /** What is wrong with it; where nothing is, what lint rules find in the files asked for. */
  readonly diagnostics: readonly (Diagnostic | Finding)[];
  /** What lint rules find in the files asked for, told or not. */
  readonly findings: readonly Finding[];
  /** Its names. */
  readonly occurrences: Occurrences;
  /** What was looked for on disk, by absolute path, found or not: other files, and the configuration of lint rules. */
  readonly seen: SeenFiles;
}

/** A text and what was made of it, by path. */
type Trees = Map<string, { readonly text: string; readonly outcome: Outcome<Document> }>;

/** Files of a folder that are looked at when all are needed. */
const MAX_FILES = 5000;

/** The IDL below one folder. */
export class Project {
  /** The folder, an absolute path. */
  readonly root: string;
  readonly #files: Files;
  readonly #open: ReadonlyMap<string, { readonly text: string }>;
  readonly #log: (text: string) => void;
  #logged: string | undefined;
  #trees: Trees = new Map();
  #compiled = new Map<string, Promise<Compiled>>();

  /** `open` holds the texts of open documents by absolute path; `log` is told of a configuration that cannot be read. */
  constructor(
    root: string,
    files: Files,
    open: ReadonlyMap<string, { readonly text: string }>,
    log: (text: string) => void,
  ) {
    this.root = root;
    this.#files = files;
    this.#open = open;
    this.#log = log;
  }

  /** Forgets what was compiled: something has changed. Trees of unchanged texts are kept. */
  changed(): void {
    this.#compiled = new Map();
  }

  /** The open files of the project and what they include. */
  openFiles(mains: readonly string[], includeDirs: readonly string[]): Promise<Compiled> {
    return this.#once("open", async () => {
      const compiled = await this.#compile(mains, includeDirs);
      const { diagnostics, program } = compiled;
      if (diagnostics.some(({ severity }) => severity === "error")) return compiled;
      // what the compiler warns of is not told twice
      const told = new Set(diagnostics.map(placeOf));
      const seen = new Map(compiled.seen);
      const findings = await this.#lint(program, lookingAt(this.#files, seen));
      const untold = findings.filter((each) => !told.has(placeOf(each)));
      return { ...compiled, findings, seen, diagnostics: [...diagnostics, ...untold] };
    });
  }

  /** The open files, and every other one below the folder. Rejects with kind `"invalid"` if there are too many. */
  async everything(mains: readonly string[], includeDirs: readonly string[], signal: AbortSignal): Promise<Compiled> {
    const found = await listIdlFiles(this.#files, this.root);
    if (found.length > MAX_FILES) {
      throw new RpcError("invalid", `${this.root} holds ${found.length} IDL files, at most ${MAX_FILES} are searched`);
    }
    signal.throwIfAborted();
    const paths = [...new Set([...mains, ...found])];
    const key = `everything ${paths.join("\0")}`;
    const known = await this.#compiled.get(key);
    // most of these files are watched by nobody
    if (known !== undefined && await hasChanged(this.#files, known.seen)) this.#compiled.delete(key);
    return await this.#once(key, () => this.#compile(paths, includeDirs));
  }

  /** The absolute path of a file of the program. */
  absolute(path: string): string {
    return joinPath(this.root, path);
  }

  /** The module of a file, by its absolute path. */
  moduleOf({ program }: Compiled, path: string): Module | undefined {
    return program.modules.find((module) => this.absolute(module.path) === path);
  }

  /** The entries of a folder, by its path from the root; none if it cannot be read. */
  async list(folder: string): Promise<readonly FolderEntry[]> {
    const path = joinPath(this.root, folder);
    if ((await this.#files.stat(path))?.kind !== "directory") return [];
    return (await this.#files.list(path)).map(({ name, kind }) => ({ name, isFolder: kind === "directory" }));
  }

  #once(key: string, make: () => Promise<Compiled>): Promise<Compiled> {
    let known = this.#compiled.get(key);
    if (known === undefined) {
      known = make();
      const compiled = this.#compiled;
      compiled.set(key, known);
      // what failed or was cancelled is tried again
      known.catch(() => compiled.delete(key));
    }
    return known;
  }

  async #lint({ mains }: Program, files: Files): Promise<readonly Finding[]> {
    try {
      const { settings, matches } = await loadConfigIn(files, this.root, "lint", readLintSettings);
      return lint(mains.filter(({ path }) => !matches(settings.ignore, path)), settings);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (this.#logged !== error.message) this.#log(this.#logged = error.message);
      return [];
    }
  }

  async #compile(mains: readonly string[], includeDirs: readonly string[]): Promise<Compiled> {
    const seen = new Map<string, number | null>();
    const files = lookingAt(this.#files, seen);
    const trees: Trees = new Map();
    const reader = {
      read: async (path: string): Promise<string | null> => {
        const absolute = this.absolute(path);
        const open = this.#open.get(absolute);
        return open === undefined ? await readIdlFile(files, absolute) : open.text;
      },
    };
    const { value, diagnostics } = await compile(mains, reader, {
      cwd: this.root,
      includeDirs,
      parse: (path, text) => {
        let tree = this.#trees.get(path);
        if (tree?.text !== text) tree = { text, outcome: parse(path, text) };
        trees.set(path, tree);
        return tree.outcome;
      },
    });
    for (const [path, tree] of trees) this.#trees.set(path, tree);
    if (this.#trees.size > 2 * trees.size + MAX_FILES) this.#trees = trees;
    return { program: value, diagnostics, findings: [], occurrences: new Occurrences(), seen };
  }
}

/** The same files; what is looked for goes to `seen`, with the time of its last change. */
function lookingAt(files: Files, seen: Map<string, number | null>): Files {
  return Object.assign(Object.create(files) as Files, {
    async stat(path: string) {
      const found = await files.stat(path);
      seen.set(path, found?.mtimeMs ?? null);
      return found;
    },
  });
}

function placeOf({ file, start, end }: Diagnostic<string>): string {
  return `${start} ${end} ${file}`;
}

/** The folder that holds a path; the deepest if several do. */
export function deepestRoot(roots: Iterable<string>, path: string): string | undefined {
  let best: string | undefined;
  for (const root of roots) {
    if (below(root, path) !== undefined && root.length > (best?.length ?? -1)) best = root;
  }
  return best;
}
