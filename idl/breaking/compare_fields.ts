/**
 * Compares lists of fields: of structs, unions and exceptions, arguments, declared exceptions.
 *
 * @module
 */
import type { AnnotationNode } from "../ast.ts";
import { describeType } from "../describe_type.ts";
import { type Reservations, reservationsOf, RESERVED_ANNOTATION } from "../lint/reservations.ts";
import { annotationsOf, type FieldDef, type Module, type Type } from "../model.ts";
import { defaultKey, Distance, type TypeComparer } from "./compare_types.ts";
import type { BreakingReport, Place } from "./report.ts";

/** Fields of one version. */
export interface FieldList {
  /** The file. */
  readonly module: Module;
  /** The fields. */
  readonly fields: readonly FieldDef[];
}

/** What the fields belong to. */
export interface FieldListOwner {
  /** How findings name it. */
  readonly subject: string;
  /** What kind of list it is. */
  readonly kind: "struct" | "union" | "exception" | "args" | "throws";
  /** What the old version reserved. */
  readonly reserved: Reservations;
}

/** Nothing is reserved among arguments and declared exceptions. */
export const NOTHING_RESERVED: Reservations = reservationsOf([]);

/** Compares fields. */
export class FieldComparer {
  readonly #types: TypeComparer;
  readonly #report: BreakingReport;

  /** Reports to `report`. */
  constructor(types: TypeComparer, report: BreakingReport) {
    this.#types = types;
    this.#report = report;
  }

  /** Compares two lists. */
  compareLists(owner: FieldListOwner, old: FieldList, now: FieldList): void {
    const newById = new Map(now.fields.map((field) => [field.id, field]));
    const newByName = new Map(now.fields.map((field) => [field.name, field]));
    const oldByName = new Map(old.fields.map((field) => [field.name, field]));
    const known = new Set<FieldDef>();
    for (const field of old.fields) {
      const sameId = newById.get(field.id);
      const sameName = newByName.get(field.name);
      const place = placeOf(old.module, field);
      const subject = `${owner.subject}.${field.name}`;
      if (sameId !== undefined && (sameId === sameName || this.#isRenamed(field, sameId, sameName, oldByName))) {
        known.add(sameId);
        if (sameId !== sameName) this.#renamed(subject, place, field, placeOf(now.module, sameId), sameId);
        this.compareOne(subject, old.module, field, now.module, sameId);
        continue;
      }
      if (sameName !== undefined) {
        known.add(sameName);
        const message = `${field.name} has id ${sameName.id}, which was ${field.id}`;
        this.#report.add("field-renumbered", subject, place, placeOf(now.module, sameName), message, "keep the id");
        this.compareOne(subject, old.module, field, now.module, sameName);
      } else {
        this.#removed(owner, subject, place, field, sameId);
      }
      if (sameId !== undefined && !oldByName.has(sameId.name)) {
        known.add(sameId);
        const message = `id ${field.id} was ${field.name}, of type ${
          describeType(field.type)
        }, and is ${sameId.name} now`;
        const target = placeOf(now.module, sameId);
        this.#report.add("field-id-reused", `${owner.subject}.${sameId.name}`, place, target, message, "take a new id");
      }
    }
    const oldIds = new Set(old.fields.map((field) => field.id));
    for (const field of now.fields) {
      this.#reserved(owner, now.module, field, !oldIds.has(field.id), !oldByName.has(field.name));
      if (!known.has(field)) this.#added(owner, now.module, field);
    }
  }

  /** Compares a field that is in both versions. */
  compareOne(subject: string, oldModule: Module, old: FieldDef, newModule: Module, now: FieldDef): void {
    const before = placeOf(oldModule, old);
    const after = placeOf(newModule, now);
    if (old.requiredness !== now.requiredness) {
      const isWire = old.requiredness === "required" || now.requiredness === "required";
      const rule = isWire ? "field-required-changed" : "field-optional-changed";
      const message = `${now.name} is ${describe(now)}, which was ${describe(old)}`;
      this.#report.add(rule, subject, before, after, message);
    }
    this.compareTypes(subject, old.type, before, now.type, after);
    if ((old.default ?? now.default) !== undefined && defaultKey(old) !== defaultKey(now)) {
      this.#report.add("default-changed", subject, before, after, `${now.name} has another default`);
    }
    const [oldName, newName] = [tagName(old), tagName(now)];
    if ((oldName ?? old.name) !== (newName ?? now.name) && (oldName !== undefined || newName !== undefined)) {
      const message = `${now.name} is ${newName ?? now.name} in JSON, which was ${oldName ?? old.name}`;
      this.#report.add("http-binding-changed", subject, before, after, message);
    }
    this.compareBindings(subject, old.node.annotations, before, now.node.annotations, after);
  }

  /** Compares the types of a field or a result. */
  compareTypes(subject: string, old: Type, before: Place, now: Type, after: Place): void {
    const distance = this.#types.distance(old, now);
    if (distance === Distance.None) return;
    const rule = distance === Distance.Wire
      ? "field-type-wire"
      : distance === Distance.Json
      ? "field-type-json"
      : "field-type-source";
    const [was, is] = [describeType(old), describeType(now)];
    const message = was === is ? `the type is ${is} with another js.type` : `the type is ${is}, which was ${was}`;
    const suggestion = distance === Distance.Wire ? "add a field of the new type under a new id" : undefined;
    this.#report.add(rule, subject, before, after, message, suggestion);
  }

  /** Compares the annotations that bind a field, method or service to HTTP. */
  compareBindings(
    subject: string,
    old: readonly AnnotationNode[],
    before: Place,
    now: readonly AnnotationNode[],
    after: Place,
  ): void {
    const newValues = annotationsOf(now);
    for (const [key, values] of annotationsOf(old)) {
      if (!key.startsWith("api.")) continue;
      const value = values.join(", ");
      const other = newValues.get(key)?.join(", ");
      if (value === other) continue;
      const message = other === undefined
        ? `annotation ${key} is gone, which was ${JSON.stringify(value)}`
        : `annotation ${key} is ${JSON.stringify(other)}, which was ${JSON.stringify(value)}`;
      this.#report.add("http-binding-changed", subject, before, after, message);
    }
  }

  /** Another name for the same id is a new name of the field, if neither name is elsewhere and the type fits. */
  #isRenamed(
    field: FieldDef,
    sameId: FieldDef,
    sameName: FieldDef | undefined,
    oldByName: ReadonlyMap<string, FieldDef>,
  ): boolean {
    return sameName === undefined && !oldByName.has(sameId.name) &&
      this.#types.distance(field.type, sameId.type) < Distance.Wire;
  }

