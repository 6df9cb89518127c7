/**
 * What is generated, while plugins add to it: the emitter's files, and the files that plugins bring.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { finishUnit } from "../emit/emit.ts";
import type { OutputFile } from "../emit/options.ts";
import { tsType } from "../emit/types.ts";
import type { Unit } from "../emit/unit.ts";
import type { Def, EnumDef, Module, StructDef, Type } from "../model.ts";
import { below, normalizePath, pathProblem } from "../paths.ts";
import { nearest } from "../suggest.ts";
import { MarkedText } from "./marked_text.ts";
import { mustBeText } from "./must_be_text.ts";
import type { EmittedFile, Output } from "./plugin.ts";

/** The files of one run. */
export class Outputs implements Output {
  /** The generated files, each after those it imports from. */
  readonly files: readonly EmittedFile[];
  readonly #units: readonly UnitFile[];
  readonly #byDef: ReadonlyMap<Def, UnitFile>;
  readonly #added = new Map<string, MarkedText>();
  /** All paths by their keys. */
  readonly #paths = new Map<string, string>();

  /** Begins with what the emitter made. */
  constructor(units: readonly Unit[]) {
    this.#units = units.map((unit) => new UnitFile(unit));
    this.files = this.#units;
    this.#byDef = new Map(this.#units.flatMap((file) => file.definitions.map((def) => [def, file])));
    for (const { path } of this.#units) this.#paths.set(keyOf(path), path);
  }

  /** The file a definition is generated into. */
  fileOf(def: Def): EmittedFile {
    const file = this.#byDef.get(def);
    if (file === undefined) throw new RpcError("invalid", `nothing is generated for ${def.name}`);
    return file;
  }

  /** Adds a file; gives `false` if it is there already, with the same text. */
  addFile(path: string, text: string): boolean {
    const safe = safePath(path);
    mustBeText(text, `the text of ${safe}`);
    const known = this.#paths.get(keyOf(safe));
    const same = known === undefined ? undefined : this.#added.get(known);
    if (known === safe && same?.original === text) return false;
    if (known !== undefined) {
      const other = known === safe ? "another text" : `${known}, which some systems take for the same`;
      throw new RpcError("invalid", `${safe} is there already, with ${other}`);
    }
    const folder = this.#folderProblem(safe);
    if (folder !== undefined) throw new RpcError("invalid", `${folder} cannot be a file and a folder`);
    this.#paths.set(keyOf(safe), safe);
    this.#added.set(safe, new MarkedText(text));
    return true;
  }

  /** Inserts text at a place of any of the files. */
  insert(path: string, point: string, text: string): void {
    const safe = safePath(path);
    const unit = this.#units.find((each) => each.path === safe);
    if (unit !== undefined) return unit.insert(point, text);
    const added = this.#added.get(safe);
    if (added === undefined) {
      const suggestion = nearest(safe, this.#paths.values());
      const more = suggestion === undefined ? "" : `, ${suggestion}`;
      throw new RpcError("invalid", `there is no file ${safe} to insert at ${point}${more}`);
    }
    mustHave(safe, added.points, point);
    added.insert(point, mustBeText(text, `what is inserted into ${safe}`));
  }

  /** The path that would be a file and a folder with files, if `path` were there. */
  #folderProblem(path: string): string | undefined {
    const key = keyOf(path);
    for (const [other, known] of this.#paths) {
      if (other.startsWith(`${key}/`)) return path;
      if (key.startsWith(`${other}/`)) return known;
    }
    return undefined;
  }

  /** All files as they are to be written. */
  finish(): OutputFile[] {
    const added = [...this.#added].map(([path, text]) => ({ path, text: text.finish() }));
    return [...this.#units.map((file) => file.finish()), ...added];
  }
}

/** A generated file, as plugins see it. */
class UnitFile implements EmittedFile {
  readonly path: string;
  readonly modules: readonly Module[];
  readonly definitions: readonly Def[];
  readonly #unit: Unit;
  readonly #points: ReadonlySet<string>;

  constructor(unit: Unit) {
    this.path = unit.plan.path;
    this.modules = unit.plan.modules;
    this.definitions = unit.plan.definitions;
    this.#unit = unit;
    this.#points = new Set(unit.points);
  }

  get points(): readonly string[] {
    return [...this.#points];
  }

  insert(point: string, text: string): void {
    mustHave(this.path, this.#points, point);
    this.#unit.insert(point, mustBeText(text, `what is inserted into ${this.path}`));
  }

  claim(name: string): string {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new RpcError("invalid", `${JSON.stringify(name)} is no name to claim`);
    return this.#unit.claim(name);
  }

  import(name: string, from: EmittedFile | string, isType = false): string {
    if (typeof from !== "string") return this.#unit.importFile(from.path, name, isType);
    if (!/^\.{1,2}\//.test(from)) return this.#unit.importPackage(from, name, isType);
    const problem = pathProblem(from);
    if (problem !== undefined) throw new RpcError("invalid", `${quoted(from)} cannot be imported: it ${problem}`);
    return this.#unit.importFile(normalizePath(from), name, isType);
  }

  runtime(name: string, isType = false): string {
    return isType ? this.#unit.runtimeType(name) : this.#unit.runtime(name);
  }

  typeOf(type: Type): string {
    return tsType(this.#unit, type);
  }

  nameOf(def: Def): string {
    return this.#unit.type(def);
  }

  valueOf(def: Def): string {
    return this.#unit.value(def);
  }

  schemaOf(def: StructDef | EnumDef): string {
    return this.#unit.schema(def);
  }

  finish(): OutputFile {
    return finishUnit(this.#unit);
  }
}

/** The path, if it is one below the output folder. */
function safePath(path: string): string {
  const normal = normalizePath(mustBeText(path, "the path of a file"));
  const problem = pathProblem(path);
  if (problem === undefined && below(".", normal) !== undefined) return normal;
  const why = problem === undefined ? "" : `: it ${problem}`;
  throw new RpcError("invalid", `${quoted(path)} is no path of a file below the output folder${why}`);
}

/** A path in a message, cut where it is too long to be read. */
function quoted(path: string): string {
  return JSON.stringify(path.length <= 200 ? path : `${path.slice(0, 200)}...`);
}

/** What file systems that ignore case, and how accents are written, tell a path by. */
function keyOf(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

function mustHave(path: string, points: ReadonlySet<string>, point: string): void {
  if (points.has(point)) return;
  const suggestion = nearest(point, points);
  const more = suggestion === undefined ? "" : `, ${suggestion}`;
  throw new RpcError("invalid", `${path} has no place ${JSON.stringify(point)} to insert at${more}`);
}
