/**
 * What generated code writes is read back the same, and is what the schema alone, without generated code, writes.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { ThriftStruct } from "../../../codecs/thrift/thrift_struct.ts";
import { compile } from "../../../idl/compile.ts";
import { SchemaSet } from "../../../idl/schema.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { ServiceSchema } from "../../../lib/schema/service.ts";
import type { EnumSchema, StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import * as base from "../../golden/base.ts";
import * as constants from "../../golden/constants.ts";
import * as held from "../../golden/held.ts";
import * as names from "../../golden/names.ts";
import * as services from "../../golden/services.ts";
import * as types from "../../golden/types.ts";
import { randomSource, randomStruct } from "./random_values.ts";

const MODULES = { base, types, names, constants, services };

/** Structs that no value can be made of, or whose only value cannot be sent. */
const UNSENDABLE = ["Nothing"];

async function schemas(file: string, options = {}): Promise<SchemaSet> {
  const { files } = await autoPlatform();
  const read = async (path: string): Promise<string | null> =>
    await files.stat(path) === null ? null : await files.readText(path);
  return new SchemaSet((await compile([`tests/golden/${file}.thrift`], { read })).value, options);
}

describe("generated codecs", () => {
  for (const [file, module] of [...Object.entries(MODULES), ["held", held] as const]) {
    it(`of ${file} read back what they write, and write what the schema says`, async () => {
      const set = await schemas(file, file === "held" ? { i64: "number", maps: "object" } : {});
      const random = randomSource(file.length * 7919);
      for (const struct of structsOf(module)) {
        const plain = set.struct(struct.name);
        if (plain === undefined || UNSENDABLE.includes(struct.name)) continue;
        for (let i = 0; i < 20; i++) {
          const value = randomStruct(struct, random);
          const bytes = encode(struct, value);
          assertEquals(inOrder(decode(struct, bytes)), inOrder(value), struct.name);
          // exceptions are of another class without generated code
          const other = struct.kind === "exception" ? toPlain(plain, value) : value;
          if (!holdsException(plain)) assertEquals(encode(plain, other), bytes, struct.name);
        }
      }
    });
    it(`of ${file} have the schemas of the compiled IDL`, async () => {
      const set = await schemas(file, file === "held" ? { i64: "number", maps: "object" } : {});
      for (const struct of structsOf(module)) {
        const plain = set.struct(struct.name);
        if (plain !== undefined) assertEquals(describeStruct(struct), describeStruct(plain));
      }
      for (const service of servicesOf(module)) {
        const plain = set.service(service.name);
        assert(plain !== undefined);
        assertEquals(describeService(service), describeService(plain));
      }
    });
  }
  it("have the constants of the compiled IDL", async () => {
    const set = await schemas("constants");
    for (const [name, value] of Object.entries(constants)) {
      if (!/^[A-Z][A-Z_]+$/.test(name) || name === "PROBLEM") continue;
      assertEquals(set.constant(name), value, name);
    }
    assertEquals(set.constant("PROBLEM") instanceof Error, true);
    assertEquals({ ...constants.PROBLEM }, { ...constants.PROBLEM, code: 5 });
    assert(Object.is(constants.MINUS_ZERO, -0));
  });
});

describe("create", () => {
  it("fills in what the IDL says and zero values, in the order in which decoding does", () => {
    const created = types.Defaults.create();
    assertEquals(created, decode(types.Defaults, encode(types.Defaults, created)) as typeof created);
    assertEquals(Object.keys(created), types.Defaults.fields.map((field) => field.key));
    assertEquals(created.table, new Map([["one", [1]], ["none", []]]));
    assertEquals(created.level, 7);
    assert(created.primes !== types.Defaults.create().primes);
    assertEquals(types.Preset.create(), { kind: "b", value: "preset" });
    assertEquals(types.Requireds.create().point, { x: 3, y: 0, name: undefined });
  });
  it("keeps the fields of exceptions apart from those of errors", () => {
    const named = new names.Named({ message: "m", name_: "n", cause_: 3 });
    assert(named instanceof Error);
    assertEquals([named.message, named.name, named.name_, named.cause_, named.stack_], [
      "m",
      "Named",
      "n",
      3,
      undefined,
    ]);
    assertStrictEquals(named.schema, names.NamedSchema);
    assertEquals(new names.Numbered({ message_: 4 }).message_, 4);
  });
});

