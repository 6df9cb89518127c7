/**
 * Compares two versions of an IDL and says which changes break peers or programs that go by the old one.
 *
 * @module
 */
import { sortDiagnostics } from "../diagnostics.ts";
import { reservationsOf, RESERVED_ANNOTATION } from "../lint/reservations.ts";
import type { ConstDef, Def, EnumDef, Module, Program, StructDef } from "../model.ts";
import { FieldComparer } from "./compare_fields.ts";
import { compareServices } from "./compare_services.ts";
import { Distance, TypeComparer, valueKey } from "./compare_types.ts";
import { type KeyOf, match, type Matches } from "./matches.ts";
import { type BreakingFinding, BreakingReport, type FileNames, type Place } from "./report.ts";

/** How files are known and named. */
export interface CompareOptions {
  /** By what a file of the old version is known in both. Default: its path. */
  readonly oldKey?: KeyOf;
  /** By what a file of the new version is known in both. Default: its path. */
  readonly newKey?: KeyOf;
  /** How findings name files. Default: by their paths. */
  readonly names?: FileNames;
}

/** All changes that break something, sorted by place. Both programs were compiled without errors. */
export function compareVersions(old: Program, now: Program, options: CompareOptions = {}): BreakingFinding[] {
  const byPath: KeyOf = (module) => module.path;
  const matches = match(old, now, options.oldKey ?? byPath, options.newKey ?? byPath);
  const names = options.names ?? { old: (path) => path, new: (path) => path };
  const comparison = new Comparison(matches, new BreakingReport(names));
  for (const [module, other] of matches.modules) {
    if (other !== undefined) comparison.namespaces(module, other);
    for (const def of module.definitions) comparison.definition(def);
  }
  return sortDiagnostics(comparison.report.findings);
}

class Comparison {
  readonly report: BreakingReport;
  readonly #matches: Matches;
  readonly #types: TypeComparer;
  readonly #fields: FieldComparer;

  constructor(matches: Matches, report: BreakingReport) {
    this.report = report;
    this.#matches = matches;
    this.#types = new TypeComparer(matches);
    this.#fields = new FieldComparer(this.#types, report);
  }

  namespaces(old: Module, now: Module): void {
    const after = namespacesOf(now);
    for (const [scope, { name, place }] of namespacesOf(old)) {
      const other = after.get(scope) ?? after.get("*");
      if (other?.name === name) continue;
      const message = other === undefined
        ? `namespace ${scope} is gone, which was ${name}`
        : `namespace ${scope} is ${other.name}, which was ${name}`;
      const target = other?.place ?? { module: now, at: { start: 0, end: 0 } };
      this.report.add("namespace-changed", `namespace ${scope}`, place, target, message);
    }
  }

  definition(old: Def): void {
    const now = this.#matches.definition(old);
    const before = placeOf(old);
    if (now === undefined) {
      const rule = old.kind === "service" ? "service-removed" : "definition-removed";
      this.report.add(rule, old.name, before, undefined, `${old.kind} ${old.name} is gone`);
      return;
    }
    const after = placeOf(now);
    if (now.module !== this.#matches.modules.get(old.module)) {
      this.report.add("definition-moved", old.name, before, after, `${old.kind} ${old.name} is in another file`);
    }
    if (isStruct(old) && isStruct(now)) return this.#structs(old, now, before, after);
    if (old.kind === "enum" && now.kind === "enum") return this.#enums(old, now, before, after);
    if (old.kind === "const" && now.kind === "const") return this.#consts(old, now, before, after);
    if (old.kind === "service" && now.kind === "service") {
      return compareServices(old, now, this.#matches, this.#fields, this.report);
    }
    if (old.kind === "typedef" && now.kind === "typedef") {
      if (this.#types.distance(old.type, now.type) === Distance.None) return;
      this.report.add("typedef-changed", old.name, before, after, `typedef ${old.name} stands for another type`);
      return;
    }
    const message = `${old.name} is a definition of kind ${now.kind}, which was ${old.kind}`;
    this.report.add(
      old.kind === "service" ? "service-removed" : "definition-kind-changed",
      old.name,
      before,
      after,
      message,
    );
  }

  #structs(old: StructDef, now: StructDef, before: Place, after: Place): void {
    if (old.kind !== now.kind) {
      const rule = old.kind === "union" || now.kind === "union" ? "union-kind-changed" : "definition-kind-changed";
      this.report.add(rule, old.name, before, after, `${now.kind} ${now.name} was a definition of kind ${old.kind}`);
      if (rule === "union-kind-changed") return;
    }
    const owner = { subject: old.name, kind: old.kind, reserved: reservationsOf(old.node.annotations) };
    this.#fields.compareLists(owner, old, now);
    const used = new Set<number | string>(now.fields.flatMap(({ id, name }) => [id, name]));
    this.#reservations(old, now, before, after, used);
  }

  /** What was reserved has to stay so; what is used instead is told where it is. */
  #reservations(
    old: StructDef | EnumDef,
    now: StructDef | EnumDef,
    before: Place,
    after: Place,
    used: ReadonlySet<number | string>,
  ): void {
    const later = reservationsOf(now.node.annotations);
    const missing = reservationsOf(old.node.annotations).missingIn(later, (what) => used.has(what));
    if (missing.length === 0) return;
    const message = `${missing.join(", ")} of ${now.name} ${missing.length === 1 ? "is" : "are"} no longer reserved`;
    const suggestion = `keep (${RESERVED_ANNOTATION} = "${missing.join(", ")}")`;
    this.report.add("reserved-removed", old.name, before, after, message, suggestion);
  }

