/**
 * Reads command lines by a table of options, and prints that table as help.
 *
 * `--name VALUE`, `--name=VALUE`, `-n VALUE` and `-nVALUE` all give a value; `--` ends the options.
 *
 * @module
 */
import { nearest } from "../idl/suggest.ts";

/** An option. */
export interface OptionSpec {
  /** Long name, without the dashes. */
  readonly name: string;
  /** Short name, without the dash. */
  readonly short?: string;
  /** What to call its value in the help; absent for a switch. */
  readonly value?: string;
  /** The values it takes, if only some. */
  readonly choices?: readonly string[];
  /** True if it may be given more than once. Default `false`. */
  readonly repeatable?: boolean;
  /** What it does, one sentence. */
  readonly help: string;
}

/** A command line that was understood. */
export interface ParsedOptions {
  /** Arguments that are no options, in order. */
  readonly operands: readonly string[];
  /** Was the switch given? */
  has(name: string): boolean;
  /** The value of an option, or `undefined`. */
  value(name: string): string | undefined;
  /** All values of an option, in order. */
  values(name: string): readonly string[];
}

/** Reads a command line; gives what is wrong with it as a sentence. */
export function parseOptions(specs: readonly OptionSpec[], args: readonly string[]): ParsedOptions | string {
  const operands: string[] = [];
  const found = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      operands.push(arg);
      continue;
    }
    const { name, spec, attached } = recognize(specs, arg);
    if (spec === undefined) return `unknown option ${name}${suggestOption(specs, name)}`;
    let value = "";
    if (spec.value !== undefined) {
      const next = attached ?? args[++i];
      if (next === undefined) return `${name} needs a value: ${name} ${spec.value}`;
      value = next;
    } else if (attached !== undefined) {
      return `${name} takes no value`;
    }
    if (spec.choices !== undefined && !spec.choices.includes(value)) {
      return `${name} cannot be ${JSON.stringify(value)}: choose ${spec.choices.join(", ")}`;
    }
    const values = found.get(spec.name);
    if (values === undefined) found.set(spec.name, [value]);
    else if (spec.repeatable === true) values.push(value);
    else if (spec.value !== undefined) return `${name} is given twice`;
  }
  return {
    operands,
    has: (name) => found.has(name),
    value: (name) => found.get(name)?.at(-1),
    values: (name) => found.get(name) ?? [],
  };
}

/** Columns of help: what a terminal usually has, and a little more. */
const COLUMNS = 100;

/** The options as lines of help. */
export function describeOptions(specs: readonly OptionSpec[]): string {
  const rows = specs.map((spec) => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    return { left: `${short}--${spec.name}${spec.value === undefined ? "" : ` ${spec.value}`}`, spec };
  });
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map(({ left, spec }) => {
    const more = spec.repeatable === true ? " May be given more than once." : "";
    const lines = wrapped(`${spec.help}${more}`, COLUMNS - width - 4);
    return lines.map((line, i) => `  ${(i === 0 ? left : "").padEnd(width)}  ${line}\n`).join("");
  }).join("");
}

/** The words of a text in lines of at most `columns`, where words are not longer. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function recognize(
  specs: readonly OptionSpec[],
  arg: string,
): { name: string; spec: OptionSpec | undefined; attached: string | undefined } {
  if (!arg.startsWith("--")) {
    const attached = arg.length > 2 ? arg.slice(arg[2] === "=" ? 3 : 2) : undefined;
    return { name: arg.slice(0, 2), spec: specs.find((spec) => spec.short === arg[1]), attached };
  }
  const equals = arg.indexOf("=");
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const attached = equals < 0 ? undefined : arg.slice(equals + 1);
  return { name, spec: specs.find((spec) => spec.name === name.slice(2)), attached };
}

function suggestOption(specs: readonly OptionSpec[], name: string): string {
  const suggestion = nearest(name, specs.map((spec) => `--${spec.name}`));
  return suggestion === undefined ? "" : `, ${suggestion}`;
}
