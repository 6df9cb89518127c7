/**
 * The rules that an IDL gives for values, typed and checked: what the emitter writes down as code and the interpreter runs.
 *
 * @module
 */
import type { MethodDef, PlainType, StructDef } from "../model.ts";
import type { FieldShape, RecordShape } from "../shapes.ts";

/** What a value can be compared with. Members of enums are whole numbers. */
export type Family = "int" | "double" | "string" | "bool" | "binary";

/** What stands on the right side of a rule. */
export type Operand =
  | {
    readonly kind: "literal";
    readonly family: Family;
    readonly value: bigint | number | string | boolean | Uint8Array;
  }
  /** Another field of the same struct; `family` is `undefined` for containers and structs. */
  | { readonly kind: "field"; readonly family: Family | undefined; readonly field: FieldShape }
  | FunctionCall;

/** A call of a tool function. */
export interface FunctionCall {
  /** Tells it from the other operands. */
  readonly kind: "call";
  /** Its name, without `@`. */
  readonly name: string;
  /** What it gives; `undefined` for a function of the user, which may give anything. */
  readonly family: Family | undefined;
  /** Its arguments. Of `sprintf`, those behind the format. */
  readonly args: readonly Operand[];
  /** Of `sprintf`, the format. */
  readonly format?: string;
}

/** Rules that compare with one operand. */
export type ComparingRule =
  | "const"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "min_size"
  | "max_size"
  | "min_rune_size"
  | "max_rune_size"
  | "prefix"
  | "suffix"
  | "contains"
  | "not_contains";

/** One thing asked of a value that is there. */
export type Check =
  & { /** What it asks for, as `Violation.message`. */ readonly message: string }
  & (
    | { readonly rule: ComparingRule; readonly operand: Operand }
    | { readonly rule: "in" | "not_in"; readonly operands: readonly Operand[] }
    | { readonly rule: "defined_only" }
    | { readonly rule: "pattern"; readonly source: string }
  );

/** All that is asked of a value. */
export interface ValueRules {
  /** Its type. */
  readonly type: PlainType;
  /** The rule by which it must be there, if one says so. */
  readonly presence: "not_nil" | "no_sparse" | undefined;
  /** What is asked of it, in the order of the IDL. */
  readonly checks: readonly Check[];
  /** Of the keys of a map. */
  readonly key: ValueRules | undefined;
  /** Of the elements of a list or set, and of the values of a map. */
  readonly element: ValueRules | undefined;
  /** The struct whose own rules it must keep. */
  readonly struct: StructDef | undefined;
}

/** Rules of a field. */
export interface FieldRules {
  /** The field. */
  readonly field: FieldShape;
  /** What is asked of it. */
  readonly rules: ValueRules;
}

/** Rules of a struct, union or exception, or of the arguments of a method. */
export interface RecordRules {
  /** What they are about. */
  readonly shape: RecordShape;
  /** Those of its fields, in the order of the IDL. */
  readonly fields: readonly FieldRules[];
  /** What must be true of it as a whole. */
  readonly asserts: readonly { readonly operand: Operand; readonly message: string }[];
}

/** Rules of a method. */
export interface MethodRules {
  /** Of its arguments. */
  readonly args: RecordRules;
  /** Of what it returns; `undefined` for void. */
  readonly result: ValueRules | undefined;
}

/** The rules of a program. */
export class RuleSet {
  readonly #structs: ReadonlyMap<StructDef, RecordRules>;
  readonly #methods: ReadonlyMap<MethodDef, MethodRules>;
  readonly #asking = new Set<StructDef>();

  /** Takes all rules that were found. */
  constructor(structs: ReadonlyMap<StructDef, RecordRules>, methods: ReadonlyMap<MethodDef, MethodRules>) {
    this.#structs = structs;
    this.#methods = methods;
    this.#findAsking();
  }

  /** Those of a struct, union or exception; `undefined` if it is of another program. */
  ofStruct(def: StructDef): RecordRules | undefined {
    return this.#structs.get(def);
  }

  /** Those of a method; `undefined` if it is of another program. */
  ofMethod(def: MethodDef): MethodRules | undefined {
    return this.#methods.get(def);
  }

  /** Is anything asked of a value, or of the structs in it? */
  asks(rules: ValueRules): boolean {
    if (asksItself(rules)) return true;
    return structsIn(rules).some((def) => this.#asking.has(def));
  }

  /** Is anything asked of a record, or of the structs in it? */
  asksOf(rules: RecordRules): boolean {
    return rules.asserts.length > 0 || rules.fields.some((field) => this.asks(field.rules));
  }

  /** Is anything asked of a struct, or of the structs in it? */
  asksOfStruct(def: StructDef): boolean {
    return this.#asking.has(def);
  }

  /** Structs that ask for something by themselves make those that hold them ask, and so on. */
  #findAsking(): void {
    const holders = new Map<StructDef, StructDef[]>();
    const open: StructDef[] = [];
    for (const [def, { fields, asserts }] of this.#structs) {
      if (asserts.length > 0 || fields.some(({ rules }) => asksItself(rules))) open.push(def);
      for (const held of fields.flatMap(({ rules }) => structsIn(rules))) {
        const known = holders.get(held);
        if (known === undefined) holders.set(held, [def]);
        else known.push(def);
      }
    }
    for (let def = open.pop(); def !== undefined; def = open.pop()) {
      if (this.#asking.has(def)) continue;
      this.#asking.add(def);
      open.push(...holders.get(def) ?? []);
    }
  }
}

/** What is asked without looking into structs. */
function asksItself({ presence, checks, key, element }: ValueRules): boolean {
  return presence !== undefined || checks.length > 0 || (key !== undefined && asksItself(key)) ||
    (element !== undefined && asksItself(element));
}

function structsIn({ struct, key, element }: ValueRules): StructDef[] {
  const inner = [key, element].flatMap((rules) => rules === undefined ? [] : structsIn(rules));
  return struct === undefined ? inner : [struct, ...inner];
}