  #renamed(subject: string, before: Place, old: FieldDef, after: Place, now: FieldDef): void {
    const message = `field ${old.id} is ${now.name}, which was ${old.name}`;
    this.#report.add(
      "field-renamed",
      subject,
      before,
      after,
      message,
      `if ${now.name} is another field, give it another id`,
    );
  }

  #removed(
    owner: FieldListOwner,
    subject: string,
    place: Place,
    field: FieldDef,
    sameId: FieldDef | undefined,
  ): void {
    const isStruct = owner.kind !== "args" && owner.kind !== "throws";
    const suggestion = isStruct && sameId === undefined
      ? `keep its id from being used again: annotate ${owner.subject} with (${RESERVED_ANNOTATION} = "${field.id}")`
      : undefined;
    const rule = field.requiredness === "required"
      ? "required-field-removed"
      : owner.kind === "union"
      ? "union-member-removed"
      : "field-removed";
    this.#report.add(rule, subject, place, undefined, `${field.name} is gone from ${owner.subject}`, suggestion);
  }

  /** Reports an id or a name that is new and was reserved: of a new field, or of one that had another. */
  #reserved(owner: FieldListOwner, module: Module, field: FieldDef, isNewId: boolean, isNewName: boolean): void {
    const report = (message: string, suggestion?: string): void =>
      this.#report.add(
        "reserved-used",
        `${owner.subject}.${field.name}`,
        undefined,
        placeOf(module, field),
        message,
        suggestion,
      );
    if (isNewId && owner.reserved.hasNumber(field.id)) report(`id ${field.id} was reserved`, "take a new id");
    else if (isNewName && owner.reserved.hasName(field.name)) report(`the name ${field.name} was reserved`);
  }

  #added(owner: FieldListOwner, module: Module, field: FieldDef): void {
    const subject = `${owner.subject}.${field.name}`;
    const place = placeOf(module, field);
    const report = (rule: Parameters<BreakingReport["add"]>[0], message: string, suggestion?: string): void =>
      this.#report.add(rule, subject, undefined, place, message, suggestion);
    if (field.requiredness === "required") {
      report("required-field-added", `${field.name} is new and required`, "make it optional");
    } else if (owner.kind === "args") report("argument-added", `argument ${field.name} is new`);
    else if (owner.kind === "throws") report("exception-added", `exception ${field.name} is new`);
  }
}

/** The name that `go.tag` gives a field in JSON: Kitex and Hertz go by it. */
function tagName({ node }: FieldDef): string | undefined {
  for (const tag of annotationsOf(node.annotations).get("go.tag") ?? []) {
    const name = /(?:^|\s)json:"([^",]+)/.exec(tag.replaceAll('\\"', '"'))?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

function placeOf(module: Module, field: FieldDef): Place {
  return { module, at: field.node };
}

function describe({ requiredness }: FieldDef): string {
  return requiredness === "default" ? "neither required nor optional" : requiredness;
}
