/**
 * The function that reads a record in the Binary protocol: one switch over type and id, one object at the end.
 *
 * @module
 */
import { type PlainType, type Type } from "../model.ts";
import type { FieldShape, RecordShape } from "../shapes.ts";
import { objectLiteral, quoted } from "./code.ts";
import { isScalar, known, tsType, wireKind, zeroValue } from "./types.ts";
import type { RecordNames, Unit } from "./unit.ts";
import { valueExpression } from "./values.ts";
import { fieldHead, FIXED_BYTES, hex, MIN_BYTES, TYPE_CODE } from "./wire.ts";
import { keepsUnknown } from "./write.ts";

/** Adds the read function of a record. */
export function emitRead(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const { code } = unit;
  code.open(`function ${names.read}(r: ${unit.runtimeType("ReadBuffer")}, d: number): ${names.type} {`);
  code.line(`if (d > r.maxDepth) throw ${unit.runtime("tooDeep")}(r);`);
  code.line("const v = r.view, end = r.end;");
  code.line("let p = r.pos;");
  const isUnion = shape.kind === "union";
  if (isUnion) {
    code.line('let kind = "";');
    code.line("let value: unknown;");
  } else {
    shape.fields.forEach((field, k) => code.line(`let f${k}: ${declaration(unit, field)};`));
  }
  const unknown = keepsUnknown(unit, names);
  if (unknown) code.line("let u: number[] | undefined;");
  new Reader(unit).fields(shape.fields, isUnion, unknown);
  const kept = unknown ? `${unit.runtime("takeUnknown")}(r, u)` : undefined;
  if (isUnion) {
    code.line(`return { kind, value${kept === undefined ? "" : `, $unknown: ${kept}`} } as ${names.type};`);
  } else {
    for (const [k, field] of shape.fields.entries()) {
      if (field.requiredness !== "required") continue;
      const missing = `${unit.runtime("missingField")}(${quoted(shape.name)}, ${quoted(field.name)})`;
      code.line(`if (f${k} === undefined) throw ${missing};`);
    }
    const parts = Object.fromEntries(shape.fields.map((field, k) => [field.key, result(unit, field, k)]));
    const literal = objectLiteral({ ...parts, $unknown: kept });
    if (shape.kind === "exception") code.literal(`return new ${names.type}(`, literal, ");");
    else code.literal("return ", literal, ";");
  }
  code.close();
}

/** What a field is when the message does not have it: the IDL's default, else the zero value unless optional. */
export function absentValue(unit: Unit, field: FieldShape): string | undefined {
  if (field.default !== undefined) return valueExpression(unit, field.default, field.type);
  return field.requiredness === "optional" ? undefined : zeroValue(unit, field.type);
}

function declaration(unit: Unit, field: FieldShape): string {
  const type = tsType(unit, field.type);
  const initial = field.requiredness === "required" || !isScalar(field.type) ? undefined : absentValue(unit, field);
  return initial === undefined ? `${type} | undefined` : `${type} = ${initial}`;
}

function result(unit: Unit, field: FieldShape, k: number): string {
  if (field.requiredness === "required" || isScalar(field.type)) return `f${k}`;
  const absent = absentValue(unit, field);
  return absent === undefined ? `f${k}` : `f${k} ?? ${absent}`;
}

class Reader {
  readonly #unit: Unit;
  #containers = 0;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  /** Adds the loop over the fields of a message. */
  fields(fields: readonly FieldShape[], isUnion: boolean, keepsUnknown: boolean): void {
    const { code } = this.#unit;
    code.open("for (;;) {");
    code.open("if (end - p < 4) {");
    code.line(`${this.#unit.runtime("readLastStop")}(r, p);`);
    code.line("break;");
    code.close();
    code.line("const h = v.getInt32(p) >>> 8;");
    code.line("if (h < 0x10000) break;");
    code.line("p += 3;");
    code.open("switch (h) {");
    fields.forEach((field, k) => {
      const kind = wireKind(field.type);
      const hasLocals = kind === "list" || kind === "set" || kind === "map";
      code.open(`case ${hex(fieldHead(kind, field.id), 6)}:${hasLocals ? " {" : ""}`);
      // the fourth byte of the header's load is there
      this.#value(field.type, isUnion ? "value =" : `f${k} =`, 1, 1);
      if (isUnion) code.line(`kind = ${quoted(field.key)};`);
      code.line("break;");
      if (hasLocals) code.close();
      else code.higher();
    });
    code.open("default:");
    code.line("r.pos = p;");
    code.line(`${this.#unit.runtime("skip")}(r, h >>> 16, d);`);
    if (keepsUnknown) code.line(`u = ${this.#unit.runtime("noteUnknown")}(u, p - 3, r.pos);`);
    code.line("p = r.pos;");
    code.higher();
    code.close();
    code.close();
    code.line("r.pos = p + 1;");
  }

