/**
 * What an editor may offer at a place: words of the grammar, names in scope, annotations, members, fields.
 *
 * @module
 */
import { BASE_TYPE_NAMES } from "../declare.ts";
import { Diagnostics } from "../diagnostics.ts";
import { describeType, sameType } from "../describe_type.ts";
import { docOf } from "../doc_comments.ts";
import { type Def, type Module, type PlainType, plainType, type StructDef, type Type } from "../model.ts";
import { resolveType } from "../resolve_types.ts";
import type { AnnotationPlace } from "../wanted.ts";
import { KNOWN_ANNOTATIONS, knownAnnotation } from "./annotations.ts";
import { type CompletionContext, completionContext, type ValueStep } from "./completion_context.ts";
import { CONTAINERS, LANGUAGES } from "./keywords.ts";

/** What an item is. */
export type ItemKind =
  | "keyword"
  | "type"
  | Def["kind"]
  | "member"
  | "field"
  | "annotation"
  | "value"
  | "file"
  | "folder";

/** Something that may be typed. */
export interface CompletionItem {
  /** What is shown, and typed unless `insert` says otherwise. */
  readonly label: string;
  /** What it is. */
  readonly kind: ItemKind;
  /** What to type. */
  readonly insert?: string;
  /** More about it, in a few words. */
  readonly detail?: string;
  /** What its comment says. */
  readonly doc?: string;
}

/** What may be typed at a place. */
export interface Completion {
  /** Offset of the text that an item replaces. */
  readonly start: number;
  /** Offset after it. */
  readonly end: number;
  /** What is there already, before the place. */
  readonly typed: string;
  /** The items; for the path of an include there are none, the files are not known here. */
  readonly items: readonly CompletionItem[];
  /** Is the path of a file wanted? */
  readonly wantsPath: boolean;
}

/** Words that are taken but should not be offered. */
const UNOFFERED: ReadonlySet<string> = new Set(["async", "cpp_type", "cpp_include"]);

/** What may be typed at an offset of a module's text; `undefined` where nothing can be offered. */
export function complete(module: Module, offset: number): Completion | undefined {
  const context = completionContext(module.document.source.text, offset);
  if (context === undefined) return undefined;
  const { start, end, typed, quoted, wanted } = context;
  const { pieces } = wanted;
  const items: CompletionItem[] = [];
  if (!quoted) {
    for (const word of wanted.words) {
      if (!UNOFFERED.has(word)) items.push({ label: word, kind: "keyword" });
    }
  }
  if (pieces.has("value")) items.push(...values(module, context));
  if (pieces.has("annotation value")) items.push(...annotationValues(context));
  if (!quoted) {
    if (pieces.has("type")) items.push(...types(module, context));
    if (pieces.has("service")) items.push(...namesInScope(module, (def) => def.kind === "service"));
    if (pieces.has("language")) items.push(...LANGUAGES.map((label) => ({ label, kind: "keyword" as const })));
    if (pieces.has("annotation")) items.push(...annotations(wanted.annotated));
  }
  return { start, end, typed, items, wantsPath: quoted && pieces.has("path") };
}

function types(module: Module, { back }: CompletionContext): CompletionItem[] {
  if (back.wordBeforeParenthesis() === "throws") return namesInScope(module, (def) => def.kind === "exception");
  return [
    ...BASE_TYPE_NAMES.map((label) => ({ label, kind: "type" as const })),
    ...CONTAINERS.map((label) => ({ label, kind: "type" as const, insert: `${label}<` })),
    ...namesInScope(module, (def) => def.kind !== "const" && def.kind !== "service"),
  ];
}

/** The definitions of the file, then those of included ones with their prefix. */
function namesInScope(module: Module, wanted: (def: Def) => boolean): CompletionItem[] {
  const items = module.definitions.filter(wanted).map((def) => definitionItem(def, def.name));
  for (const { prefix, module: included } of module.includes) {
    for (const def of included.definitions) if (wanted(def)) items.push(definitionItem(def, `${prefix}.${def.name}`));
  }
  return items;
}

function definitionItem(def: Def, label: string): CompletionItem {
  const detail = def.kind === "typedef" || def.kind === "const" ? `${def.kind} ${describeType(def.type)}` : def.kind;
  return withDoc({ label, kind: def.kind, detail }, def.module, def.node);
}

function withDoc(item: CompletionItem, module: Module, node: { start: number; end: number }): CompletionItem {
  const doc = docOf(module.document, node);
  return doc === undefined ? item : { ...item, doc };
}

function annotations(on: AnnotationPlace | undefined): CompletionItem[] {
  return KNOWN_ANNOTATIONS.filter((each) => on !== undefined && each.places.includes(on)).map((each) => ({
    label: each.key,
    kind: "annotation",
    insert: `${each.key} = "`,
    doc: each.help,
  }));
}

function annotationValues({ back, quoted }: CompletionContext): CompletionItem[] {
  const known = knownAnnotation(back.keyBefore() ?? "");
  return (known?.values ?? []).map((label) => ({ label, kind: "value", insert: quoted ? label : `"${label}"` }));
}

function values(module: Module, { wanted, back, quoted }: CompletionContext): CompletionItem[] {
  if (wanted.type === undefined) return [];
  const target = partOf(resolveType(module, wanted.type, new Diagnostics()), back.valuePath());
  if (target === undefined) return [];
  if (target.fieldsOf !== undefined) return fieldNames(target.fieldsOf, quoted);
  return quoted ? [] : valuesOf(module, plainType(target.type));
}

/** The type at the end of a path into a value; or the struct whose field is to be named. */
function partOf(
  type: Type,
  path: readonly ValueStep[],
): { readonly type: Type; readonly fieldsOf?: StructDef } | undefined {
  let at = type;
  for (const step of path) {
    const plain = plainType(at);
    if (step.kind === "item") {
      if (plain.kind !== "list" && plain.kind !== "set") return undefined;
      at = plain.element;
    } else if (plain.kind === "map") {
      at = step.kind === "key" ? plain.key : plain.value;
    } else if (plain.kind === "struct") {
      if (step.kind === "key") return { type: at, fieldsOf: plain.def };
      const field = plain.def.fields.find((each) => each.name === step.key);
      if (field === undefined) return undefined;
      at = field.type;
    } else {
      return undefined;
    }
  }
  return { type: at };
}

function fieldNames(def: StructDef, quoted: boolean): CompletionItem[] {
  return def.fields.map((field) =>
    withDoc(
      {
        label: field.name,
        kind: "field",
        insert: quoted ? field.name : `"${field.name}": `,
        detail: describeType(field.type),
      },
      def.module,
      field.node,
    )
  );
}

function valuesOf(module: Module, target: PlainType): CompletionItem[] {
  const items: CompletionItem[] = [];
  if (target.kind === "bool") items.push({ label: "true", kind: "value" }, { label: "false", kind: "value" });
  if (target.kind === "enum") {
    const name = nameFrom(module, target.def);
    if (name !== undefined) {
      for (const member of target.def.members) {
        const item = { label: `${name}.${member.name}`, kind: "member" as const, detail: `${member.value}` };
        items.push(withDoc(item, target.def.module, member.node));
      }
    }
  }
  return [...items, ...namesInScope(module, (def) => def.kind === "const" && sameType(def.type, target))];
}

/** How a module names a definition; `undefined` if it does not include its file. */
function nameFrom(module: Module, def: Def): string | undefined {
  if (def.module === module) return def.name;
  const include = module.includes.find((each) => each.module === def.module);
  return include && `${include.prefix}.${def.name}`;
}
