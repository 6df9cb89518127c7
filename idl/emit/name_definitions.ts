/**
 * Gives every definition its names in the file it is generated into.
 *
 * @module
 */
import type { Diagnostics } from "../diagnostics.ts";
import type { Def, MethodDef, ServiceDef } from "../model.ts";
import type { OutputPlan } from "./layout.ts";
import { NameSpace } from "./names.ts";
import type { DefNames, RecordNames, ServiceNames } from "./unit.ts";

/** The names of all definitions of an output file; what cannot keep its name is warned of. */
export function nameDefinitions(
  plan: OutputPlan,
  space: NameSpace,
  names: Map<Def, DefNames>,
  diagnostics: Diagnostics,
): void {
  const defs = plan.modules.flatMap((module) => module.definitions);
  const own = new Map(defs.map((def) => [def, space.claim(def.name)]));
  for (const [def, name] of own) {
    if (name !== def.name) {
      const message = `${def.name} cannot be a name in TypeScript here, so it is ${name}`;
      diagnostics.warning("UT6004", def.module.document.source, def.node.name, message);
    }
    const { path } = plan;
    switch (def.kind) {
      case "enum":
        names.set(def, { path, name, enumSchema: space.claim(`${name}Schema`) });
        break;
      case "service":
        names.set(def, { path, name, service: serviceNames(def, name, space) });
        break;
      case "struct":
      case "union":
        names.set(def, { path, name, record: recordNames(name, name, space) });
        break;
      case "exception":
        names.set(def, { path, name, record: recordNames(name, space.claim(`${name}Schema`), space) });
        break;
      default:
        names.set(def, { path, name });
    }
  }
}

function recordNames(type: string, schema: string, space: NameSpace): RecordNames {
  const stem = schema.slice(0, 1).toUpperCase() + schema.slice(1);
  return { type, schema, write: space.claim(`write${stem}`), read: space.claim(`read${stem}`) };
}

function serviceNames(def: ServiceDef, name: string, space: NameSpace): ServiceNames {
  const handlers = space.claim(`${name}Handlers`);
  const client = space.claim(`${name}Client`);
  const methods = new Map<MethodDef, { args: RecordNames; result: RecordNames }>();
  for (const method of def.methods) {
    const stem = `${name}_${method.name}`;
    const args = recordNames(space.claim(`${stem}_Args`), space.claim(`${stem}_args`), space);
    const result = recordNames(space.claim(`${stem}_Result`), space.claim(`${stem}_result`), space);
    methods.set(method, { args, result });
  }
  return { schema: name, handlers, client, methods };
}
