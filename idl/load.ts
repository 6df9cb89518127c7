/**
 * Reads IDL files and everything they include, each file once.
 *
 * An include is looked for relative to the working directory, then beside the including file, then in each include
 * folder, in order: the order of Thriftgo. The path where it was found, relative to the working directory, is the
 * file's identity.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Document, IncludeNode } from "./ast.ts";
import { Diagnostics, type Outcome } from "./diagnostics.ts";
import { walk } from "./graph.ts";
import { parse } from "./parser.ts";
import { checkEncoding } from "./check_encoding.ts";
import { below, folderOf, isAbsolutePath, joinPath, normalizePath, stemOf } from "./paths.ts";
import { SourceText } from "./source.ts";

/** Where IDL texts come from. */
export interface SourceReader {
  /**
   * The text at a normalised path, or `null` if no file is there. Rejects with `UnreadableSource` if there is one that cannot be
   * read, which is an error where the path is written; other reasons end the compilation.
   */
  read(path: string): Promise<string | null>;
}

/** A file that is there, or may be, and cannot be read; the message says why. Its kind is `"invalid"`. */
export class UnreadableSource extends RpcError {
  /** Takes over what reading was rejected with. */
  constructor(reason: Error) {
    super("invalid", reason.message, { cause: reason });
  }
}

/** Options of `load`. */
export interface LoadOptions {
  /** Folders to look in for includes, last in the search order. Default: none. */
  readonly includeDirs?: readonly string[];
  /** The working directory, which turns absolute paths below it into relative ones. Default: none. */
  readonly cwd?: string;
  /** Reads a text into a tree. Default: `parse`; another one may keep trees of texts that have not changed. */
  readonly parse?: (path: string, text: string) => Outcome<Document>;
}

/** A file and what it includes. */
export interface LoadedFile {
  /** Its identity: normalised path, relative to the working directory where it lies below it. */
  readonly path: string;
  /** Its syntax tree. */
  readonly document: Document;
  /** Its includes, in order; missing and repeated ones are left out. */
  readonly includes: readonly LoadedInclude[];
}

/** One include that was found. */
export interface LoadedInclude {
  /** Where it is written. */
  readonly node: IncludeNode;
  /** How references name the file: its base name without the last extension. */
  readonly prefix: string;
  /** The file. */
  readonly file: LoadedFile;
}

/** All files of a compilation. */
export interface FileSet {
  /** The files asked for, in order, without those that are missing. */
  readonly mains: readonly LoadedFile[];
  /** Every file, each after the files it includes. */
  readonly files: readonly LoadedFile[];
}

/** Loads files and their includes. Rejects only if `reader` does. */
export async function load(
  paths: readonly string[],
  reader: SourceReader,
  options: LoadOptions = {},
): Promise<Outcome<FileSet>> {
  const loader = new Loader(reader, options);
  const mains = await loader.load(paths);
  const { order, cycles } = walk(mains, (file) => file.includes.map((include) => include.file));
  for (const cycle of cycles) loader.reportCycle(cycle);
  return { value: { mains, files: order }, diagnostics: loader.diagnostics.list };
}

/** Texts held in memory, by normalised path. */
export function memoryReader(files: Readonly<Record<string, string>>): SourceReader {
  const texts = new Map(Object.entries(files).map(([path, text]) => [normalizePath(path), text]));
  return { read: (path) => Promise.resolve(texts.get(path) ?? null) };
}

interface OpenFile extends LoadedFile {
  readonly includes: LoadedInclude[];
}

class Loader {
  readonly diagnostics = new Diagnostics();
  readonly #reader: SourceReader;
  readonly #cwd: string;
  readonly #dirs: readonly string[];
  readonly #parse: (path: string, text: string) => Outcome<Document>;
  readonly #texts = new Map<string, Promise<string | null | UnreadableSource>>();
  readonly #files = new Map<string, OpenFile>();
  #fresh: OpenFile[] = [];

  constructor(reader: SourceReader, options: LoadOptions) {
    this.#reader = reader;
    this.#cwd = normalizePath(options.cwd ?? ".");
    this.#parse = options.parse ?? parse;
    this.#dirs = (options.includeDirs ?? []).map((dir) => this.#identity(dir));
  }

