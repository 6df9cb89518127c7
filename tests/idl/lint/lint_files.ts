/**
 * Lints small IDLs in memory, for tests.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Module } from "../../../idl/model.ts";
import { lint } from "../../../idl/lint/lint.ts";
import type { Example, Finding } from "../../../idl/lint/rule.ts";
import { readLintSettings } from "../../../idl/lint/settings.ts";
import { compileText } from "../checks.ts";

/** Compiles `main.thrift`; it has no errors. */
export async function modulesOf(files: Example): Promise<readonly Module[]> {
  const { value, diagnostics } = await compileText(files);
  assertEquals(diagnostics.filter(({ severity }) => severity === "error"), []);
  return value.modules;
}

/** What the rules, set as in a configuration file, find in `main.thrift` and its includes. */
export async function findingsIn(files: Example, config: unknown = { extends: "all" }): Promise<Finding[]> {
  const errors: string[] = [];
  const settings = readLintSettings(config, errors);
  assertEquals(errors, []);
  return lint(await modulesOf(files), settings);
}