  /** Reads a value at `depth` below the struct; `into` is what its expression is put behind, `sure` the bytes known to be there. */
  #value(type: Type, into: string, depth: number, sure: number): void {
    const { code } = this.#unit;
    const plain = known(type);
    const fixed = FIXED_BYTES[plain.kind];
    if (fixed !== undefined) {
      if (sure < fixed) code.line(`if (end - p < ${fixed}) throw ${this.#unit.runtime("UNDERRUN")};`);
      code.line(`${into} ${this.#load(plain)};`);
      code.line(`p += ${fixed};`);
      return;
    }
    switch (plain.kind) {
      case "string":
        return this.#call(into, `${this.#unit.runtime("readString")}(r)`);
      case "binary":
        return this.#call(into, `${this.#unit.runtime("readBinary")}(r)`);
      case "struct":
        return this.#call(into, `${this.#unit.codec(plain.def).read}(r, d + ${depth})`);
      case "map":
        return this.#map(plain, into, depth);
      case "list":
      case "set":
        return this.#sequence(plain, into, depth);
    }
  }

  /** Calls something that reads from `r.pos` on. */
  #call(into: string, expression: string): void {
    const { code } = this.#unit;
    code.line("r.pos = p;");
    code.line(`${into} ${expression};`);
    code.line("p = r.pos;");
  }

  #load(type: PlainType): string {
    switch (type.kind) {
      case "bool":
        return "v.getInt8(p) === 1";
      case "i8":
        return "v.getInt8(p)";
      case "i16":
        return "v.getInt16(p)";
      case "double":
        return "v.getFloat64(p)";
      case "uuid":
        return `${this.#unit.runtime("getUuid")}(v, p)`;
      case "enum":
        return `v.getInt32(p) as ${this.#unit.type(type.def)}`;
      case "i64": {
        const as = this.#unit.int64As(type);
        if (as === "number") return `${this.#unit.runtime("getI64Number")}(v, p)`;
        return as === "string" ? "v.getBigInt64(p).toString()" : "v.getBigInt64(p)";
      }
      default:
        return "v.getInt32(p)";
    }
  }

  #sequence(type: Extract<PlainType, { kind: "list" | "set" }>, into: string, depth: number): void {
    const { code } = this.#unit;
    const count = this.#containers++;
    const kind = wireKind(type.element);
    const size = `${this.#unit.runtime("readListSize")}(r, ${TYPE_CODE[kind]}, ${MIN_BYTES[kind]})`;
    this.#call(`const n${count} =`, size);
    code.line(`const c${count}: ${tsType(this.#unit, type)} = ${type.kind === "set" ? "new Set()" : "[]"};`);
    code.open(`for (let i = 0; i < n${count}; i++) {`);
    // the size was checked against the least bytes of an element, which is all a fixed-size one has
    this.#value(type.element, `const e${count} =`, depth + 1, FIXED_BYTES[kind] ?? 0);
    code.line(`c${count}.${type.kind === "set" ? "add" : "push"}(e${count});`);
    code.close();
    code.line(`${into} c${count};`);
  }

  #map(type: Extract<PlainType, { kind: "map" }>, into: string, depth: number): void {
    const { code } = this.#unit;
    const count = this.#containers++;
    const [keyKind, valueKind] = [wireKind(type.key), wireKind(type.value)];
    const types = hex((TYPE_CODE[keyKind] << 8) | TYPE_CODE[valueKind], 4);
    const size = `${this.#unit.runtime("readMapSize")}(r, ${types}, ${MIN_BYTES[keyKind] + MIN_BYTES[valueKind]})`;
    this.#call(`const n${count} =`, size);
    const isObject = this.#unit.mapAs(type) === "object";
    const empty = isObject ? "Object.create(null)" : "new Map()";
    code.line(`const c${count}: ${tsType(this.#unit, type)} = ${empty};`);
    code.open(`for (let i = 0; i < n${count}; i++) {`);
    const [keyBytes, valueBytes] = [FIXED_BYTES[keyKind], FIXED_BYTES[valueKind]];
    const isSure = keyBytes !== undefined && valueBytes !== undefined;
    this.#value(type.key, `const k${count} =`, depth + 1, isSure ? keyBytes : 0);
    this.#value(type.value, `const e${count} =`, depth + 1, isSure ? valueBytes : 0);
    code.line(isObject ? `c${count}[k${count}] = e${count};` : `c${count}.set(k${count}, e${count});`);
    code.close();
    code.line(`${into} c${count};`);
  }
}
