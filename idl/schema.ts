/**
 * Schemas of a compiled IDL, built at run time: the same that generated code carries, for generic calls and reflection.
 *
 * @module
 */
import type { MethodSchema, ServiceSchema } from "../lib/schema/service.ts";
import type { Annotations, EnumSchema, FieldSchema, StructSchema, TypeSchema } from "../lib/schema/types.ts";
import { int64Held, mapHeld, toJsValue, type ValueOptions } from "./js_values.ts";
import {
  type AnnotationMap,
  annotationsOf,
  type Def,
  type EnumDef,
  type Module,
  plainType,
  type Program,
  type ServiceDef,
  type StructDef,
  type Type,
  type Value,
} from "./model.ts";
import { allMethods, type FieldShape, mayBeAbsent, type MethodShape, type RecordShape, structShape } from "./shapes.ts";

/** An exception of an IDL known only at run time: an `Error` with the exception's fields. */
export class SchemaException extends Error {
  /** Name in the IDL. */
  override readonly name: string;
  /** What the IDL says about it. */
  readonly schema: StructSchema;
  /** The fields by key; the instance has them as properties as well. */
  readonly fields: Readonly<Record<string, unknown>>;

  /** Makes one from its fields' values. */
  constructor(schema: StructSchema, fields: Record<string, unknown>) {
    super(typeof fields.message === "string" ? fields.message : "");
    this.name = schema.name;
    this.schema = schema;
    this.fields = fields;
    for (const { key } of schema.fields) {
      Object.defineProperty(this, key, { value: fields[key], enumerable: true, configurable: true, writable: true });
    }
  }
}

/** The schemas of a program without errors. Each is made when first asked for, and then always the same. */
export class SchemaSet {
  readonly #program: Program;
  readonly #options: ValueOptions;
  readonly #structs = new Map<StructDef, StructSchema>();
  readonly #enums = new Map<EnumDef, EnumSchema>();
  readonly #services = new Map<ServiceDef, ServiceSchema>();

  /** Takes a program; `options` as for generated code. */
  constructor(program: Program, options: ValueOptions = {}) {
    this.#program = program;
    this.#options = options;
  }

  /** The services of the files asked for, in order. */
  get services(): readonly ServiceSchema[] {
    const defs = this.#program.mains.flatMap((module) => module.definitions.filter((def) => def.kind === "service"));
    return defs.map((def) => this.#service(def));
  }

  /** A service by its name (`prefix.Name` in an included file), or `undefined`. */
  service(name: string): ServiceSchema | undefined {
    const def = this.#find(name);
    return def?.kind === "service" ? this.#service(def) : undefined;
  }

  /** A struct, union or exception by its name, or `undefined`; typedefs are seen through. */
  struct(name: string): StructSchema | undefined {
    const def = this.#find(name);
    if (def?.kind === "struct" || def?.kind === "union" || def?.kind === "exception") return this.#struct(def);
    const type = def?.kind === "typedef" ? plainType(def.type) : undefined;
    return type?.kind === "struct" ? this.#struct(type.def) : undefined;
  }

  /** An enum by its name, or `undefined`; typedefs are seen through. */
  enum(name: string): EnumSchema | undefined {
    const def = this.#find(name);
    if (def?.kind === "enum") return this.#enum(def);
    const type = def?.kind === "typedef" ? plainType(def.type) : undefined;
    return type?.kind === "enum" ? this.#enum(type.def) : undefined;
  }

  /** The value of a constant by its name, a new one each time; `undefined` if there is none. */
  constant(name: string): unknown {
    const def = this.#find(name);
    return def?.kind === "const" && def.value !== undefined ? this.#value(def.value, def.type) : undefined;
  }

  #find(name: string): Def | undefined {
    const dot = name.lastIndexOf(".");
    for (const main of this.#program.mains) {
      const modules: readonly Module[] = dot < 0
        ? [main]
        : (main.byPrefix.get(name.slice(0, dot)) ?? []).map((include) => include.module);
      for (const module of modules) {
        const def = module.scope.get(name.slice(dot + 1));
        if (def !== undefined) return def;
      }
    }
    return undefined;
  }

  #service(def: ServiceDef): ServiceSchema {
    let schema = this.#services.get(def);
    if (schema === undefined) {
      schema = {
        name: def.name,
        payload: "thrift",
        methods: allMethods(def).map((method) => this.#method(method)),
        ...withAnnotations(annotationsOf(def.node.annotations)),
      };
      this.#services.set(def, schema);
    }
    return schema;
  }

