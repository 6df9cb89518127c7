/**
 * What stops a conversion, and where in the value it happened.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { JsonNumber } from "./json_text.ts";

/** Thrown inside converters; each level that it passes adds its step to the path. */
export class Misfit extends Error {
  /** What is wrong. */
  readonly what: string;
  #path = "";

  /** `what` is wrong with the innermost value. */
  constructor(what: string) {
    super();
    this.what = what;
  }

  /** Adds the step that led there: `.field`, `[0]`, `["key"]`. */
  within(step: string): this {
    this.#path = step + this.#path;
    return this;
  }

  /** The error for everyone else; `root` names the outermost value. */
  toError(kind: "invalid" | "protocol", root: string): RpcError {
    return new RpcError(kind, `${root}${this.#path}: ${this.what}`);
  }
}

/** The misfit of a value that is not `wanted`. */
export function expected(wanted: string, value: unknown): Misfit {
  return new Misfit(`expected ${wanted}, got ${show(value)}`);
}

/** Adds a step to the path of a misfit; any other error stays as it is. */
export function within(reason: unknown, step: string): unknown {
  return reason instanceof Misfit ? reason.within(step) : reason;
}

/** How much of a value is shown. */
const MAX_SHOWN = 40;

function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.length > MAX_SHOWN ? `${JSON.stringify(value.slice(0, MAX_SHOWN))}...` : JSON.stringify(value);
    case "bigint":
    case "number":
    case "boolean":
    case "undefined":
      return shorten(String(value));
    case "object":
      if (value === null) return "null";
      if (value instanceof JsonNumber) return shorten(value.text);
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return value instanceof Uint8Array ? `${value.length} bytes` : "an object";
    default:
      return `a ${typeof value}`;
  }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
