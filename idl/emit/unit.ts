/**
 * One generated file under construction: its code, its names, and what it imports.
 *
 * @module
 */
import type { Def, EnumDef, Int64As, MapAs, MethodDef, PlainType, ServiceDef, StructDef } from "../model.ts";
import { int64Held, mapHeld } from "../js_values.ts";
import { Code, quoted } from "./code.ts";
import type { OutputPlan } from "./layout.ts";
import { NameSpace } from "./names.ts";
import type { EmitOptions } from "./options.ts";

/** The names of a record in generated code. */
export interface RecordNames {
  /** Its type. */
  readonly type: string;
  /** Its schema with codec. */
  readonly schema: string;
  /** Its write function. */
  readonly write: string;
  /** Its read function. */
  readonly read: string;
  /** What only the structs of the IDL have, not the arguments and outcomes of methods. */
  readonly extras?: RecordExtras;
}

/** The names of what is generated for a struct by option. */
export interface RecordExtras {
  /** Its function that copies. */
  readonly copy?: string;
  /** Its function that compares. */
  readonly equal?: string;
  /** Its mask type. */
  readonly maskType?: string;
  /** Its function that masks. */
  readonly mask?: string;
}

/** The names of a service in generated code. */
export interface ServiceNames {
  /** Its schema. */
  readonly schema: string;
  /** What a server implements. */
  readonly handlers: string;
  /** What a caller gets. */
  readonly client: string;
  /** The records of its own methods. */
  readonly methods: ReadonlyMap<MethodDef, MethodNames>;
}

/** The names of the arguments and the outcome of a method, where they have code of their own. */
export interface MethodNames {
  /** Of its arguments. */
  readonly args: RecordNames | undefined;
  /** Of its outcome. */
  readonly result: RecordNames | undefined;
}

/** Everything a definition is called in the file it is generated into. */
export interface DefNames {
  /** That file's path. */
  readonly path: string;
  /** The name of its type, and of its value if it has one. */
  readonly name: string;
  /** Of a struct, union or exception. */
  readonly record?: RecordNames;
  /** Schema of an enum. */
  readonly enumSchema?: string;
  /** Of a service. */
  readonly service?: ServiceNames;
}

/** A file under construction. */
export class Unit {
  /** Its code, without header and imports. */
  readonly code: Code = new Code();
  /** Where it goes and what goes into it. */
  readonly plan: OutputPlan;
  /** What was chosen. */
  readonly options: EmitOptions;
  readonly #names: ReadonlyMap<Def, DefNames>;
  readonly #space: NameSpace;
  readonly #runtime = new Map<string, Import>();
  readonly #imports = new Map<string, Map<string, Import>>();
  readonly #packages = new Map<string, Map<string, Import>>();
  readonly #inserted = new Map<string, string[]>();

  /** Begins a file; `names` holds the names of every definition, `space` those of this file. */
  constructor(plan: OutputPlan, options: EmitOptions, names: ReadonlyMap<Def, DefNames>, space: NameSpace) {
    this.plan = plan;
    this.options = options;
    this.#names = names;
    this.#space = space;
  }

  /** How the i64 is held. */
  int64As(type: PlainType & { readonly kind: "i64" }): Int64As {
    return int64Held(type, this.options);
  }

  /** How the map is held. */
  mapAs(type: PlainType & { readonly kind: "map" }): MapAs {
    return mapHeld(type, this.options);
  }

  /** The local name of a value of the runtime. */
  runtime(name: string): string {
    return this.#use(this.#runtime, name, name, false);
  }

  /** The local name of a type of the runtime. */
  runtimeType(name: string): string {
    return this.#use(this.#runtime, name, name, true);
  }

  /** Names of a definition, as its own file knows them. */
  namesOf(def: Def): DefNames {
    const names = this.#names.get(def);
    if (names === undefined) throw new Error(`${def.name} has no names`); // the names are made for every definition
    return names;
  }

  /** Is the definition in this file? */
  isLocal(def: Def): boolean {
    return this.namesOf(def).path === this.plan.path;
  }

  /** The local name of a definition's type. */
  type(def: Def): string {
    return this.#imported(def, this.namesOf(def).name, true);
  }

  /** The local name of an enum's object, an exception's class, or a service's schema. */
  value(def: Def): string {
    return this.#imported(def, this.namesOf(def).name, false);
  }

  /** The local name of a service's handlers or client interface. */
  serviceType(def: ServiceDef, which: "handlers" | "client"): string {
    const names = this.namesOf(def).service;
    return this.#imported(def, names?.[which] ?? def.name, true);
  }

  /** The local name of a definition's schema. */
  schema(def: StructDef | EnumDef): string {
    const names = this.namesOf(def);
    return this.#imported(def, names.record?.schema ?? names.enumSchema ?? names.name, false);
  }

  /** The local name of a function or type that a struct has by option. */
  extra(def: StructDef, which: keyof RecordExtras): string {
    const name = this.namesOf(def).record?.extras?.[which];
    if (name === undefined) throw new Error(`${def.name} has no ${which}`); // the option gives one to every struct
    return this.#imported(def, name, which === "maskType");
  }

  /** The names of a local record, or of one in another file, whose functions are reached through its schema. */
  codec(def: StructDef): { readonly write: string; readonly read: string } {
    const { record } = this.namesOf(def);
    if (record !== undefined && this.isLocal(def)) return record;
    const schema = this.schema(def);
    return { write: `${schema}.write`, read: `${schema}.read` };
  }

