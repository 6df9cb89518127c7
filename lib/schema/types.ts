/**
 * What an IDL says about types, as plain data: the one description from which codecs, reflection and generic calls live.
 *
 * References to named types are thunks, so that recursive types and files that include each other can be written down.
 *
 * @module
 */

/** The type of a field, an element or a constant. */
export type TypeSchema =
  | { readonly kind: "bool" | "i8" | "i16" | "i32" | "double" | "string" | "binary" | "uuid" }
  | { readonly kind: "i64"; readonly as?: "bigint" | "number" | "string" }
  | { readonly kind: "enum"; readonly of: () => EnumSchema }
  | { readonly kind: "struct"; readonly of: () => StructSchema }
  | { readonly kind: "list"; readonly element: TypeSchema }
  | { readonly kind: "set"; readonly element: TypeSchema; readonly as?: "set" | "array" }
  | { readonly kind: "map"; readonly key: TypeSchema; readonly value: TypeSchema; readonly as?: "map" | "object" };

/** Annotations of the IDL: each key with all its values, in order. */
export type Annotations = Readonly<Record<string, readonly string[]>>;

/** A field of a struct, an argument of a method, or a possible outcome of a method. */
export interface FieldSchema {
  /** Field id on the wire, -32768 to 32767. */
  readonly id: number;
  /** Name in the IDL. */
  readonly name: string;
  /** Property name in TypeScript; differs from `name` only where TypeScript cannot take it. */
  readonly key: string;
  /** Its type. */
  readonly type: TypeSchema;
  /** `"default"` fields are always written and may be missing when read. */
  readonly requiredness: "required" | "optional" | "default";
  /** Makes the IDL's default value; a new one each time. */
  readonly default?: () => unknown;
  /** Annotations of the field. */
  readonly annotations?: Annotations;
}

/**
 * A struct, union or exception; also the arguments and the outcome of a method.
 *
 * Values are plain objects keyed by `FieldSchema.key`. A union's value is `{ kind: key, value }`, with `kind: ""` when
 * no known member was set. An exception's value is an instance of its class, made by `make`.
 */
export interface StructSchema<T = unknown> {
  /** Which of the three it is. */
  readonly kind: "struct" | "union" | "exception";
  /** Name in the IDL. */
  readonly name: string;
  /** Fields in the order of the IDL. */
  readonly fields: readonly FieldSchema[];
  /** Makes an exception from its fields' values; set for exceptions only. */
  readonly make?: (fields: Record<string, unknown>) => T;
  /**
   * True to refuse a field that comes with another type than declared; otherwise it is passed over like an unknown one,
   * as generated code does. Heeded by codecs made from schemas.
   */
  readonly strict?: boolean;
  /**
   * True to keep the fields that the IDL does not know as `$unknown` of the value, in the bytes of Thrift's Binary protocol,
   * and to send them on. JSON drops them.
   */
  readonly keepsUnknown?: boolean;
  /**
   * True if values may be masked: what is neither required nor optional may be left out when it is written as well, and a
   * union may be without a member.
   */
  readonly maskable?: boolean;
  /** Annotations of the definition. */
  readonly annotations?: Annotations;
}

/** An enum. */
export interface EnumSchema {
  /** Name in the IDL. */
  readonly name: string;
  /** Each member's number by its name, in the order of the IDL. */
  readonly values: Readonly<Record<string, number>>;
  /** Annotations of the definition. */
  readonly annotations?: Annotations;
}
