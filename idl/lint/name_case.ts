/**
 * The ways names are written: `PascalCase`, `camelCase`, `snake_case`, `UPPER_SNAKE_CASE`.
 *
 * @module
 */

/** A way to write names. */
export type NameCase = "snake" | "camel" | "pascal" | "upper_snake";

const PATTERNS: Readonly<Record<NameCase, RegExp>> = {
  snake: /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/,
  camel: /^[a-z][A-Za-z0-9]*$/,
  pascal: /^[A-Z][A-Za-z0-9]*$/,
  upper_snake: /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/,
};

/** All of them. */
export const NAME_CASES: readonly NameCase[] = Object.keys(PATTERNS) as NameCase[];

/** Is the name written this way? */
export function isInCase(name: string, style: NameCase): boolean {
  return PATTERNS[style].test(name);
}

/** The name written this way. */
export function toCase(name: string, style: NameCase): string {
  const words = name.split(/_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).filter((word) => word !== "");
  const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
  switch (style) {
    case "snake":
      return words.join("_").toLowerCase();
    case "upper_snake":
      return words.join("_").toUpperCase();
    case "pascal":
      return words.map(capital).join("");
    case "camel":
      return words.map((word, i) => i === 0 ? word.toLowerCase() : capital(word)).join("");
  }
}

/** The way that most of the names are written. */
export function commonCase(names: Iterable<string>): NameCase {
  const counts = { snake: 0, camel: 0, pascal: 0, upper_snake: 0 };
  for (const name of names) for (const style of NAME_CASES) if (isInCase(name, style)) counts[style]++;
  return NAME_CASES.reduce((best, style) => counts[style] > counts[best] ? style : best);
}
