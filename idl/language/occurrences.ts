/**
 * Every place of a program where a named thing is defined or referred to.
 *
 * A reference with dots is one occurrence a part: `base.Color.RED` leads to the file, to the enum and to its member.
 *
 * @module
 */
import type { AnnotationNode, FieldNode, FunctionNode, ServiceNode, TypeNode, ValueNode } from "../ast.ts";
import { BASE_TYPE_NAMES } from "../declare.ts";
import type { Span } from "../diagnostics.ts";
import {
  type Def,
  type EnumDef,
  type Module,
  plainType,
  type Program,
  type ServiceDef,
  type StructDef,
  type Type,
} from "../model.ts";
import { findDefinition, meaningsOf, memberMeant, splitName } from "../references.ts";
import { type FieldList, identityOf, type Named } from "./symbols.ts";

/** A place where a named thing is written. */
export interface Occurrence extends Span {
  /** What is named. */
  readonly named: Named;
  /** Is it where the thing is defined? */
  readonly defines: boolean;
}

/** The occurrences of a program; each module's are found when first asked for. */
export class Occurrences {
  readonly #modules = new Map<Module, readonly Occurrence[]>();

  /** All of a module, in the order of the text. */
  of(module: Module): readonly Occurrence[] {
    let list = this.#modules.get(module);
    if (list === undefined) this.#modules.set(module, list = new Finder(module).find());
    return list;
  }

  /** The one at an offset, its end included; no two of them touch. */
  at(module: Module, offset: number): Occurrence | undefined {
    return this.of(module).find((each) => each.start <= offset && offset <= each.end);
  }

  /** All occurrences of a thing in the modules of a program. */
  *everywhere(program: Program, named: Named): Generator<Occurrence & { readonly module: Module }> {
    const identity = identityOf(named);
    for (const module of program.modules) {
      for (const each of this.of(module)) if (identityOf(each.named) === identity) yield { ...each, module };
    }
  }
}

class Finder {
  readonly #module: Module;
  readonly #found: Occurrence[] = [];

  constructor(module: Module) {
    this.#module = module;
  }

  find(): readonly Occurrence[] {
    for (const { node, module } of this.#module.includes) {
      // without the quotes
      this.#add({ start: node.path.start + 1, end: node.path.end - 1 }, { kind: "file", module });
    }
    for (const node of this.#module.document.definitions) {
      const def = this.#module.scope.get(node.name.text);
      // a name that is defined twice means its first definition
      if (def?.node === node) this.#definition(def);
    }
    return this.#found.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #add(at: Span, named: Named, defines = false): void {
    this.#found.push({ start: at.start, end: at.end, named, defines });
  }

