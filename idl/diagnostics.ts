/**
 * What the compiler has to say about an IDL: errors and warnings with a stable code and a place.
 *
 * The compiler never throws on bad input: each step returns what it could make and adds what was wrong to a
 * `Diagnostics` list. The codes are listed in `codes.ts`.
 *
 * @module
 */
import type { DiagnosticCode } from "./codes.ts";
import type { SourceText } from "./source.ts";

/** How bad it is: an error stops generation, a warning does not. */
export type Severity = "error" | "warning";

/** A place in a file that explains a diagnostic. */
export interface RelatedPlace {
  /** File, as in `Diagnostic.file`. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column in UTF-16 code units, from 1. */
  readonly column: number;
  /** What is there. */
  readonly message: string;
}

/** One thing that is wrong, or looks wrong. Other checks than the compiler's have codes of their own. */
export interface Diagnostic<Code extends string = DiagnosticCode> {
  /** Stable code such as `UT1001`; says which rule was broken. */
  readonly code: Code;
  /** Error or warning. */
  readonly severity: Severity;
  /** File, relative to the working directory where it lies below it; empty if it is about no file, but about an option. */
  readonly file: string;
  /** First line, from 1. */
  readonly line: number;
  /** First column in UTF-16 code units, from 1. */
  readonly column: number;
  /** Line after the last character, from 1. */
  readonly endLine: number;
  /** Column after the last character, from 1. */
  readonly endColumn: number;
  /** Offset of the first character, in UTF-16 code units. */
  readonly start: number;
  /** Offset after the last character. */
  readonly end: number;
  /** What is wrong: one sentence, lower case, no full stop. */
  readonly message: string;
  /** What to do about it, where that is known. */
  readonly suggestion?: string;
  /** Other places that matter, such as the first of two definitions. */
  readonly related?: readonly RelatedPlace[];
}

/** A stretch of a file. */
export interface Span {
  /** Offset of the first character. */
  readonly start: number;
  /** Offset after the last character. */
  readonly end: number;
}

/** What a report may carry beside its message. */
export interface ReportExtra {
  /** What to do about it. */
  readonly suggestion?: string | undefined;
  /** Other places that matter. */
  readonly related?: readonly RelatedPlace[] | undefined;
}

/** The result of a step of the compiler. */
export interface Outcome<T> {
  /** What could be made of the input. */
  readonly value: T;
  /** What was wrong with it, in the order of finding. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How many errors may come with a search for similar names. */
const MAX_SUGGESTED = 100;

/** A growing list of diagnostics. */
export class Diagnostics {
  /** All reports so far, in the order of finding. */
  readonly list: Diagnostic[] = [];
  #errors = 0;

  /** How many of them are errors. */
  get errorCount(): number {
    return this.#errors;
  }

  /** Is looking for similar names still worth the time? Not after many errors: nobody reads them all. */
  get suggesting(): boolean {
    return this.#errors < MAX_SUGGESTED;
  }

  /** Takes over what another step reported. */
  add(diagnostics: readonly Diagnostic[]): void {
    for (const each of diagnostics) {
      if (each.severity === "error") this.#errors++;
      this.list.push(each);
    }
  }

  /** Reports an error at a stretch of `source`. */
  error(code: DiagnosticCode, source: SourceText, at: Span, message: string, extra?: ReportExtra): void {
    this.#errors++;
    this.list.push(diagnostic("error", code, source, at, message, extra));
  }

  /** Reports a warning at a stretch of `source`. */
  warning(code: DiagnosticCode, source: SourceText, at: Span, message: string, extra?: ReportExtra): void {
    this.list.push(diagnostic("warning", code, source, at, message, extra));
  }
}

/** A related place at the start of a stretch of `source`. */
export function place(source: SourceText, at: Span, message: string): RelatedPlace {
  return { file: source.file, ...source.position(at.start), message };
}

/** Orders diagnostics by file, then place, then code: the order in which people read them. */
export function sortDiagnostics<D extends Diagnostic<string>>(list: readonly D[]): D[] {
  return [...list].sort((a, b) =>
    compareText(a.file, b.file) || a.start - b.start || a.end - b.end || compareText(a.code, b.code)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A diagnostic at a stretch of `source`. */
export function diagnostic<Code extends string>(
  severity: Severity,
  code: Code,
  source: SourceText,
  at: Span,
  message: string,
  extra?: ReportExtra,
): Diagnostic<Code> {
  const from = source.position(at.start);
  const to = source.position(at.end);
  return {
    code,
    severity,
    file: source.file,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
    start: at.start,
    end: at.end,
    message,
    ...(extra?.suggestion === undefined ? {} : { suggestion: extra.suggestion }),
    ...(extra?.related === undefined ? {} : { related: extra.related }),
  };
}
