/**
 * JSON and lists, sets and maps. As in Kitex a single scalar stands for a list of one, and null for an element's zero
 * value; sets keep their duplicates.
 *
 * @module
 */
import { setField } from "../thrift/own_key.ts";
import type { ListSchema, MapSchema } from "../thrift/schema_compiler.ts";
import { MAX_WRITE_DEPTH } from "../thrift/invalid.ts";
import type { Converter } from "./converter.ts";
import { JsonNumber, parseJson, stringifyJson } from "./json_text.ts";
import { expected, Misfit, within } from "./misfit.ts";
import type { GenericSettings } from "./options.ts";

/** The converter of a list or set. */
export function listConverter(type: ListSchema, element: Converter): Converter {
  const each = (values: readonly unknown[], convert: (value: unknown) => unknown): unknown[] => {
    let index = 0;
    try {
      const converted: unknown[] = [];
      for (; index < values.length; index++) converted.push(convert(values[index]));
      return converted;
    } catch (reason) {
      throw within(reason, `[${index}]`);
    }
  };
  return {
    wireType: type.kind === "set"
      ? { kind: "set", element: element.wireType, as: "array" }
      : { kind: "list", element: element.wireType },
    toWire(value, depth) {
      checkDepth(depth);
      const values = value instanceof Set ? [...value] : Array.isArray(value) ? value : [value];
      if (!Array.isArray(value) && isObject(value)) throw expected("an array", value);
      return each(values, (part) => part == null ? element.zero() : element.toWire(part, depth + 1));
    },
    fromWire: (value) => each(value as unknown[], (part) => element.fromWire(part)),
    fromTyped: (value) => [...value as Iterable<unknown>].map((part) => element.fromTyped(part)),
    zero: () => [],
  };
}

/** The converter of a map. */
export function mapConverter(type: MapSchema, key: Converter, value: Converter, settings: GenericSettings): Converter {
  const plainKeys = isScalar(type.key.kind);
  // JSON has text for keys only: that of other keys is JSON itself
  const keyOf = (text: string): unknown => plainKeys ? text : parseJson(text);
  const nameOf = (json: unknown): string => plainKeys ? String(json) : stringifyJson(json);
  return {
    wireType: { kind: "map", key: key.wireType, value: value.wireType },
    toWire(map, depth) {
      checkDepth(depth);
      const wire = new Map<unknown, unknown>();
      const put = (name: unknown, part: unknown): void => {
        try {
          wire.set(key.toWire(name, depth + 1), part == null ? value.zero() : value.toWire(part, depth + 1));
        } catch (reason) {
          throw within(reason, `[${stringifyJson(isObject(name) ? {} : String(name))}]`);
        }
      };
      if (map instanceof Map) { for (const [name, part] of map) put(name, part); }
      else if (!isObject(map)) throw expected("an object", map);
      else for (const name of Object.keys(map)) put(keyOf(name), (map as Record<string, unknown>)[name]);
      return wire;
    },
    fromWire(wire) {
      const entries = (wire as Map<unknown, unknown>).entries();
      if (settings.maps === "map") {
        const map = new Map<unknown, unknown>();
        for (const [name, part] of entries) map.set(key.fromWire(name), convert(value, name, part));
        return map;
      }
      const object: Record<string, unknown> = {};
      for (const [name, part] of entries) setField(object, nameOf(key.fromWire(name)), convert(value, name, part));
      return object;
    },
    fromTyped(map) {
      const entries = map instanceof Map ? map : Object.entries(map as Record<string, unknown>);
      const wire = new Map<unknown, unknown>();
      for (const [name, part] of entries) wire.set(key.fromTyped(name), value.fromTyped(part));
      return wire;
    },
    zero: () => new Map(),
  };
}

/** Is it a plain object, as JSON's are? */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber) &&
    !(value instanceof Uint8Array) && !(value instanceof Map) && !(value instanceof Set);
}

/** Throws a `Misfit` for a value nested deeper than peers take; also what ends a value that contains itself. */
export function checkDepth(depth: number): void {
  if (depth > MAX_WRITE_DEPTH) throw new Misfit(`nested deeper than ${MAX_WRITE_DEPTH}`);
}

function convert(value: Converter, name: unknown, part: unknown): unknown {
  try {
    return value.fromWire(part);
  } catch (reason) {
    throw within(reason, `[${isScalar(typeof name) ? stringifyJson(String(name)) : "{}"}]`);
  }
}

function isScalar(kind: string): boolean {
  return !["struct", "list", "set", "map", "object"].includes(kind);
}
