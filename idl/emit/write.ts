/**
 * The function that writes a record in the Binary protocol: straight-line code, fixed-size values stored by index.
 *
 * Room is asked for once a run of fields: each field that asks (a string, a struct, a container) asks for what follows
 * it as well, up to the next that does.
 *
 * @module
 */
import { type PlainType, type Type } from "../model.ts";
import { type FieldShape, mayBeAbsent, type RecordShape } from "../shapes.ts";
import { quoted } from "./code.ts";
import { known, wireKind } from "./types.ts";
import type { RecordNames, Unit } from "./unit.ts";
import { fieldHead, FIXED_BYTES, hex, TYPE_CODE } from "./wire.ts";

/** Adds the write function of a record. */
export function emitWrite(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const { code } = unit;
  const buffer = unit.runtimeType("WriteBuffer");
  if (shape.kind === "union" && shape.fields.length === 0 && !keepsUnknown(unit, names)) {
    code.open(`function ${names.write}(_w: ${buffer}, _p: number, _o: ${names.type}, _d: number): number {`);
    code.line(`throw ${unit.runtime("INVALID")};`);
    code.close();
    return;
  }
  code.open(`function ${names.write}(w: ${buffer}, p: number, o: ${names.type}, d: number): number {`);
  code.line(`if (typeof o !== "object" || d > ${unit.runtime("MAX_WRITE_DEPTH")}) throw ${unit.runtime("INVALID")};`);
  const writer = new Writer(unit, names);
  if (shape.kind === "union") writer.union(shape.fields);
  else writer.fields(shape.fields);
  if (keepsUnknown(unit, names)) {
    code.open("if (o.$unknown !== undefined) {");
    code.line(`p = ${unit.runtime("writeUnknown")}(w, p, o.$unknown);`);
    code.line("v = w.view;");
    code.close();
  }
  code.line("v.setInt8(p, 0);");
  code.line("return p + 1;");
  code.close();
}

/** Does a value of the record carry the fields that the IDL does not know? */
export function keepsUnknown(unit: Unit, names: RecordNames): boolean {
  return unit.options.unknownFields === true && names.extras !== undefined;
}

/** May the field be left out when it is written? A masked struct has only some of its fields. */
function mayBeLeftOut(unit: Unit, names: RecordNames, field: FieldShape): boolean {
  const isMasked = unit.options.fieldMask === true && names.extras !== undefined;
  return mayBeAbsent(field) || (isMasked && field.requiredness !== "required");
}

/** Bytes of a field before it asks for room by itself. */
function ownBytes(type: Type): number {
  const kind = wireKind(type);
  const fixed = FIXED_BYTES[kind];
  if (fixed !== undefined) return 3 + fixed;
  return kind === "list" || kind === "set" || kind === "map" ? 0 : 4;
}

/** For each field, the bytes from it on until something asks for room by itself; behind the last, one for the stop. */
function bytesNeeded(fields: readonly FieldShape[], mayBeLeftOut: (field: FieldShape) => boolean): number[] {
  const needed = [1];
  for (const field of fields.toReversed()) {
    const goesOn = FIXED_BYTES[wireKind(field.type)] !== undefined || mayBeLeftOut(field);
    needed.unshift(ownBytes(field.type) + (goesOn ? needed[0] ?? 1 : 0));
  }
  return needed;
}

class Writer {
  readonly #unit: Unit;
  readonly #names: RecordNames;
  #containers = 0;

  constructor(unit: Unit, names: RecordNames) {
    this.#unit = unit;
    this.#names = names;
  }