  #method({ def, key, args, result }: MethodShape): MethodSchema {
    return {
      name: def.name,
      key,
      streaming: def.streaming,
      oneway: def.oneway,
      args: this.#record(args) as StructSchema<Record<string, unknown>>,
      result: this.#record(result) as StructSchema<Record<string, unknown>>,
      ...withAnnotations(annotationsOf(def.node.annotations)),
    };
  }

  #struct(def: StructDef): StructSchema {
    let schema = this.#structs.get(def);
    if (schema === undefined) this.#structs.set(def, schema = this.#record(structShape(def)));
    return schema;
  }

  #record({ kind, name, fields, annotations }: RecordShape): StructSchema {
    const schema: StructSchema = {
      kind,
      name,
      fields: fields.map((field) => this.#field(field)),
      ...(kind === "exception" ? { make: (values) => new SchemaException(schema, values) } : {}),
      ...withAnnotations(annotations),
    };
    return schema;
  }

  #field(field: FieldShape): FieldSchema {
    const { id, name, key, requiredness, default: preset } = field;
    return {
      id,
      name,
      key,
      type: this.#type(field.type),
      requiredness,
      ...(preset === undefined ? {} : { default: () => this.#value(preset, field.type) }),
      ...withAnnotations(field.annotations),
    };
  }

  #enum(def: EnumDef): EnumSchema {
    let schema = this.#enums.get(def);
    if (schema === undefined) {
      const values = Object.fromEntries(def.members.map((member) => [member.name, member.value]));
      schema = { name: def.name, values, ...withAnnotations(annotationsOf(def.node.annotations)) };
      this.#enums.set(def, schema);
    }
    return schema;
  }

  #type(type: Type): TypeSchema {
    const plain = plainType(type);
    switch (plain.kind) {
      case "unknown":
        throw new Error("schemas are made of programs without errors");
      case "enum":
        return { kind: "enum", of: () => this.#enum(plain.def) };
      case "struct":
        return { kind: "struct", of: () => this.#struct(plain.def) };
      case "list":
      case "set":
        return { kind: plain.kind, element: this.#type(plain.element) };
      case "map": {
        const as = mapHeld(plain, this.#options);
        const parts = { key: this.#type(plain.key), value: this.#type(plain.value) };
        return { kind: "map", ...parts, ...(as === "object" ? { as } : {}) };
      }
      case "i64": {
        const as = int64Held(plain, this.#options);
        return as === "bigint" ? { kind: "i64" } : { kind: "i64", as };
      }
      default:
        return { kind: plain.kind };
    }
  }

  #value(value: Value, type: Type): unknown {
    return toJsValue(value, type, this.#options, (def, fields) => this.#complete(def, fields));
  }

  /** A struct value with its defaults and zero values, as `create` of generated code makes it. */
  #complete(def: StructDef, fields: Record<string, unknown>): unknown {
    if (def.kind === "union") {
      const [[kind, value] = ["", undefined]] = Object.entries(fields);
      return { kind, value };
    }
    const whole: Record<string, unknown> = {};
    for (const field of structShape(def).fields) {
      const given = fields[field.key];
      whole[field.key] = given === undefined ? this.#absent(field) : given;
    }
    const { make } = this.#struct(def);
    return make === undefined ? whole : make(whole);
  }

  #absent(field: FieldShape): unknown {
    if (field.default !== undefined) return this.#value(field.default, field.type);
    return mayBeAbsent(field) ? undefined : zero(field.type, this.#options);
  }
}

function withAnnotations(map: AnnotationMap): { annotations?: Annotations } {
  // fromEntries defines `__proto__` as a property like any other
  return map.size === 0 ? {} : { annotations: Object.fromEntries(map) };
}

function zero(type: Type, options: ValueOptions): unknown {
  const plain = plainType(type);
  switch (plain.kind) {
    case "bool":
      return false;
    case "string":
      return "";
    case "uuid":
      return "00000000-0000-0000-0000-000000000000";
    case "binary":
      return new Uint8Array(0);
    case "list":
      return [];
    case "set":
      return new Set();
    case "map":
      return mapHeld(plain, options) === "map" ? new Map() : Object.create(null);
    case "i64":
      return { bigint: 0n, number: 0, string: "0" }[int64Held(plain, options)];
    case "struct":
    case "unknown":
      return undefined;
    default:
      return 0;
  }
}
