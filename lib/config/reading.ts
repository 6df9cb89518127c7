/**
 * Reading JSON values with errors that say where the wrong one is.
 *
 * @module
 */
import { RpcError } from "../errors.ts";

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON object whose fields are read by name. A field that is `null` counts as left out. */
export class Fields {
  /** Where it is: `retry.echo.failure_policy`. */
  readonly path: string;
  readonly #value: Record<string, unknown>;

  /** Throws an `RpcError` of kind `"invalid"` if the value is no object. */
  constructor(value: unknown, path: string) {
    if (!isRecord(value)) throw new RpcError("invalid", `${path} is no object`);
    this.#value = value;
    this.path = path;
  }

  /** The names of its fields. */
  get names(): string[] {
    return Object.keys(this.#value);
  }

  /** A field as an object; an empty one if it is left out. */
  object(name: string): Fields {
    return new Fields(this.#own(name) ?? {}, `${this.path}.${name}`);
  }

  /** A field as a number within bounds. */
  number(name: string, fallback: number, least: number, most: number): number {
    const value = this.#own(name) ?? fallback;
    if (typeof value !== "number") throw this.error(name, `${JSON.stringify(value)} is no number`);
    if (value < least || value > most) {
      throw this.error(name, most === Infinity ? `${value} is below ${least}` : `${value} is not ${least} to ${most}`);
    }
    return value;
  }

  /** A field as a boolean. */
  boolean(name: string, fallback: boolean): boolean {
    const value = this.#own(name) ?? fallback;
    if (typeof value !== "boolean") throw this.error(name, `${JSON.stringify(value)} is neither true nor false`);
    return value;
  }

  /** A field as a text. */
  text(name: string, fallback: string): string {
    const value = this.#own(name) ?? fallback;
    if (typeof value !== "string") throw this.error(name, `${JSON.stringify(value)} is no text`);
    return value;
  }

  /** What is wrong with a field. */
  error(name: string, what: string): RpcError {
    return new RpcError("invalid", `${this.path}.${name}: ${what}`);
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }
}
