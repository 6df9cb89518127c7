/**
 * Checks of structs that need all of them to be known: defaults, and structs that contain themselves.
 *
 * @module
 */
import { type Diagnostics, place } from "./diagnostics.ts";
import type { Evaluator } from "./evaluate.ts";
import { filledIn } from "./filled_in.ts";
import { walk } from "./graph.ts";
import { type FieldDef, type Module, plainType, type Program, type StructDef, type Value } from "./model.ts";

/** Evaluates the default values of all fields and arguments. */
export function evaluateDefaults(program: Program, evaluator: Evaluator, diagnostics: Diagnostics): void {
  for (const module of program.modules) {
    for (const def of module.definitions) {
      if (def.kind === "service") {
        for (const method of def.methods) {
          evaluateFields(module, method.args, evaluator);
          // it must fit, and means nothing: what is not thrown is not there
          for (const { node, type } of method.throws) if (node.default) evaluator.evaluate(module, node.default, type);
        }
      } else if (def.kind === "struct" || def.kind === "union" || def.kind === "exception") {
        evaluateFields(module, def.fields, evaluator);
        if (def.kind === "union") checkUnionDefaults(def, diagnostics);
      }
    }
  }
}

function evaluateFields(module: Module, fields: readonly FieldDef[], evaluator: Evaluator): void {
  for (const field of fields) {
    if (field.node.default !== undefined) {
      field.default = evaluator.evaluate(module, field.node.default, field.type);
    }
  }
}

function checkUnionDefaults(def: StructDef, diagnostics: Diagnostics): void {
  const [first, second] = def.fields.filter((field) => field.node.default !== undefined);
  if (first === undefined || second === undefined) return;
  const { source } = def.module.document;
  diagnostics.error("UT3026", source, second.node, `union ${def.name} has two members with a default`, {
    related: [place(source, first.node, `${first.name} has one`)],
  });
}

/** Reports structs that can never end: by required fields of their own type (a warning), or by default values. */
export function checkContainment(program: Program, diagnostics: Diagnostics): void {
  const structs = program.modules.flatMap((module) => module.definitions.filter(isStruct));
  for (const cycle of walk(structs, required).cycles) {
    const [first] = cycle;
    if (first === undefined) continue;
    const names = [...cycle, first].map((def) => def.name).join(" -> ");
    diagnostics.warning(
      "UT3027",
      first.module.document.source,
      first.node.name,
      `no value of ${first.name} can end: it requires itself: ${names}`,
      {
        suggestion: "make a field on the way optional",
      },
    );
  }
  for (const cycle of walk(structs, defaulted).cycles) {
    const [first] = cycle;
    if (first === undefined) continue;
    const names = [...cycle, first].map((def) => def.name).join(" -> ");
    diagnostics.error(
      "UT4012",
      first.module.document.source,
      first.node.name,
      `the default value of ${first.name} contains itself: ${names}`,
    );
  }
}

function isStruct(def: Module["definitions"][number]): def is StructDef {
  return def.kind === "struct" || def.kind === "union" || def.kind === "exception";
}

/** The structs that a value must contain. */
function* required(def: StructDef): Generator<StructDef> {
  for (const field of def.fields) {
    const type = plainType(field.type);
    if (field.requiredness === "required" && type.kind === "struct") yield type.def;
  }
}

/** The structs that default values of a struct's fields make. */
function* defaulted(def: StructDef): Generator<StructDef> {
  for (const field of def.fields) {
    if (field.default !== undefined) yield* structsIn(field.default);
  }
}

function* structsIn(value: Value): Generator<StructDef> {
  switch (value.kind) {
    case "list":
    case "set":
      for (const item of value.items) yield* structsIn(item);
      return;
    case "map":
      for (const [key, item] of value.entries) {
        yield* structsIn(key);
        yield* structsIn(item);
      }
      return;
    case "struct":
      yield value.def;
      for (const item of value.fields.values()) yield* structsIn(item);
      for (const field of value.def.fields) if (!value.fields.has(field)) yield* filledIn(field);
  }
}
