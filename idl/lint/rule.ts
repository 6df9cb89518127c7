/**
 * What a lint rule is, and what it sees.
 *
 * @module
 */
import type { Diagnostic, ReportExtra, Span } from "../diagnostics.ts";
import type { Module } from "../model.ts";

/** Where a rule is on from the start: among the recommended ones, or only among all. */
export type Preset = "recommended" | "all";

/** How much a rule matters: `off` leaves it out, an `error` makes `updraft lint` fail. */
export type Level = "off" | "warn" | "error";

/** An option of a rule: one of some words, a list of words, or any text. */
export type OptionSpec =
  | { readonly kind: "choice"; readonly help: string; readonly choices: readonly string[]; readonly preset: string }
  | {
    readonly kind: "list";
    readonly help: string;
    /** The words it takes; absent if any. */
    readonly choices?: readonly string[];
    readonly preset: readonly string[];
  }
  | { readonly kind: "text"; readonly help: string; readonly preset: string };

/** The options of a rule with their values. */
export type OptionValues = Readonly<Record<string, string | readonly string[]>>;

/** A replacement of a stretch of a file's text. */
export interface Edit extends Span {
  /** What takes its place. */
  readonly text: string;
}

/** What a report may carry beside its message. */
export interface FindingExtra extends ReportExtra {
  /** Edits that mend it without changing what the file means, each of use without the others. */
  readonly fix?: readonly Edit[] | undefined;
}

/** Something a rule found. */
export interface Finding extends Diagnostic<string> {
  /** The rule's name. */
  readonly rule: string;
  /** Edits that mend it without changing what the file means. */
  readonly fix?: readonly Edit[];
}

/** What a rule sees of a file. */
export interface LintContext {
  /** The file, compiled without errors. */
  readonly module: Module;
  /** The value of an option that is one word or text. */
  text(option: string): string;
  /** The value of an option that is a list. */
  list(option: string): readonly string[];
  /** Reports something. */
  report(at: Span, message: string, extra?: FindingExtra): void;
}

/** The text of an example: of `main.thrift` alone, or of files by path. */
export type Example = string | Readonly<Record<string, string>>;

/** A rule. */
export interface LintRule {
  /** Stable code, such as `UL1001`. */
  readonly code: string;
  /** Stable name, which configuration and comments use. */
  readonly name: string;
  /** What it asks for, one sentence without full stop. */
  readonly summary: string;
  /** Why, one or two sentences. */
  readonly reason: string;
  /** Where it is on from the start. */
  readonly preset: Preset;
  /** How much it matters when it is on. */
  readonly level: "warn" | "error";
  /** Can it mend what it finds? */
  readonly fixable?: true;
  /** Its options by name. Default: none. */
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** An IDL it complains about, once. */
  readonly bad: Example;
  /** The same as it should be. */
  readonly good: Example;
  /** Looks at a file. */
  check(context: LintContext): void;
}
