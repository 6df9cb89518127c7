/**
 * What codecs see of structs and methods: records of fields, with the property names of TypeScript.
 *
 * The emitter and the runtime schema are made from the same shapes, so that they cannot differ.
 *
 * @module
 */
import {
  type AnnotationMap,
  annotationsOf,
  type FieldDef,
  type MethodDef,
  plainType,
  type ServiceDef,
  type StructDef,
  type Type,
  type Value,
} from "./model.ts";
import { fieldKeys, methodKeys } from "./property_keys.ts";

/** Kinds of records. */
export type RecordKind = "struct" | "union" | "exception";

/** A struct, union or exception, or the arguments or outcome of a method. */
export interface RecordShape {
  /** Which of the three. */
  readonly kind: RecordKind;
  /** Its name in the schema. */
  readonly name: string;
  /** Its fields, in order. */
  readonly fields: readonly FieldShape[];
  /** Annotations. */
  readonly annotations: AnnotationMap;
}

/** A field of a record. */
export interface FieldShape {
  /** Id on the wire. */
  readonly id: number;
  /** Name in the IDL. */
  readonly name: string;
  /** Property name in TypeScript. */
  readonly key: string;
  /** Its type. */
  readonly type: Type;
  /** What holds for it. */
  readonly requiredness: FieldDef["requiredness"];
  /** Its default value, if it has one. */
  readonly default: Value | undefined;
  /** Annotations. */
  readonly annotations: AnnotationMap;
  /** Where it comes from; `undefined` for the returned value of a method. */
  readonly def: FieldDef | undefined;
}

/** A method with the records it sends. */
export interface MethodShape {
  /** The method. */
  readonly def: MethodDef;
  /** The service that defines it. */
  readonly service: ServiceDef;
  /** Property name in TypeScript. */
  readonly key: string;
  /** Its arguments, named `<method>_args`. */
  readonly args: RecordShape;
  /** Its outcome, named `<method>_result`. */
  readonly result: RecordShape;
}

/** The shape of a struct, union or exception. */
export function structShape(def: StructDef): RecordShape {
  const fields = shapeFields(def.kind, def.fields);
  return { kind: def.kind, name: def.name, fields, annotations: annotationsOf(def.node.annotations) };
}

/** The methods that a service itself defines. */
export function ownMethods(service: ServiceDef): MethodShape[] {
  return shapeMethods(service, (owner) => owner === service);
}

/** All methods of a service, those of its bases first. */
export function allMethods(service: ServiceDef): MethodShape[] {
  return shapeMethods(service, () => true);
}

/** The methods of the owners that `isWanted` takes; those of a base have the same keys wherever they are seen. */
function shapeMethods(service: ServiceDef, isWanted: (owner: ServiceDef) => boolean): MethodShape[] {
  const chain: ServiceDef[] = [];
  for (let each: ServiceDef | undefined = service; each !== undefined; each = each.base) chain.push(each);
  const inherited = new Set<string>();
  return chain.reverse().flatMap((owner) => {
    const keys = methodKeys(owner.methods.map(({ name }) => name), inherited);
    for (const key of keys) inherited.add(key);
    if (!isWanted(owner)) return [];
    return owner.methods.map((def, i) => ({
      def,
      service: owner,
      key: keys[i] ?? def.name,
      args: argsShape(def),
      result: resultShape(def),
    }));
  });
}

/** May the property be left out? Optional fields, and fields of struct type, which have no zero value. */
export function mayBeAbsent(field: FieldShape): boolean {
  if (field.requiredness === "required") return false;
  return field.requiredness === "optional" || isStruct(field.type);
}

function isStruct(type: Type): boolean {
  return plainType(type).kind === "struct";
}

function argsShape(def: MethodDef): RecordShape {
  return { kind: "struct", name: `${def.name}_args`, fields: shapeFields("struct", def.args), annotations: new Map() };
}

function resultShape(def: MethodDef): RecordShape {
  const thrown = shapeFields("struct", def.throws);
  const fields = def.returns === undefined ? thrown : [successOf(def.returns), ...thrown.map(apartFromSuccess)];
  return { kind: "struct", name: `${def.name}_result`, fields, annotations: new Map() };
}

function successOf(type: Type): FieldShape {
  const name = "success";
  return {
    id: 0,
    name,
    key: name,
    type,
    requiredness: "optional",
    default: undefined,
    annotations: new Map(),
    def: undefined,
  };
}

function apartFromSuccess(field: FieldShape): FieldShape {
  return field.key === "success" ? { ...field, key: "success_" } : field;
}

function shapeFields(kind: RecordKind, fields: readonly FieldDef[]): FieldShape[] {
  const keys = fieldKeys(
    kind,
    fields.map(({ name, type, requiredness }) => ({
      name,
      isPlainString: plainType(type).kind === "string" && requiredness !== "optional",
    })),
  );
  return fields.map((def, i) => ({
    id: def.id,
    name: def.name,
    key: keys[i] ?? def.name,
    type: def.type,
    requiredness: def.requiredness,
    default: def.default,
    annotations: annotationsOf(def.node.annotations),
    def,
  }));
}
