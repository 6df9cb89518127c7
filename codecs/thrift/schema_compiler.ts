/**
 * Codecs made from schemas, for structs that bring no generated code: each part is prepared once, and reading or
 * writing only follows references. Made of the parts a payload gives, it keeps to what generated code does.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { explainInvalid } from "./explain.ts";
import type { StructCodec } from "./payload.ts";

/** Writes at `w.pos` and reads at `r.pos` values of one type that lie at depth `depth`; the outermost is at 0. */
export interface ValueCodec {
  /** Throws `INVALID`, or what the value's own code throws, if it does not fit. */
  write(w: WriteBuffer, value: unknown, depth: number): void;
  /** Throws `UNDERRUN` or an `RpcError` of kind `"protocol"`. */
  read(r: ReadBuffer, depth: number): unknown;
}

/** A type without elements or fields. */
export type ScalarSchema = Exclude<TypeSchema, { readonly kind: "struct" | "list" | "set" | "map" }>;

/** A list or set. */
export type ListSchema = Extract<TypeSchema, { readonly kind: "list" | "set" }>;

/** A map. */
export type MapSchema = Extract<TypeSchema, { readonly kind: "map" }>;

/** How a payload makes the codecs of the kinds of types. */
export interface Parts<C extends ValueCodec> {
  /** Of a type without elements. */
  scalar(type: ScalarSchema): C;
  /** Of a list or set. */
  list(type: ListSchema, element: C): C;
  /** Of a map. */
  map(type: MapSchema, key: C, value: C): C;
  /** Of a struct; `of` must not be called before the codec is used: only then do the schemas referred to surely exist. */
  struct(schema: StructSchema, of: (type: TypeSchema) => C): C;
}

/** Makes codecs from schemas, each once. */
export class SchemaCompiler<C extends ValueCodec> {
  readonly #parts: Parts<C>;
  readonly #values = new WeakMap<StructSchema, C>();
  readonly #codecs = new WeakMap<StructSchema, StructCodec<unknown>>();

  /** Makes codecs of these parts. */
  constructor(parts: Parts<C>) {
    this.#parts = parts;
  }

  /** The codec of a struct. */
  codec<T>(schema: StructSchema<T>): StructCodec<T> {
    let codec = this.#codecs.get(schema);
    if (codec === undefined) {
      const value = this.#struct(schema);
      codec = { encode: (w, it) => encode(schema, value, w, it), decode: (r) => value.read(r, 0) };
      this.#codecs.set(schema, codec);
    }
    return codec as StructCodec<T>;
  }

  #struct(schema: StructSchema): C {
    let value = this.#values.get(schema);
    if (value === undefined) {
      value = this.#parts.struct(schema, (type) => this.#value(type));
      this.#values.set(schema, value);
    }
    return value;
  }

  #value(type: TypeSchema): C {
    switch (type.kind) {
      case "struct":
        return this.#struct(type.of());
      case "list":
      case "set":
        return this.#parts.list(type, this.#value(type.element));
      case "map":
        return this.#parts.map(type, this.#value(type.key), this.#value(type.value));
      default:
        return this.#parts.scalar(type);
    }
  }
}

/** Writes all of a value or, with the reason why not, nothing. */
function encode(schema: StructSchema, codec: ValueCodec, w: WriteBuffer, value: unknown): void {
  const start = w.pos;
  try {
    codec.write(w, value, 0);
  } catch (reason) {
    w.pos = start;
    throw explainInvalid(schema, value, reason);
  }
}