  #definition(def: Def): void {
    const module = this.#module;
    this.#add(def.node.name, { kind: "definition", module, def }, true);
    switch (def.kind) {
      case "const":
        this.#type(def.node.type);
        return this.#value(def.node.value, def.type);
      case "typedef":
        return this.#type(def.node.type);
      case "enum":
        for (const node of def.node.members) this.#add(node.name, { kind: "member", module, def, node }, true);
        return;
      case "service":
        return this.#service(def, def.node);
      default: {
        const types = new Map<FieldNode, Type>(def.fields.map((field) => [field.node, field.type]));
        this.#fields(def.node.fields, { kind: "fields", def }, types);
        for (const { annotations } of [def.node, ...def.node.fields]) this.#rules(annotations, def);
      }
    }
  }

  #service(def: ServiceDef, node: ServiceNode): void {
    if (node.base !== undefined) this.#reference(node.base);
    const methods = new Map(def.methods.map((method) => [method.node, method]));
    for (const method of node.functions) {
      this.#add(method.name, { kind: "method", module: this.#module, def, node: method }, true);
      if (method.returns !== undefined) this.#type(method.returns);
      const types = new Map<FieldNode, Type>();
      for (const field of methods.get(method)?.args ?? []) types.set(field.node, field.type);
      this.#parameters(method, def, types);
    }
  }

  #parameters(method: FunctionNode, def: ServiceDef, types: ReadonlyMap<FieldNode, Type>): void {
    this.#fields(method.args, { kind: "args", def, method }, types);
    this.#fields(method.throws, { kind: "throws", def, method }, types);
  }

  #fields(nodes: readonly FieldNode[], owner: FieldList, types: ReadonlyMap<FieldNode, Type>): void {
    for (const node of nodes) {
      this.#add(node.name, { kind: "field", module: this.#module, owner, node }, true);
      this.#type(node.type);
      if (node.default !== undefined) this.#value(node.default, types.get(node));
    }
  }

  /** Rules of the validator name other fields of the struct: `$count`. */
  #rules(annotations: readonly AnnotationNode[], def: StructDef): void {
    for (const { key, value } of annotations) {
      if (value === undefined || !key.text.startsWith("vt.")) continue;
      for (const { index, 1: name = "" } of value.raw.matchAll(/\$([A-Za-z_]\w*)/g)) {
        const start = value.start + 1 + index + 1;
        this.#field({ start, end: start + name.length }, name, def);
      }
    }
  }

  #type(node: TypeNode): void {
    if (node.key !== undefined) this.#type(node.key);
    if (node.element !== undefined) this.#type(node.element);
    else if (!BASE_TYPE_NAMES.includes(node.name.text)) this.#reference(node.name);
  }

  /** A name of a definition, behind the prefix of an include or not. */
  #reference(node: Span & { readonly text: string }): void {
    const def = findDefinition(this.#module, node);
    const { prefix, name } = splitName(node.text);
    const nameStart = node.end - name.length;
    if (prefix !== undefined) this.#file({ start: node.start, end: nameStart - 1 }, prefix, def?.module);
    if (def !== undefined) {
      this.#add({ start: nameStart, end: node.end }, { kind: "definition", module: def.module, def });
    }
  }

  /** The prefix of an include; of several includes of one prefix, the one of `module`. */
  #file(at: Span, prefix: string, module: Module | undefined): void {
    const file = module ?? this.#module.byPrefix.get(prefix)?.[0]?.module;
    if (file !== undefined) this.#add(at, { kind: "file", module: file });
  }

  #value(node: ValueNode, type: Type | undefined): void {
    const target = type && plainType(type);
    switch (node.kind) {
      case "identifier":
        return this.#named(node, target?.kind === "enum" ? target.def : undefined);
      case "list": {
        const element = target?.kind === "list" || target?.kind === "set" ? target.element : undefined;
        for (const item of node.items) this.#value(item, element);
        return;
      }
      case "map":
        for (const { key, value } of node.entries) {
          if (target?.kind === "struct") this.#value(value, this.#fieldOf(key, target.def));
          else {
            this.#value(key, target?.kind === "map" ? target.key : undefined);
            this.#value(value, target?.kind === "map" ? target.value : undefined);
          }
        }
        return;
    }
  }

  /** The field that a key of a struct's value names; gives its type. */
  #fieldOf(key: ValueNode, def: StructDef): Type | undefined {
    if (key.kind !== "literal") return undefined;
    return this.#field({ start: key.start + 1, end: key.end - 1 }, key.raw, def);
  }

  #field(at: Span, name: string, def: StructDef): Type | undefined {
    const field = def.fields.find((each) => each.name === name);
    if (field === undefined) return undefined;
    this.#add(at, { kind: "field", module: def.module, owner: { kind: "fields", def }, node: field.node });
    return field.type;
  }

  /** A constant or an enum member. */
  #named(node: Span & { readonly text: string }, wanted: EnumDef | undefined): void {
    if (node.text === "true" || node.text === "false") return;
    const [meaning] = meaningsOf(this.#module, node.text);
    const { prefix, name } = splitName(node.text);
    const nameStart = node.end - name.length;
    const last = { start: nameStart, end: node.end };
    if (meaning?.kind === "const") {
      const { def } = meaning;
      this.#add(last, { kind: "definition", module: def.module, def });
      if (prefix !== undefined) this.#file({ start: node.start, end: nameStart - 1 }, prefix, def.module);
      return;
    }
    const member = meaning?.member ?? (wanted && memberMeant(this.#module, node.text, wanted));
    const def = meaning?.def ?? wanted;
    if (member === undefined || def === undefined) return;
    this.#add(last, { kind: "member", module: def.module, def, node: member.node });
    // the enum itself, or a typedef of it, is named like any type
    if (meaning !== undefined && prefix !== undefined) {
      this.#reference({ text: prefix, start: node.start, end: nameStart - 1 });
    }
  }
}
