/**
 * What generic calls may be told.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** Options of generic services and codecs. The defaults are what Kitex does without its dynamicgo engine. */
export interface GenericOptions {
  /**
   * What methods take and give: `"value"` (objects, arrays, strings ...) or `"text"` (JSON text, one for each
   * argument). Default `"value"`.
   */
  readonly form?: "value" | "text" | undefined;
  /**
   * How an i64 is given: as a bigint, as a number (an error if that would not be exact), or as a string of digits.
   * In JSON text the first two are a number with all its digits. Taken in any of these ways. Default `"bigint"`.
   * Fields with `api.js_conv` are always strings.
   */
  readonly i64?: "bigint" | "number" | "string" | undefined;
  /**
   * How a binary is given and taken: as padded base64, as text in UTF-8 (Kitex's HTTP calls), or, as a value only, as
   * a `Uint8Array`, which is always taken. Default `"base64"`.
   */
  readonly binary?: "base64" | "text" | "bytes" | undefined;
  /** Whether an enum is given as its number or its name (the number where it has none). Both are taken. Default `"number"`. */
  readonly enums?: "number" | "name" | undefined;
  /** Whether a map is given as an object or, as a value only, as a `Map` with keys of their types. Both are taken. Default `"object"`. */
  readonly maps?: "object" | "map" | undefined;
  /**
   * What is written for a field that is not optional and has no value: the zero value of its type, or the default of
   * the IDL where it has one (dynamicgo's WriteDefaultField). Default `"zero"`.
   */
  readonly absent?: "zero" | "default" | undefined;
  /**
   * Which fields are given although they did not come and have no default: none, those that are not optional, or all,
   * with the zero value of their type (Kitex's SetFieldsForEmptyStruct). Default `"none"`.
   */
  readonly fill?: "none" | "nonOptional" | "all" | undefined;
  /** Whether members that the IDL does not know are passed over or refused (dynamicgo's DisallowUnknownField). Default `"ignore"`. */
  readonly unknown?: "ignore" | "error" | undefined;
  /** In JSON text: what becomes of NaN and infinities (dynamicgo's EncodeNullJSONForInfOrNan). Default `"error"`. */
  readonly nonFinite?: "error" | "null" | undefined;
  /** Whether `go.tag = 'json:"name"'` names a field in JSON, as in Kitex. Default `true`. */
  readonly goTags?: boolean | undefined;
}

/** The options, completed. */
export type GenericSettings = { readonly [K in keyof GenericOptions]-?: NonNullable<GenericOptions[K]> };

const CHOICES: { readonly [K in keyof GenericSettings]: readonly GenericSettings[K][] } = {
  form: ["value", "text"],
  i64: ["bigint", "number", "string"],
  binary: ["base64", "text", "bytes"],
  enums: ["number", "name"],
  maps: ["object", "map"],
  absent: ["zero", "default"],
  fill: ["none", "nonOptional", "all"],
  unknown: ["ignore", "error"],
  nonFinite: ["error", "null"],
  goTags: [true, false],
};

/** Completes the options. Throws an `RpcError` of kind `"invalid"` for what none of them takes, or no JSON text can hold. */
export function settingsOf(options: GenericOptions): GenericSettings {
  const settings: Record<string, unknown> = {};
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof GenericOptions];
    settings[name] = value ?? choices[0];
    if (value !== undefined && !(choices as readonly unknown[]).includes(value)) {
      throw new RpcError("invalid", `option ${name} is ${JSON.stringify(value)}: choose ${choices.join(", ")}`);
    }
  }
  if (options.form === "text" && (options.binary === "bytes" || options.maps === "map")) {
    const name = options.binary === "bytes" ? 'binary: "bytes"' : 'maps: "map"';
    throw new RpcError("invalid", `option ${name} is for values: JSON text has no form for it`);
  }
  // maps keep their order in text: a member `10` before a member `9`
  if (options.form === "text") settings.maps = "map";
  return settings as GenericSettings;
}
