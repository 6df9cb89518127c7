/**
 * Generic structs: schemas whose values are JSON, each made once.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import type { CustomStruct } from "../thrift/custom_struct.ts";
import type { Payload, StructCodec } from "../thrift/payload.ts";
import { listConverter, mapConverter } from "./containers.ts";
import type { Converter } from "./converter.ts";
import { jsonName, wantsString } from "./field_annotations.ts";
import { GenericException } from "./generic_exception.ts";
import { parseJson, stringifyJson } from "./json_text.ts";
import { expected, Misfit } from "./misfit.ts";
import type { GenericSettings } from "./options.ts";
import { scalarConverter } from "./scalars.ts";
import { type FieldConverter, StructConverter } from "./structs.ts";

/** Makes generic structs of schemas, each once. */
export class GenericStructs {
  readonly #settings: GenericSettings;
  readonly #converters = new Map<StructSchema, StructConverter>();
  readonly #structs = new Map<StructSchema, CustomStruct>();

  /** Makes them by these settings. */
  constructor(settings: GenericSettings) {
    this.#settings = settings;
  }

  /** A struct, union or exception whose values are JSON. */
  struct(schema: StructSchema): CustomStruct {
    let struct = this.#structs.get(schema);
    if (struct === undefined) {
      struct = this.#custom(schema, this.#outer({ kind: "struct", of: () => schema }, false));
      this.#structs.set(schema, struct);
    }
    return struct;
  }

  /** The arguments or the outcome of a method: an object by the fields' keys, each of them JSON. */
  wrapper(schema: StructSchema<Record<string, unknown>>): CustomStruct<Record<string, unknown>> {
    const converter = new StructConverter(schema, this.#settings, () =>
      schema.fields.map((field) => ({
        schema: field,
        name: field.key,
        value: this.#outer(field.type, wantsString(field)),
      })));
    return this.#custom(schema, converter) as CustomStruct<Record<string, unknown>>;
  }

  #custom(schema: StructSchema, converter: Converter): CustomStruct {
    return {
      kind: schema.kind,
      name: schema.name,
      fields: schema.fields.map((field) => ({ ...field, type: this.#genericType(field.type) })),
      ...(schema.annotations === undefined ? {} : { annotations: schema.annotations }),
      codecFor: (payload) => jsonCodecOf(payload, schema, converter),
    };
  }

  /** The type with generic structs for those it refers to. */
  #genericType(type: TypeSchema): TypeSchema {
    switch (type.kind) {
      case "struct":
        return { kind: "struct", of: () => this.struct(type.of()) };
      case "list":
      case "set":
        return { ...type, element: this.#genericType(type.element) };
      case "map":
        return { ...type, key: this.#genericType(type.key), value: this.#genericType(type.value) };
      default:
        return type;
    }
  }

  /** The converter of what users see: an argument, an outcome, a message of a stream. */
  #outer(type: TypeSchema, asString: boolean): Converter {
    const inner = this.#inner(type, asString);
    const schema = type.kind === "struct" ? type.of() : undefined;
    if (schema?.kind === "exception") return exceptionConverter(inner, () => this.struct(schema));
    return this.#settings.form === "text" ? textConverter(inner) : inner;
  }

  #inner(type: TypeSchema, asString: boolean): Converter {
    switch (type.kind) {
      case "struct":
        return this.#structConverter(type.of());
      case "list":
      case "set":
        return listConverter(type, this.#inner(type.element, asString));
      case "map":
        return mapConverter(type, this.#inner(type.key, false), this.#inner(type.value, asString), this.#settings);
      default:
        return scalarConverter(type, this.#settings, asString);
    }
  }

  #structConverter(schema: StructSchema): StructConverter {
    let converter = this.#converters.get(schema);
    if (converter === undefined) {
      converter = new StructConverter(schema, this.#settings, () => this.#fieldsOf(schema));
      this.#converters.set(schema, converter);
    }
    return converter;
  }

  #fieldsOf(schema: StructSchema): FieldConverter[] {
    const taken = new Map<string, string>();
    return schema.fields.map((field) => {
      const name = jsonName(field, this.#settings.goTags);
      const other = taken.get(name);
      if (other !== undefined) {
        throw new RpcError("invalid", `fields ${other} and ${field.name} of ${schema.name} are both ${name} in JSON`);
      }
      taken.set(name, field.name);
      return { schema: field, name, value: this.#inner(field.type, wantsString(field)) };
    });
  }
}

/** JSON text instead of values. */
function textConverter(inner: Converter): Converter {
  return {
    wireType: inner.wireType,
    toWire(text, depth) {
      if (typeof text !== "string") throw expected("JSON text", text);
      const value = parseJson(text);
      return value === null ? undefined : inner.toWire(value, depth);
    },
    fromWire: (value) => stringifyJson(inner.fromWire(value)),
    fromTyped: (value) => inner.fromTyped(value),
    zero: () => inner.zero(),
  };
}

/** Exceptions instead of their fields. */
function exceptionConverter(inner: Converter, schema: () => StructSchema): Converter {
  return {
    wireType: inner.wireType,
    toWire: (value, depth) => inner.toWire(value instanceof GenericException ? value.fields : value, depth),
    fromWire: (value) => new GenericException(schema(), inner.fromWire(value) as Record<string, unknown>),
    fromTyped: (value) => inner.fromTyped(value),
    zero: () => inner.zero(),
  };
}

/** The codec of a struct in a payload: that of the wire's side with the conversions around it. */
function jsonCodecOf(payload: Payload, schema: StructSchema, converter: Converter): StructCodec<unknown> {
  const wire = converter.wireType as Extract<TypeSchema, { kind: "struct" }>;
  let codec: StructCodec<unknown> | undefined;
  const inner = (): StructCodec<unknown> => codec ??= payload.codec(wire.of());
  return {
    encode(w: WriteBuffer, value: unknown): void {
      let converted: unknown;
      try {
        converted = converter.toWire(value, 0) ?? converter.zero();
      } catch (reason) {
        throw reason instanceof Misfit ? reason.toError("invalid", schema.name) : reason;
      }
      inner().encode(w, converted);
    },
    decode(r: ReadBuffer): unknown {
      const value = inner().decode(r);
      try {
        return converter.fromWire(value);
      } catch (reason) {
        throw reason instanceof Misfit ? reason.toError("protocol", schema.name) : reason;
      }
    },
  };
}
