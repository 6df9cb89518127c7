/**
 * Reads values out of a parsed JSON configuration, and says what is wrong with them and where.
 *
 * @module
 */
import { nearest } from "./suggest.ts";

/** An object of a configuration; keys that nobody knows are reported and left out. */
export type ConfigObject = Readonly<Record<string, unknown>>;

/** Reads values; an absent one is `undefined` and no error. */
export class ConfigReader {
  readonly #errors: string[];

  /** Adds what is wrong to `errors`, a sentence each. */
  constructor(errors: string[]) {
    this.#errors = errors;
  }

  /** Reports what is wrong at a place, which is given as dotted names. */
  error(where: string, message: string): void {
    this.#errors.push(`${where}: ${message}`);
  }

  /** An object with no other keys than `keys`; an empty one if it is absent or something else. */
  object(value: unknown, where: string, keys: readonly string[]): ConfigObject {
    if (value === undefined) return {};
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.error(where, `expected an object, found ${describe(value)}`);
      return {};
    }
    const known: [string, unknown][] = [];
    for (const [key, item] of Object.entries(value)) {
      if (keys.includes(key)) known.push([key, item]);
      else {
        const suggestion = nearest(key, keys) ??
          (keys.length > 8 ? undefined : `there is ${keys.join(", ") || "nothing"}`);
        this.error(
          where,
          `${JSON.stringify(key)} is not known here${suggestion === undefined ? "" : `, ${suggestion}`}`,
        );
      }
    }
    return Object.fromEntries(known);
  }

  /** The entries of an object, each by the name that `nameOf` finds for its key; of two for one name, the second is reported. */
  named(
    object: ConfigObject,
    where: string,
    nameOf: (key: string) => string | undefined,
  ): [key: string, name: string][] {
    const keys = new Map<string, string>();
    for (const key of Object.keys(object)) {
      const name = nameOf(key);
      if (name === undefined) continue;
      const other = keys.get(name);
      if (other === undefined) keys.set(name, key);
      else this.error(where, `${JSON.stringify(key)} is the same as ${JSON.stringify(other)}, remove one of them`);
    }
    return Array.from(keys, ([name, key]) => [key, name]);
  }

  /** One of some words. */
  choice(value: unknown, where: string, choices: readonly string[]): string | undefined {
    if (value === undefined || (typeof value === "string" && choices.includes(value))) return value;
    this.error(
      where,
      `expected ${choices.map((choice) => JSON.stringify(choice)).join(", ")}, found ${describe(value)}`,
    );
    return undefined;
  }

  /** A text. */
  text(value: unknown, where: string): string | undefined {
    if (value === undefined || typeof value === "string") return value;
    this.error(where, `expected a string, found ${describe(value)}`);
    return undefined;
  }

  /** A list of texts, of `choices` if there are any. */
  list(value: unknown, where: string, choices?: readonly string[]): readonly string[] | undefined {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.error(where, `expected a list, found ${describe(value)}`);
      return undefined;
    }
    const items = value.map((item, i) =>
      choices === undefined ? this.text(item, `${where}[${i}]`) : this.choice(item, `${where}[${i}]`, choices)
    );
    return items.filter((item) => item !== undefined);
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
