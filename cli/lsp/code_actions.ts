/**
 * Code actions: quick fixes of what was found, all fixes of lint rules at once, and includes that nothing uses.
 *
 * @module
 */
import { quickFixes, removeLines } from "../../idl/language/quick_fixes.ts";
import { fixesOf } from "../../idl/lint/lint.ts";
import type { Edit } from "../../idl/lint/rule.ts";
import { toDiagnostic } from "./answers.ts";
import type { Asked, FeatureHost } from "./features.ts";
import { objectOrNone, type Params, rangeOf, textsOf } from "./params.ts";
import { toOffset, toRange } from "./positions.ts";

/** What is offered, in the words of the protocol. */
export const CODE_ACTION_KINDS: readonly string[] = ["quickfix", "source.organizeImports", "source.fixAll"];

type File = Omit<Asked, "offset">;

/** Answers `textDocument/codeAction`. */
export async function codeActionsOf(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const file = await server.opened(params, signal);
  const { source } = file.module.document;
  const range = rangeOf(params.range);
  const [from, to] = [toOffset(source, range.start), toOffset(source, range.end)];
  const context = objectOrNone(params.context, "context");
  const only = context.only === undefined ? undefined : textsOf(context, "only");
  const wants = (kind: string): boolean =>
    only === undefined || only.some((each) => kind === each || kind.startsWith(`${each}.`));
  const own = file.compiled.diagnostics.filter((each) => each.file === file.module.path);
  const actions: unknown[] = [];
  if (wants("quickfix")) {
    for (const diagnostic of own) {
      if (diagnostic.start > to || diagnostic.end < from) continue;
      const told = toDiagnostic(diagnostic, (path) => server.uriOf(file.project.absolute(path)));
      for (const { title, edits, preferred } of quickFixes(file.module, diagnostic)) {
        const edit = editOf(server, file, edits);
        actions.push({ title, kind: "quickfix", diagnostics: [told], edit, isPreferred: preferred });
      }
    }
  }
  // of the whole file only where it is asked for: not in the menu of every mistake
  const all = (kind: string, title: string, edits: readonly Edit[]): void => {
    if (only !== undefined && wants(kind) && edits.length > 0) {
      actions.push({ title, kind, edit: editOf(server, file, edits) });
    }
  };
  const unused = own.filter(({ code }) => code === "UT2004").map((each) => removeLines(source.text, each));
  all("source.organizeImports", "Remove includes that nothing uses", unused);
  const findings = file.compiled.findings.filter((each) => each.file === file.module.path);
  all("source.fixAll", "Mend all that lint rules can", fixesOf(findings));
  return actions;
}

function editOf(server: FeatureHost, { project, module }: File, edits: readonly Edit[]): unknown {
  const { source } = module.document;
  const changes = edits.map((edit) => ({ range: toRange(source, edit), newText: edit.text }));
  return { changes: { [server.uriOf(project.absolute(module.path))]: changes } };
}