  /** Reads the files, then what they include, then what that includes: one round a level. */
  async load(paths: readonly string[]): Promise<LoadedFile[]> {
    const found = await Promise.all(paths.map((path) => this.#main(path)));
    while (this.#fresh.length > 0) {
      const round = this.#fresh;
      this.#fresh = [];
      const includes = await Promise.all(round.map((file) => this.#includes(file)));
      round.forEach((file, i) => file.includes.push(...(includes[i] ?? [])));
    }
    return [...new Set(found.filter((file) => file !== undefined))];
  }

  reportCycle(cycle: readonly LoadedFile[]): void {
    const [first] = cycle;
    const last = cycle.at(-1);
    const closing = last?.includes.find((include) => include.file === first);
    if (first === undefined || last === undefined || closing === undefined) return;
    const names = [...cycle, first].map((file) => file.path).join(" -> ");
    this.diagnostics.error("UT2002", last.document.source, closing.node.path, `files include each other: ${names}`);
  }

  async #main(path: string): Promise<LoadedFile | undefined> {
    const identity = this.#identity(path);
    const text = await this.#text(identity);
    if (typeof text === "string") return this.#open(identity, text);
    const [source, start] = [new SourceText(identity, ""), { start: 0, end: 0 }];
    if (text === null) this.diagnostics.error("UT2001", source, start, "there is no such file");
    else this.diagnostics.error("UT2005", source, start, text.message);
    return undefined;
  }

  async #includes(file: LoadedFile): Promise<LoadedInclude[]> {
    const byPath = new Map<string, IncludeNode>();
    for (const header of file.document.headers) {
      // Thriftgo ignores an empty path, and the same path again
      if (header.kind === "include" && header.path.raw !== "" && !byPath.has(header.path.raw)) {
        byPath.set(header.path.raw, header);
      }
    }
    const found = await Promise.all([...byPath.values()].map((node) => this.#include(file, node)));
    return found.filter((include) => include !== undefined);
  }

  async #include(file: LoadedFile, node: IncludeNode): Promise<LoadedInclude | undefined> {
    const { source } = file.document;
    const beside = this.#identity(joinPath(folderOf(file.path), node.path.raw));
    const places = this.#places(node.path.raw, beside);
    for (const place of places) {
      const text = await this.#text(place);
      if (text === null) continue;
      if (typeof text !== "string") {
        this.diagnostics.error("UT2005", source, node.path, text.message);
        return undefined;
      }
      if (place !== beside && place === places[0] && await this.#text(beside) !== null) {
        this.diagnostics.warning("UT2003", source, node.path, `this is ${place}, not ${beside} beside the file`, {
          suggestion: "paths relative to the working directory come first; rename one of the two files",
        });
      }
      return { node, prefix: stemOf(place), file: this.#open(place, text) };
    }
    const suggestion = places.length > 1 ? `looked for ${places.join(", ")}` : undefined;
    this.diagnostics.error("UT2001", source, node.path, `cannot find ${node.path.raw}`, { suggestion });
    return undefined;
  }

  #places(path: string, beside: string): string[] {
    if (isAbsolutePath(path)) return [this.#identity(path)];
    return [...new Set([this.#identity(path), beside, ...this.#dirs.map((dir) => joinPath(dir, path))])];
  }

  /** The path relative to the working directory where it lies below it. */
  #identity(path: string): string {
    return below(this.#cwd, joinPath(this.#cwd, path)) ?? normalizePath(path);
  }

  #text(identity: string): Promise<string | null | UnreadableSource> {
    let text = this.#texts.get(identity);
    if (text === undefined) this.#texts.set(identity, text = this.#read(identity));
    return text;
  }

  async #read(identity: string): Promise<string | null | UnreadableSource> {
    try {
      return await this.#reader.read(identity);
    } catch (reason) {
      if (reason instanceof UnreadableSource) return reason;
      throw reason;
    }
  }

  #open(identity: string, text: string): LoadedFile {
    let file = this.#files.get(identity);
    if (file === undefined) {
      const { value: document, diagnostics } = this.#parse(identity, text);
      this.diagnostics.add(diagnostics);
      checkEncoding(document, this.diagnostics);
      this.#files.set(identity, file = { path: identity, document, includes: [] });
      this.#fresh.push(file);
    }
    return file;
  }
}