  fields(fields: readonly FieldShape[]): void {
    const { code } = this.#unit;
    const isOptional = (field: FieldShape): boolean => mayBeLeftOut(this.#unit, this.#names, field);
    const needed = bytesNeeded(fields, isOptional);
    const isConst = fields.length === 0 && !keepsUnknown(this.#unit, this.#names);
    this.#room(String(needed[0]), isConst ? "const v" : "let v");
    fields.forEach((field, k) => {
      const x = `x${k}`;
      code.line(`const ${x} = o.${field.key};`);
      if (isOptional(field)) code.open(`if (${x} !== undefined && ${x} !== null) {`);
      this.#field(field, x, needed[k + 1] ?? 1);
      if (isOptional(field)) code.close();
    });
  }

  union(fields: readonly FieldShape[]): void {
    const { code } = this.#unit;
    this.#room(String(Math.max(1, ...fields.map((field) => ownBytes(field.type) + 1))), "let v");
    code.open("switch (o.kind) {");
    for (const field of fields) {
      code.open(`case ${quoted(field.key)}: {`);
      code.line("const x = o.value;");
      this.#field(field, "x", 1);
      code.line("break;");
      code.close();
    }
    code.open("default:");
    const mayBeEmpty = this.#emptyUnion();
    code.line(`${mayBeEmpty === undefined ? "" : `if (${mayBeEmpty}) `}throw ${this.#unit.runtime("INVALID")};`);
    code.higher();
    code.close();
  }

  /** When a union without a member cannot be sent; `undefined`: never can. */
  #emptyUnion(): string | undefined {
    if (this.#names.extras?.mask !== undefined) return 'o.kind !== ""';
    return keepsUnknown(this.#unit, this.#names) ? "o.$unknown === undefined" : undefined;
  }

  /** Asks for `bytes` at `p` and takes the view, which may be new. */
  #room(bytes: string, view = "v"): void {
    this.#unit.code.line(`${this.#unit.runtime("room")}(w, p, ${bytes});`);
    this.#unit.code.line(`${view} = w.view;`);
  }

  /** Writes header and value of a field, and leaves room for `after` bytes behind it. */
  #field(field: FieldShape, x: string, after: number): void {
    const { code } = this.#unit;
    const type = known(field.type);
    // the fourth byte of the store is the value of a bool or i8, and otherwise overwritten by what follows
    const head = fieldHead(type.kind, field.id) << 8;
    const header = (low = 0): string => hex(head | low, 8);
    switch (type.kind) {
      case "bool":
        this.#check(type, x);
        code.line(`v.setInt32(p, ${x} ? ${header(1)} : ${header()});`);
        code.line("p += 4;");
        return;
      case "i8":
        this.#check(type, x);
        code.line(`v.setInt32(p, ${header()} | ${x} & 0xff);`);
        code.line("p += 4;");
        return;
      case "string":
      case "binary":
        code.line(`v.setInt32(p, ${header()});`);
        code.line(`p = ${this.#unit.runtime(textWriter(type.kind))}(w, p + 3, ${x}, ${after});`);
        code.line("v = w.view;");
        return;
      case "struct":
        code.line(`v.setInt32(p, ${header()});`);
        code.line(`p = ${this.#unit.codec(type.def).write}(w, p + 3, ${x}, d + 1);`);
        this.#room(String(after));
        return;
      case "list":
      case "set":
      case "map":
        this.#container(type, x, 1, head, after);
        return;
      default:
        this.#check(type, x);
        code.line(`v.setInt32(p, ${header()});`);
        this.#store(type, "p + 3", x);
        code.line(`p += ${3 + (FIXED_BYTES[type.kind] ?? 0)};`);
    }
  }

  /** Throws unless `x` fits a type of fixed size; i64 as number or text, and uuid, are checked where they are stored. */
  #check(type: PlainType, x: string): void {
    const condition = misfit(type, x, type.kind === "i64" ? this.#unit.int64As(type) : undefined);
    if (condition !== undefined) this.#unit.code.line(`if (${condition}) throw ${this.#unit.runtime("INVALID")};`);
  }

  #store(type: PlainType, at: string, x: string): void {
    const { code } = this.#unit;
    switch (type.kind) {
      case "bool":
        return code.line(`v.setInt8(${at}, ${x} ? 1 : 0);`);
      case "i8":
        return code.line(`v.setInt8(${at}, ${x});`);
      case "i16":
        return code.line(`v.setInt16(${at}, ${x});`);
      case "double":
        return code.line(`v.setFloat64(${at}, ${x});`);
      case "uuid":
        return code.line(`${this.#unit.runtime("setUuid")}(v, ${at}, ${x});`);
      case "i64": {
        const as = this.#unit.int64As(type);
        if (as === "bigint") return code.line(`v.setBigInt64(${at}, ${x});`);
        return code.line(`${this.#unit.runtime(as === "number" ? "setI64Number" : "setI64Text")}(v, ${at}, ${x});`);
      }
      default:
        return code.line(`v.setInt32(${at}, ${x});`);
    }
  }