  /** Takes a name for the top of the file: `name`, or the first free one made of it and underscores. */
  claim(name: string): string {
    return this.#space.claim(name);
  }

  /** The local name of what the generated file at `path` exports as `name`. */
  importFile(path: string, name: string, typeOnly: boolean): string {
    return path === this.plan.path
      ? name
      : this.#use(entryOf(this.#imports, path), name, prefixed(path, name), typeOnly);
  }

  /** The local name of what the package `specifier` exports as `name`. */
  importPackage(specifier: string, name: string, typeOnly: boolean): string {
    if (specifier === this.#runtimeModule) return this.#use(this.#runtime, name, name, typeOnly);
    return this.#use(entryOf(this.#packages, specifier), name, prefixed(specifier, name), typeOnly);
  }

  /** The places where text can be inserted, in the order of the file. */
  get points(): string[] {
    return ["bof", "imports", ...this.code.points.map((point) => point.name), "eof"];
  }

  /** Inserts whole lines at a place that there is. */
  insert(point: string, text: string): void {
    const texts = this.#inserted.get(point);
    if (texts === undefined) this.#inserted.set(point, [text]);
    else texts.push(text);
  }

  /** The whole text, with imports for what was used. */
  finish(header: readonly string[]): string {
    const out = new Code();
    for (const line of header) out.line(line);
    const bof = this.#insertedAt("bof", "");
    const imports = new Code();
    for (const [specifier, names] of sorted(this.#packages)) writeImport(imports, names, specifier);
    writeImport(imports, this.#runtime, this.#runtimeModule);
    for (const [path, names] of sorted(this.#imports)) writeImport(imports, names, specifier(this.plan.path, path));
    const behind = this.#insertedAt("imports", "");
    const parts = [this.#body(), this.#insertedAt("eof", "").trimEnd()].filter((part) => part !== "");
    // a file without imports and exports would be no module
    const body = parts.length === 0 ? "export {};" : parts.join("\n\n");
    return `${out.text}${bof}${imports.text}${behind}\n${body}\n`;
  }

  get #runtimeModule(): string {
    return this.options.runtime ?? "@updraft/rpc/codegen";
  }

  /** The code with what was inserted into it. */
  #body(): string {
    const { text, points } = this.code;
    let body = "";
    let from = 0;
    for (const { name, at, indent } of points) {
      const inserted = this.#insertedAt(name, indent);
      if (inserted === "") continue;
      // between brackets that hold nothing, the first line needs a line of its own
      const isHollow = at > 0 && text[at - 1] !== "\n";
      body += text.slice(from, at) + (isHollow ? `\n${inserted}${indent.slice(2)}` : inserted);
      from = at;
    }
    return (body + text.slice(from)).trimEnd();
  }

  #insertedAt(point: string, indent: string): string {
    const lines = (this.#inserted.get(point) ?? []).flatMap((text) => text.replace(/\n$/, "").split("\n"));
    return lines.map((line) => line === "" ? "\n" : `${indent}${line}\n`).join("");
  }

  #imported(def: Def, name: string, typeOnly: boolean): string {
    return this.importFile(this.namesOf(def).path, name, typeOnly);
  }

  /** Notes that an imported name is used; it gets another local name where its own is taken. */
  #use(imports: Map<string, Import>, name: string, otherwise: string, typeOnly: boolean): string {
    const known = imports.get(name);
    if (known !== undefined) {
      known.typeOnly &&= typeOnly;
      return known.local;
    }
    const local = this.#space.isFree(name) ? this.#space.claim(name) : this.#space.claim(otherwise);
    imports.set(name, { local, typeOnly });
    return local;
  }
}

interface Import {
  readonly local: string;
  typeOnly: boolean;
}

function entryOf(imports: Map<string, Map<string, Import>>, key: string): Map<string, Import> {
  let names = imports.get(key);
  if (names === undefined) imports.set(key, names = new Map());
  return names;
}

function sorted(imports: ReadonlyMap<string, Map<string, Import>>): [string, Map<string, Import>][] {
  return [...imports].sort(([a], [b]) => a < b ? -1 : 1);
}

/** What an import is called where its own name is taken. */
function prefixed(from: string, name: string): string {
  const stem = from.replace(/^.*\//, "").replace(/\.ts$/, "").replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
  return `${stem}_${name}`;
}

function writeImport(out: Code, names: ReadonlyMap<string, Import>, from: string): void {
  if (names.size === 0) return;
  const items = [...names].sort(([a], [b]) => compareNames(a, b)).map(([name, { local, typeOnly }]) => ({
    value: `${typeOnly ? "type " : ""}${name}${local === name ? "" : ` as ${local}`}`,
  }));
  out.literal("import ", { open: "{", close: "}", items }, ` from ${quoted(from)};`);
}

/** The order of `deno fmt`: letters first, case last. */
function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
}

/** How a file at `from` imports the file at `to`; both are relative to one folder. */
function specifier(from: string, to: string): string {
  const here = from.split("/").slice(0, -1);
  const there = to.split("/");
  let same = 0;
  while (same < here.length && same < there.length - 1 && here[same] === there[same]) same++;
  const up = here.length - same;
  return (up === 0 && there[0] !== ".." ? "./" : "../".repeat(up)) + there.slice(same).join("/");
}
