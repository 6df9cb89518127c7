/**
 * From IDL files to a checked program: load, declare, resolve, evaluate, check.
 *
 * All of it runs on every input, so that one run reports everything that is wrong.
 *
 * @module
 */
import { checkContainment, evaluateDefaults } from "./check_structs.ts";
import { declare } from "./declare.ts";
import { defineFields } from "./define_fields.ts";
import { defineServices } from "./define_services.ts";
import { Diagnostics, type Outcome, sortDiagnostics } from "./diagnostics.ts";
import { evaluateConstants, Evaluator } from "./evaluate.ts";
import { type FileSet, load, type LoadOptions, type SourceReader } from "./load.ts";
import type { Program } from "./model.ts";
import { resolveType, resolveTypedefs } from "./resolve_types.ts";

/**
 * Compiles files and everything they include. The program is whole only if no diagnostic is an error; diagnostics are
 * sorted by place. Rejects only if `reader` does.
 */
export async function compile(
  paths: readonly string[],
  reader: SourceReader,
  options: LoadOptions = {},
): Promise<Outcome<Program>> {
  const loaded = await load(paths, reader, options);
  const checked = check(loaded.value);
  return { value: checked.value, diagnostics: sortDiagnostics([...loaded.diagnostics, ...checked.diagnostics]) };
}

/** Resolves and checks loaded files. */
export function check(files: FileSet): Outcome<Program> {
  const diagnostics = new Diagnostics();
  const program = declare(files, diagnostics);
  resolveTypedefs(program, diagnostics);
  for (const module of program.modules) {
    for (const def of module.definitions) {
      if (def.kind === "const") def.type = resolveType(module, def.node.type, diagnostics);
      if (def.kind !== "struct" && def.kind !== "union" && def.kind !== "exception") continue;
      const owner = { kind: def.kind, name: `${def.kind} ${def.name}` };
      def.fields.push(...defineFields(module, def.node.fields, owner, diagnostics));
    }
  }
  defineServices(program, diagnostics);
  const evaluator = new Evaluator(diagnostics);
  evaluateConstants(program, evaluator, diagnostics);
  evaluateDefaults(program, evaluator, diagnostics);
  checkContainment(program, diagnostics);
  warnOfUnusedIncludes(program, diagnostics);
  return { value: program, diagnostics: diagnostics.list };
}

function warnOfUnusedIncludes(program: Program, diagnostics: Diagnostics): void {
  for (const module of program.modules) {
    for (const include of module.includes) {
      if (include.used) continue;
      const { source } = module.document;
      diagnostics.warning("UT2004", source, include.node, `nothing uses ${include.node.path.raw}`, {
        suggestion: "remove the include",
      });
    }
  }
}