  #enums(old: EnumDef, now: EnumDef, whole: Place, newWhole: Place): void {
    const byNumber = new Map(now.members.map((member) => [member.value, member]));
    for (const { name, value, node } of old.members) {
      const sameName = now.byName.get(name);
      const sameNumber = byNumber.get(value);
      const before: Place = { module: old.module, at: node };
      const subject = `${old.name}.${name}`;
      if (sameName !== undefined) {
        if (sameName.value === value) continue;
        const message = `${subject} is ${sameName.value}, which was ${value}`;
        this.report.add(
          "enum-number-changed",
          subject,
          before,
          { module: now.module, at: sameName.node },
          message,
          "keep the number",
        );
      } else if (sameNumber !== undefined) {
        const message = `${value} of ${old.name} is ${sameNumber.name}, which was ${name}`;
        this.report.add("enum-member-renamed", subject, before, { module: now.module, at: sameNumber.node }, message);
      } else {
        this.report.add(
          "enum-member-removed",
          subject,
          before,
          undefined,
          `${name} = ${value} is gone from ${old.name}`,
        );
      }
    }
    const reserved = reservationsOf(old.node.annotations);
    for (const { name, value, node } of reserved.any ? now.members : []) {
      if (old.byName.has(name) || !(reserved.hasNumber(value) || reserved.hasName(name))) continue;
      const what = reserved.hasNumber(value) ? `number ${value}` : `the name ${name}`;
      this.report.add(
        "reserved-used",
        `${old.name}.${name}`,
        undefined,
        { module: now.module, at: node },
        `${what} was reserved`,
      );
    }
    const used = new Set<number | string>(now.members.flatMap(({ name, value }) => [value, name]));
    this.#reservations(old, now, whole, newWhole, used);
  }

  #consts(old: ConstDef, now: ConstDef, before: Place, after: Place): void {
    const sameValue = valueKey(old.value) === valueKey(now.value);
    if (sameValue && this.#types.distance(old.type, now.type) === Distance.None) return;
    const what = sameValue ? "type" : "value";
    this.report.add("const-changed", old.name, before, after, `constant ${old.name} has another ${what}`);
  }
}

function isStruct(def: Def): def is StructDef {
  return def.kind === "struct" || def.kind === "union" || def.kind === "exception";
}

function placeOf(def: Def): Place {
  return { module: def.module, at: def.node.name };
}

/** The namespaces of a file by language; the first one of each counts. */
function namespacesOf(module: Module): Map<string, { readonly name: string; readonly place: Place }> {
  const found = new Map<string, { readonly name: string; readonly place: Place }>();
  for (const node of module.document.headers) {
    if (node.kind !== "namespace" || found.has(node.scope.text)) continue;
    found.set(node.scope.text, { name: node.name.text, place: { module, at: node } });
  }
  return found;
}
