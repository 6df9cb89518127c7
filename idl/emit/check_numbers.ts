/**
 * Finds constants that i64s held as numbers cannot hold exactly.
 *
 * @module
 */
import type { Span } from "../diagnostics.ts";
import { type Diagnostics } from "../diagnostics.ts";
import { int64Held } from "../js_values.ts";
import { type Module, plainType, type Program, type Type, type Value } from "../model.ts";
import type { EmitOptions } from "./options.ts";

/** Reports constants and defaults whose i64 is held as a number and is not a safe integer. */
export function checkNumbers(program: Program, options: EmitOptions, diagnostics: Diagnostics): void {
  const check = (module: Module, at: Span, value: Value | undefined, type: Type): void => {
    const unsafe = value && findUnsafe(value, type, options);
    if (unsafe === undefined) return;
    diagnostics.error("UT6003", module.document.source, at, `${unsafe} is more than a number holds exactly`, {
      suggestion: 'hold it as a bigint or a string: (js.type = "bigint")',
    });
  };
  for (const module of program.modules) {
    for (const def of module.definitions) {
      if (def.kind === "const") check(module, def.node.value, def.value, def.type);
      const fields = def.kind === "service"
        ? def.methods.flatMap((method) => method.args)
        : def.kind === "struct" || def.kind === "union" || def.kind === "exception"
        ? def.fields
        : [];
      for (const field of fields) check(module, field.node, field.default, field.type);
    }
  }
}

function findUnsafe(value: Value, type: Type, options: EmitOptions): bigint | undefined {
  const plain = plainType(type);
  if (value.kind === "int") {
    const isNumber = plain.kind === "i64" && int64Held(plain, options) === "number";
    return isNumber && !Number.isSafeInteger(Number(value.value)) ? value.value : undefined;
  }
  if ((value.kind === "list" || value.kind === "set") && (plain.kind === "list" || plain.kind === "set")) {
    return first(value.items, (item) => findUnsafe(item, plain.element, options));
  }
  if (value.kind === "map" && plain.kind === "map") {
    return first(
      value.entries,
      ([key, item]) => findUnsafe(key, plain.key, options) ?? findUnsafe(item, plain.value, options),
    );
  }
  if (value.kind === "struct") {
    return first(value.fields, ([field, item]) => findUnsafe(item, field.type, options));
  }
  return undefined;
}

function first<T>(items: Iterable<T>, find: (item: T) => bigint | undefined): bigint | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