  /** Writes an element of a container; `has` bytes are there for it, `extra` are wanted behind a string or binary. */
  #element(type: Type, x: string, depth: number, has: number, extra = 0): void {
    const { code } = this.#unit;
    const plain = known(type);
    const fixed = FIXED_BYTES[plain.kind];
    if (fixed !== undefined) {
      if (has < fixed) this.#room(String(fixed));
      this.#check(plain, x);
      this.#store(plain, "p", x);
      code.line(`p += ${fixed};`);
      return;
    }
    switch (plain.kind) {
      case "string":
      case "binary":
        return code.line(`p = ${this.#unit.runtime(textWriter(plain.kind))}(w, p, ${x}, ${extra});`);
      case "struct":
        return code.line(`p = ${this.#unit.codec(plain.def).write}(w, p, ${x}, d + ${depth});`);
      case "list":
      case "set":
      case "map":
        return this.#container(plain, x, depth, undefined, 0);
    }
  }

  /**
   * Writes a container at `depth` below the struct, with a field header if `head` is given, and leaves room for `after`
   * bytes behind it (0: none, and the view may be old).
   */
  #container(type: Container, x: string, depth: number, head: number | undefined, after: number): void {
    const count = this.#containers++;
    if (type.kind === "map") this.#map(type, x, depth, head, after, count);
    else this.#sequence(type, x, depth, head, after, count);
  }

  #sequence(
    type: Container & { kind: "list" | "set" },
    x: string,
    depth: number,
    head: number | undefined,
    after: number,
    count: number,
  ): void {
    const { code } = this.#unit;
    const [n, i, e] = [`n${count}`, `i${count}`, `e${count}`];
    const kind = wireKind(type.element);
    const fixed = FIXED_BYTES[kind];
    const isSet = type.kind === "set";
    code.line(
      `if (${isSet ? `!(${x} instanceof Set)` : `!Array.isArray(${x})`}) throw ${this.#unit.runtime("INVALID")};`,
    );
    code.line(`const ${n} = ${x}.${isSet ? "size" : "length"};`);
    const header = head === undefined ? 5 : 8;
    this.#room(fixed === undefined ? String(header) : `${product(n, fixed)} + ${header + after}`);
    if (head === undefined) {
      code.line(`v.setInt8(p, ${TYPE_CODE[kind]});`);
      code.line(`v.setInt32(p + 1, ${n});`);
    } else {
      code.line(`v.setInt32(p, ${hex(head | TYPE_CODE[kind], 8)});`);
      code.line(`v.setInt32(p + 4, ${n});`);
    }
    code.line(`p += ${header};`);
    if (isSet) {
      code.open(`for (const ${e} of ${x}) {`);
    } else {
      code.open(`for (let ${i} = 0; ${i} < ${n}; ${i}++) {`);
      code.line(`const ${e} = ${x}[${i}]!;`);
    }
    this.#element(type.element, e, depth + 1, fixed ?? 0);
    code.close();
    if (fixed === undefined && after > 0) this.#room(String(after));
  }

  #map(
    type: Container & { kind: "map" },
    x: string,
    depth: number,
    head: number | undefined,
    after: number,
    count: number,
  ): void {
    const { code } = this.#unit;
    const [n, e, k, y] = [`n${count}`, `e${count}`, `k${count}`, `y${count}`];
    const [keyKind, valueKind] = [wireKind(type.key), wireKind(type.value)];
    const [keyBytes, valueBytes] = [FIXED_BYTES[keyKind], FIXED_BYTES[valueKind]];
    const entryBytes = keyBytes === undefined || valueBytes === undefined ? undefined : keyBytes + valueBytes;
    const isObject = this.#unit.mapAs(type) === "object";
    const keys = `a${count}`;
    if (isObject) {
      code.line(`const ${keys} = ${this.#unit.runtime("objectKeys")}(${x});`);
      code.line(`const ${n} = ${keys}.length;`);
    } else {
      code.line(`if (!(${x} instanceof Map)) throw ${this.#unit.runtime("INVALID")};`);
      code.line(`const ${n} = ${x}.size;`);
    }
    const header = head === undefined ? 6 : 9;
    this.#room(entryBytes === undefined ? String(header) : `${product(n, entryBytes)} + ${header + after}`);
    if (head === undefined) {
      code.line(`v.setInt16(p, ${hex((TYPE_CODE[keyKind] << 8) | TYPE_CODE[valueKind], 4)});`);
      code.line(`v.setInt32(p + 2, ${n});`);
    } else {
      code.line(`v.setInt32(p, ${hex(head | TYPE_CODE[keyKind], 8)});`);
      code.line(`v.setInt8(p + 4, ${TYPE_CODE[valueKind]});`);
      code.line(`v.setInt32(p + 5, ${n});`);
    }
    code.line(`p += ${header};`);
    code.open(`for (const ${isObject ? k : e} of ${isObject ? keys : x}) {`);
    if (!isObject) code.line(`const ${k} = ${e}[0];`);
    code.line(`const ${y} = ${isObject ? `${x}[${k}]!` : `${e}[1]`};`);
    this.#element(type.key, k, depth + 1, entryBytes === undefined ? 0 : keyBytes ?? 0, valueBytes ?? 0);
    // a string or binary key has asked for the room of a value of fixed size
    const keyAsked = valueBytes !== undefined && (keyKind === "string" || keyKind === "binary");
    if (keyAsked) code.line("v = w.view;");
    this.#element(type.value, y, depth + 1, entryBytes !== undefined || keyAsked ? valueBytes ?? 0 : 0);
    code.close();
    if (entryBytes === undefined && after > 0) this.#room(String(after));
  }
}

type Container = Extract<PlainType, { kind: "list" | "set" | "map" }>;

function product(count: string, bytes: number): string {
  return bytes === 1 ? count : `${count} * ${bytes}`;
}

function textWriter(kind: "string" | "binary"): string {
  return kind === "string" ? "writeString" : "writeBinary";
}

function misfit(type: PlainType, x: string, as: string | undefined): string | undefined {
  switch (type.kind) {
    case "bool":
      return `typeof ${x} !== "boolean"`;
    case "i8":
      return `${x} !== ${x} << 24 >> 24`;
    case "i16":
      return `${x} !== ${x} << 16 >> 16`;
    case "i32":
    case "enum":
      return `${x} !== (${x} | 0)`;
    case "double":
      return `typeof ${x} !== "number"`;
    case "i64":
      return as === "bigint" ? `typeof ${x} !== "bigint" || BigInt.asIntN(64, ${x}) !== ${x}` : undefined;
    default:
      return undefined;
  }
}