describe("absent fields", () => {
  it("are read as the IDL's defaults and zero values", () => {
    const empty = Uint8Array.of(0);
    assertEquals(decode(types.Defaults, append(types.Defaults, { limit: 4 })), types.Defaults.create({ limit: 4 }));
    assertEquals(decode(types.Scalars, empty), types.Scalars.create());
    assertEquals(decode(types.Optionals, empty), types.Optionals.create());
    assertEquals(decode(types.Preset, empty), { kind: "", value: undefined });
  });
});

/** Maps and sets as arrays: with objects as keys, runtimes differ in what they take for equal. */
function inOrder(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, part]) => [inOrder(key), inOrder(part)]);
  if (value instanceof Set || Array.isArray(value)) return [...value].map(inOrder);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Error) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inOrder(part)]));
}

function isStruct(value: unknown): value is ThriftStruct<unknown> {
  return typeof value === "object" && value !== null && "fields" in value && "write" in value;
}

function structsOf(module: object): ThriftStruct<unknown>[] {
  return Object.values(module).filter(isStruct);
}

function servicesOf(module: object): ServiceSchema[] {
  return Object.values(module).filter((value) => typeof value === "object" && value !== null && "methods" in value);
}

function encode(schema: StructSchema, value: unknown): Uint8Array {
  const w = new WriteBuffer(16);
  binary().codec(schema).encode(w, value);
  return w.written().slice();
}

function decode(schema: StructSchema, bytes: Uint8Array): unknown {
  return binary().codec(schema).decode(new ReadBuffer().reset(bytes));
}

/** The bytes of a struct with only some of its fields. */
function append(schema: StructSchema, value: Record<string, unknown>): Uint8Array {
  const fields = schema.fields.filter((field) => field.key in value);
  return encode({ kind: "struct", name: schema.name, fields }, value);
}

function toPlain(schema: StructSchema, value: unknown): unknown {
  const fields = value as Record<string, unknown>;
  return schema.make?.(Object.fromEntries(schema.fields.map(({ key }) => [key, fields[key]])));
}

function holdsException(schema: StructSchema): boolean {
  return schema.fields.some(({ type }) => {
    const inner = type.kind === "map" ? type.value : type;
    return inner.kind === "struct" && inner.of().kind === "exception";
  });
}

function describeStruct(schema: StructSchema): unknown {
  const { kind, name, fields, annotations, make } = schema;
  const described = fields.map((field) => ({
    ...field,
    type: describeType(field.type),
    default: JSON.stringify(field.default?.(), showAll),
  }));
  return { kind, name, fields: described, annotations, makes: typeof make };
}

/** For JSON: shows what it has no form for. */
function showAll(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return value instanceof Map || value instanceof Set ? [...value] : value;
}

function describeType(type: TypeSchema): unknown {
  switch (type.kind) {
    case "list":
    case "set":
      return { ...type, element: describeType(type.element) };
    case "map":
      return { ...type, key: describeType(type.key), value: describeType(type.value) };
    case "enum":
      return { ...type, of: describeEnum(type.of()) };
    case "struct":
      return { ...type, of: type.of().name };
    default:
      return type;
  }
}

function describeEnum({ name, values, annotations }: EnumSchema): unknown {
  return { name, values: Object.entries(values), annotations };
}

function describeService(service: ServiceSchema): unknown {
  const methods = service.methods.map((method) => ({
    ...method,
    args: describeStruct(method.args),
    result: describeStruct(method.result),
  }));
  return { ...service, methods };
}
