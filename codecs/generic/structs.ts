/**
 * JSON objects and structs, unions and exceptions.
 *
 * Written is every field that is not optional, with the zero value of its type (or its default, by option) where there
 * is none; null is as good as nothing. Given is what came, and the defaults of what did not.
 *
 * @module
 */
import type { FieldSchema, StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { fieldValue, setField } from "../thrift/own_key.ts";
import type { Converter } from "./converter.ts";
import { checkDepth, isObject } from "./containers.ts";
import { expected, Misfit, within } from "./misfit.ts";
import type { GenericSettings } from "./options.ts";

/** A field prepared. */
export interface FieldConverter {
  /** The field. */
  readonly schema: FieldSchema;
  /** Its name in JSON. */
  readonly name: string;
  /** Its type. */
  readonly value: Converter;
}

/** The converter of a struct; `prepare` gives its fields, at first use: only then do the schemas referred to surely exist. */
export class StructConverter implements Converter {
  readonly wireType: TypeSchema;
  readonly #schema: StructSchema;
  readonly #settings: GenericSettings;
  readonly #prepare: () => readonly FieldConverter[];
  #fields: readonly FieldConverter[] | undefined;
  #names: ReadonlySet<string> | undefined;
  #wire: StructSchema | undefined;
  readonly #defaults = new Map<FieldConverter, unknown>();

  constructor(schema: StructSchema, settings: GenericSettings, prepare: () => readonly FieldConverter[]) {
    this.#schema = schema;
    this.#settings = settings;
    this.#prepare = prepare;
    this.wireType = { kind: "struct", of: () => this.wire };
  }

  /** The struct as the wire's side holds it: every field may be missing, none may have another type than declared. */
  get wire(): StructSchema {
    return this.#wire ??= {
      kind: "struct",
      name: this.#schema.name,
      strict: true,
      fields: this.fields.map(({ schema: { id, name, key }, value }) => ({
        id,
        name,
        key,
        type: value.wireType,
        requiredness: "optional",
      })),
    };
  }

  /** The fields. */
  get fields(): readonly FieldConverter[] {
    return this.#fields ??= this.#prepare();
  }

  toWire(value: unknown, depth: number): unknown {
    checkDepth(depth);
    if (!isObject(value)) throw expected(`an object for ${this.#schema.name}`, value);
    this.#checkNames(value);
    const wire: Record<string, unknown> = {};
    const { fields } = this;
    let index = 0;
    try {
      for (; index < fields.length; index++) {
        const field = fields[index]!;
        const given = fieldValue(value, field.name);
        const part = (given == null ? undefined : field.value.toWire(given, depth + 1)) ?? this.#absent(field);
        if (part !== undefined) setField(wire, field.schema.key, part);
      }
    } catch (reason) {
      throw within(reason, `.${fields[index]!.name}`);
    }
    return wire;
  }

  fromWire(value: unknown): unknown {
    const wire = value as Record<string, unknown>;
    const object: Record<string, unknown> = {};
    const { fields } = this;
    let index = 0;
    try {
      for (; index < fields.length; index++) {
        const field = fields[index]!;
        let part = fieldValue(wire, field.schema.key);
        if (part === undefined) {
          if (field.schema.requiredness === "required") throw new Misfit("required, but it did not come");
          part = this.#preset(field);
          if (part === undefined) continue;
        }
        setField(object, field.name, field.value.fromWire(part));
      }
    } catch (reason) {
      throw within(reason, `.${fields[index]!.name}`);
    }
    return object;
  }

  fromTyped(value: unknown): unknown {
    const wire: Record<string, unknown> = {};
    const union = this.#schema.kind === "union" ? value as { kind: string; value: unknown } : undefined;
    for (const { schema, value: converter } of this.fields) {
      const part = union === undefined
        ? fieldValue(value as object, schema.key)
        : union.kind === schema.key
        ? union.value
        : undefined;
      if (part !== undefined) setField(wire, schema.key, converter.fromTyped(part));
    }
    return wire;
  }

  /** Nothing but its end, as Kitex writes it: what its fields would be is for the reader to say. */
  zero(): unknown {
    return {};
  }

  /** What is written for a field without a value, or `undefined`. */
  #absent(field: FieldConverter): unknown {
    if (field.schema.requiredness === "optional") return undefined;
    return (this.#settings.absent === "default" ? this.#default(field) : undefined) ?? field.value.zero();
  }

  /** The wire's value of a field that did not come, or `undefined`. */
  #preset(field: FieldConverter): unknown {
    const preset = this.#default(field);
    if (preset !== undefined) return preset;
    const { fill } = this.#settings;
    if (fill === "none" || this.#schema.kind === "union") return undefined;
    return fill === "all" || field.schema.requiredness !== "optional" ? field.value.zero() : undefined;
  }

  /** The wire's value of the IDL's default; it is never changed, so that one does for all. */
  #default(field: FieldConverter): unknown {
    const { schema, value } = field;
    if (schema.default === undefined) return undefined;
    if (!this.#defaults.has(field)) this.#defaults.set(field, value.fromTyped(schema.default()));
    return this.#defaults.get(field);
  }

  #checkNames(object: Record<string, unknown>): void {
    const isUnion = this.#schema.kind === "union";
    if (!isUnion && this.#settings.unknown === "ignore") return;
    const names = this.#names ??= new Set(this.fields.map((field) => field.name));
    if (this.#settings.unknown === "error") {
      const stranger = Object.keys(object).find((name) => !names.has(name));
      if (stranger !== undefined) throw new Misfit(`${this.#schema.name} has no field ${JSON.stringify(stranger)}`);
    }
    const count = isUnion ? this.fields.filter(({ name }) => fieldValue(object, name) != null).length : 1;
    if (count !== 1) throw new Misfit(`expected one of ${[...names].join(", ")}, got ${count === 0 ? "none" : count}`);
  }
}
