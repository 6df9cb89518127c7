/**
 * Leaves out of a program what a chosen set of services, methods and definitions does not need.
 *
 * @module
 */
import { Diagnostics, type Outcome } from "./diagnostics.ts";
import {
  type Def,
  type FieldDef,
  type MethodDef,
  type Module,
  type Program,
  type ServiceDef,
  type StructDef,
  type Type,
} from "./model.ts";
import { NO_FILE } from "./source.ts";
import { nearest } from "./suggest.ts";

/**
 * Keeps what `names` need: `Service`, `Service.method` or any other definition, of the files asked for or else of those they
 * include. Changes the program: definitions and methods that nothing needs are gone. A name that is not there is an error.
 */
export function trim(program: Program, names: readonly string[]): Outcome<Program> {
  const diagnostics = new Diagnostics();
  const keep = new Keep();
  for (const name of names) {
    if (!select(program, name, keep)) reportUnknown(program, name, diagnostics);
  }
  keep.complete();
  for (const module of program.modules) {
    const kept = module.definitions.filter((def) => keep.defs.has(def));
    module.definitions.splice(0, module.definitions.length, ...kept);
    for (const def of kept) {
      if (def.kind === "service") {
        def.methods.splice(
          0,
          def.methods.length,
          ...def.methods.filter((m) => keep.methods.has(m)),
        );
      }
    }
  }
  const left = program.modules.filter((module) => module.definitions.length > 0 || program.mains.includes(module));
  return { value: { modules: left, mains: program.mains }, diagnostics: diagnostics.list };
}

function select(program: Program, name: string, keep: Keep): boolean {
  const [first = "", method, ...rest] = name.split(".");
  if (rest.length > 0) return false;
  const inMains = find(program.mains, first);
  const found = inMains.length > 0 ? inMains : find(program.modules, first);
  let known = false;
  for (const def of found) {
    if (method === undefined) {
      keep.whole(def);
      known = true;
    } else if (def.kind === "service") {
      known = keep.method(def, method) || known;
    }
  }
  return known;
}

function find(modules: readonly Module[], name: string): Def[] {
  return modules.map((module) => module.scope.get(name)).filter((def) => def !== undefined);
}

function reportUnknown(program: Program, name: string, diagnostics: Diagnostics): void {
  const known = program.modules.flatMap((module) => module.definitions.flatMap(namesOf));
  const last = lastPart(name);
  // the name of a method alone, or one with a prefix
  const sameEnd = known.find((each) => lastPart(each) === last);
  const suggestion = nearest(name, known) ?? (sameEnd === undefined ? undefined : `did you mean ${sameEnd}?`);
  diagnostics.error("UT6005", NO_FILE, { start: 0, end: 0 }, `there is nothing called ${name} for trim to keep`, {
    suggestion,
  });
}

/** What can be asked for of a definition: itself, and the methods of a service with those of its bases. */
function namesOf(def: Def): string[] {
  const names = [def.name];
  for (let owner: Def | undefined = def; owner?.kind === "service"; owner = owner.base) {
    names.push(...owner.methods.map((method) => `${def.name}.${method.name}`));
  }
  return names;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** What is kept, and what is still to be looked into. */
class Keep {
  readonly defs = new Set<Def>();
  readonly methods = new Set<MethodDef>();
  readonly #pending: StructDef[] = [];

  /** Keeps a definition with all that belongs to it. */
  whole(def: Def): void {
    for (let service = def; service.kind === "service"; service = service.base) {
      this.#add(service);
      for (const method of service.methods) this.#method(method);
      if (service.base === undefined) return;
    }
    this.#add(def);
  }

  /** Keeps a method of a service, which a base may define. */
  method(service: ServiceDef, name: string): boolean {
    for (let owner: ServiceDef | undefined = service; owner !== undefined; owner = owner.base) {
      const method = owner.methods.find((candidate) => candidate.name === name);
      if (method === undefined) continue;
      this.#method(method);
      // what extends what stays, even where nothing else of it does
      for (let each: ServiceDef | undefined = service; each !== undefined; each = each.base) this.#add(each);
      return true;
    }
    return false;
  }

  /** Keeps what the structs found so far contain, and so on. */
  complete(): void {
    for (let def = this.#pending.pop(); def !== undefined; def = this.#pending.pop()) this.#fields(def.fields);
  }

  #method(method: MethodDef): void {
    this.methods.add(method);
    this.#fields(method.args);
    this.#fields(method.throws);
    if (method.returns !== undefined) this.#type(method.returns);
  }

  #fields(fields: readonly FieldDef[]): void {
    for (const field of fields) this.#type(field.type);
  }

  #type(type: Type): void {
    switch (type.kind) {
      case "list":
      case "set":
        return this.#type(type.element);
      case "map":
        this.#type(type.key);
        return this.#type(type.value);
      case "enum":
      case "struct":
      case "typedef":
        return this.#add(type.def);
    }
  }

  #add(def: Def): void {
    // a chain of typedefs is followed without recursion
    let next: Def | undefined = def;
    while (next !== undefined && !this.defs.has(next)) {
      this.defs.add(next);
      const current: Def = next;
      next = undefined;
      if (current.kind === "struct" || current.kind === "union" || current.kind === "exception") {
        this.#pending.push(current);
      } else if (current.kind === "typedef" && current.type.kind === "typedef") next = current.type.def;
      else if (current.kind === "typedef" || current.kind === "const") this.#type(current.type);
    }
  }
}
