/**
 * Gives every definition its names in the file it is generated into.
 *
 * @module
 */
import { type Diagnostics, place } from "../diagnostics.ts";
import type { Def, FieldDef, MethodDef, ServiceDef, StructDef } from "../model.ts";
import { ownMethods, structShape } from "../shapes.ts";
import { isOneArgument, isPlainOutcome } from "./call_structs.ts";
import type { OutputPlan } from "./layout.ts";
import { NameSpace } from "./names.ts";
import type { EmitOptions } from "./options.ts";
import type { DefNames, MethodNames, RecordExtras, RecordNames, ServiceNames } from "./unit.ts";

/** The names of all definitions of an output file; what cannot keep its name is warned of. */
export function nameDefinitions(
  plan: OutputPlan,
  space: NameSpace,
  names: Map<Def, DefNames>,
  options: EmitOptions,
  diagnostics: Diagnostics,
): void {
  const own = new Map(plan.definitions.map((def) => [def, space.claim(def.name)]));
  const holders = new Map([...own].map(([def, name]) => [name, def]));
  const { path } = plan;
  for (const [def, name] of own) {
    if (name !== def.name) reportRenamed(def, name, holders.get(def.name), path, diagnostics);
    switch (def.kind) {
      case "enum":
        names.set(def, { path, name, enumSchema: space.claim(`${name}Schema`) });
        break;
      case "service":
        for (const { def: method, key } of ownMethods(def)) reportKey(def, method, key, diagnostics);
        names.set(def, { path, name, service: serviceNames(def, name, space) });
        break;
      case "struct":
      case "union":
        reportFieldKeys(def, diagnostics);
        names.set(def, {
          path,
          name,
          record: { ...recordNames(name, name, space), extras: extraNames(name, space, options) },
        });
        break;
      case "exception":
        reportFieldKeys(def, diagnostics);
        names.set(def, {
          path,
          name,
          record: {
            ...recordNames(name, space.claim(`${name}Schema`), space),
            extras: extraNames(name, space, options),
          },
        });
        break;
      default:
        names.set(def, { path, name });
    }
  }
}

function reportRenamed(
  def: Def,
  name: string,
  holder: Def | undefined,
  path: string,
  diagnostics: Diagnostics,
): void {
  const why = holder === undefined ? "cannot be a name in TypeScript" : `means something else in ${path}`;
  const related = holder && [place(holder.module.document.source, holder.node.name, "this one")];
  const message = `${def.name} ${why}, so it is ${name}`;
  diagnostics.warning("UT6004", def.module.document.source, def.node.name, message, { related });
}

function reportFieldKeys(def: StructDef, diagnostics: Diagnostics): void {
  for (const { def: field, key } of structShape(def).fields) {
    if (field !== undefined) reportKey(def, field, key, diagnostics);
  }
}

/** Warns of a field or method that is called otherwise in TypeScript. */
function reportKey(owner: Def, { name, node }: FieldDef | MethodDef, key: string, diagnostics: Diagnostics): void {
  if (key === name) return;
  const message = `${name} cannot be a property of ${owner.name} in TypeScript, so it is ${key}`;
  diagnostics.warning("UT6004", owner.module.document.source, node.name, message);
}

function recordNames(type: string, schema: string, space: NameSpace): RecordNames {
  const stem = capitalized(schema);
  return { type, schema, write: space.claim(`write${stem}`), read: space.claim(`read${stem}`) };
}

function extraNames(name: string, space: NameSpace, options: EmitOptions): RecordExtras {
  const stem = capitalized(name);
  return {
    ...(options.deepCopy === true ? { copy: space.claim(`copy${stem}`) } : {}),
    ...(options.equality === true ? { equal: space.claim(`equal${stem}`) } : {}),
    ...(options.fieldMask === true ? { maskType: space.claim(`${name}Mask`), mask: space.claim(`mask${stem}`) } : {}),
  };
}

function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function serviceNames(def: ServiceDef, name: string, space: NameSpace): ServiceNames {
  const handlers = space.claim(`${name}Handlers`);
  const client = space.claim(`${name}Client`);
  const methods = new Map<MethodDef, MethodNames>();
  for (const { def: method, args, result } of ownMethods(def)) {
    const stem = `${name}_${method.name}`;
    const named = (what: string): RecordNames =>
      recordNames(space.claim(`${stem}_${capitalized(what)}`), space.claim(`${stem}_${what}`), space);
    methods.set(method, {
      args: isOneArgument(args) ? undefined : named("args"),
      result: isPlainOutcome(result) ? undefined : named("result"),
    });
  }
  return { schema: name, handlers, client, methods };
}
