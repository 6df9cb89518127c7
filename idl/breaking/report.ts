/**
 * Collects what a comparison finds, with the places in both versions.
 *
 * @module
 */
import { type Diagnostic, diagnostic, type RelatedPlace, type Span } from "../diagnostics.ts";
import type { Module } from "../model.ts";
import { type BreakingCategory, type BreakingRule, type BreakingRuleName, findBreakingRule } from "./rules.ts";

/** A change that breaks something. Its place is that in the new version, or in the old one of what is gone. */
export interface BreakingFinding extends Diagnostic<string> {
  /** Name of the rule. */
  readonly rule: BreakingRuleName;
  /** Whom it breaks. */
  readonly categories: readonly BreakingCategory[];
  /** What happens then. */
  readonly reason: string;
  /** What changed: `Struct.field`, `Service.method.argument`, `Enum.MEMBER` or the name of a definition. */
  readonly subject: string;
  /** Where it is in the old version; `undefined` for what is new. */
  readonly old: RelatedPlace | undefined;
  /** Where it is in the new version; `undefined` for what is gone. */
  readonly new: RelatedPlace | undefined;
}

/** A part of one version. */
export interface Place {
  /** The file. */
  readonly module: Module;
  /** Where in it. */
  readonly at: Span;
}

/** Finds how messages name a file of the old or of the new version. */
export interface FileNames {
  /** Of a file of the old version. */
  readonly old: (path: string) => string;
  /** Of a file of the new version. */
  readonly new: (path: string) => string;
}

/** A growing list of findings. */
export class BreakingReport {
  /** All so far, in the order of finding. */
  readonly findings: BreakingFinding[] = [];
  readonly #names: FileNames;

  /** Names files as `names` says. */
  constructor(names: FileNames) {
    this.#names = names;
  }

  /** Adds a finding of a change from `before` to `after`, of which one may be missing. */
  add(
    name: BreakingRuleName,
    subject: string,
    before: Place | undefined,
    after: Place | undefined,
    message: string,
    suggestion?: string,
  ): void {
    const rule: BreakingRule | undefined = findBreakingRule(name);
    const main = after ?? before;
    if (rule === undefined || main === undefined) return;
    const old = before && this.#place(before, this.#names.old, "it was here");
    const made = diagnostic(
      rule.level === "warn" ? "warning" : "error",
      rule.code,
      main.module.document.source,
      main.at,
      message,
      {
        suggestion,
        related: after !== undefined && old !== undefined ? [old] : undefined,
      },
    );
    const file = after === undefined ? this.#names.old(made.file) : this.#names.new(made.file);
    const { categories, reason } = rule;
    const now = after && this.#place(after, this.#names.new, "it is here");
    this.findings.push({ ...made, file, rule: name, categories, reason, subject, old, new: now });
  }

  #place({ module, at }: Place, nameOf: (path: string) => string, message: string): RelatedPlace {
    const { source } = module.document;
    return { file: nameOf(source.file), ...source.position(at.start), message };
  }
}
