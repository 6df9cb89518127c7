/**
 * The arguments and outcomes of methods that are one value, as most are: put together from parts that all share, where
 * straight-line code of their own would be most of a generated file.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { FieldSchema } from "../../lib/schema/types.ts";
import { readLastStop } from "./binary_reader.ts";
import { skip } from "./binary_skip.ts";
import { room } from "./binary_writer.ts";
import { INVALID, MAX_WRITE_DEPTH } from "./invalid.ts";
import { tooDeep } from "./reader_guards.ts";
import { type ThriftStruct, thriftStruct } from "./thrift_struct.ts";
import { ttypeOf } from "./ttype.ts";
import { missingField } from "./underrun.ts";
import { structValue, type ThriftValue } from "./values.ts";

/** Arguments or an outcome: values by their keys. */
export type CallValues = Record<string, unknown>;

/**
 * What the IDL says of a field beyond its id, key and type. Left out: a name that is the key, requiredness `"default"` of an
 * argument and `"optional"` of what comes back.
 */
export type FieldFacts = Partial<Omit<FieldSchema, "id" | "key" | "type">>;

/** A field of arguments or of an outcome. */
export interface CallField<T = unknown> {
  /** What the IDL says of it. */
  readonly schema: FieldSchema;
  /** `ttype << 16 | id & 0xffff`, as it stands before the value. */
  readonly head: number;
  /** Its values. */
  readonly value: ThriftValue<T>;
  /** True if it is left out when there is no value. */
  readonly omittable: boolean;
}

/** The arguments of a method that has none. */
export function noArguments(name: string): ThriftStruct<CallValues> {
  return structOfFields(name, undefined, [], (): CallValues => ({}), () => undefined);
}

/**
 * The arguments of a method that has one. `make` makes them of its value, so that those of one method have one shape,
 * which assigning by key would not give quickly.
 */
export function oneArgument<T>(
  name: string,
  id: number,
  key: string,
  value: ThriftValue<T>,
  make: (value: T | undefined) => CallValues,
  facts?: FieldFacts,
): ThriftStruct<CallValues> {
  return structOfFields(name, fieldOf(id, key, value, facts), [], make, (values) => values[key] as T | undefined);
}

/** The outcome of a method that gives `value`, or nothing if it is `undefined`, or throws an exception. */
export function outcome<T>(
  name: string,
  value?: ThriftValue<T>,
  exceptions: readonly CallField[] = [],
): ThriftStruct<CallValues> {
  const success = value && fieldOf(0, "success", value, { requiredness: "optional" });
  const make = (success: T | undefined): CallValues => value === undefined ? {} : { success };
  return structOfFields(name, success, exceptions, make, ({ success }) => success as T | undefined);
}

/** An exception that a method declares. */
export function thrown<T>(id: number, key: string, of: () => ThriftStruct<T>, facts?: FieldFacts): CallField {
  return fieldOf(id, key, structValue(of), { requiredness: "optional", ...facts });
}

/** A field; of requiredness `"default"` unless `facts` say otherwise. */
export function fieldOf<T>(id: number, key: string, value: ThriftValue<T>, facts: FieldFacts = {}): CallField<T> {
  const schema: FieldSchema = { id, name: key, key, type: value.type, requiredness: "default", ...facts };
  const { requiredness } = schema;
  return {
    schema,
    head: (ttypeOf(value.type) << 16) | (id & 0xffff),
    value,
    omittable: requiredness === "optional" || (requiredness === "default" && value.type.kind === "struct"),
  };
}

/** A struct of the value that `make` is given and of `others`, which are set on what it makes when they come. */
export function structOfFields<T, V extends object>(
  name: string,
  first: CallField<T> | undefined,
  others: readonly CallField[],
  make: (value: T | undefined) => V,
  get: (values: V) => T | undefined,
): ThriftStruct<V> {
  const fields = first === undefined ? others : [first, ...others];
  const head = first?.head ?? 0;
  return thriftStruct<V>({
    kind: "struct",
    name,
    fields: fields.map(({ schema }) => schema),
    create: (init) => ({ ...make(first?.value.zero()), ...init }),
    write(w, pos, values, depth) {
      if (typeof values !== "object" || depth > MAX_WRITE_DEPTH) throw INVALID;
      let p = pos;
      if (first !== undefined) p = writeField(w, p, first, get(values), depth);
      for (let i = 0; i < others.length; i++) {
        const other = others[i]!;
        p = writeField(w, p, other, (values as CallValues)[other.schema.key], depth);
      }
      room(w, p, 1);
      w.view.setInt8(p, 0);
      return p + 1;
    },
    read(r, depth) {
      if (depth > r.maxDepth) throw tooDeep(r);
      let value: T | undefined;
      let rest: CallValues | undefined;
      for (;;) {
        const pos = r.pos;
        if (r.end - pos < 4) {
          readLastStop(r, pos);
          r.pos = pos + 1;
          break;
        }
        const found = r.view.getInt32(pos) >>> 8;
        if (found < 0x10000) {
          r.pos = pos + 1;
          break;
        }
        r.pos = pos + 3;
        if (found === head) value = first!.value.read(r, depth + 1);
        else rest = readOther(r, found, others, rest, depth);
      }
      if (value === undefined && first !== undefined) value = absent(name, first);
      return rest === undefined ? make(value) : { ...make(value), ...rest };
    },
  });
}

function writeField<T>(w: WriteBuffer, pos: number, field: CallField<T>, part: T | undefined, depth: number): number {
  if (part === undefined || part === null) {
    if (field.omittable) return pos;
    throw INVALID;
  }
  room(w, pos, 4);
  w.view.setInt32(pos, field.head << 8); // the fourth byte is the value's first
  return field.value.write(w, pos + 3, part, depth + 1);
}

/** Reads a field that is not the first one: adds it to `rest`, or passes over it. */
function readOther(
  r: ReadBuffer,
  head: number,
  others: readonly CallField[],
  rest: CallValues | undefined,
  depth: number,
): CallValues | undefined {
  const other = others.find((field) => field.head === head);
  if (other !== undefined) return { ...rest, [other.schema.key]: other.value.read(r, depth + 1) };
  skip(r, head >>> 16, depth);
  return rest;
}

/** What a field is that did not come. Throws an `RpcError` of kind `"protocol"` for one that must. */
function absent<T>(struct: string, { schema, value }: CallField<T>): T | undefined {
  if (schema.requiredness === "required") throw missingField(struct, schema.name);
  if (schema.default !== undefined) return schema.default() as T;
  return schema.requiredness === "optional" ? undefined : value.zero();
}
