/**
 * Every diagnostic the compiler can give, by its code. Codes never change their meaning; a retired one is not reused.
 *
 * `UT1` syntax, `UT2` files, `UT3` names and types, `UT4` constants, `UT5` services, `UT6` generated code.
 *
 * @module
 */

/** What each code means, in a few words. */
export const DIAGNOSTIC_CODES = {
  UT1001: "unexpected characters",
  UT1002: "comment is never closed",
  UT1003: "malformed number",
  UT1004: "string is never closed",
  UT1005: "something else was expected here",
  UT1006: "header behind a definition",
  UT1007: "nested too deeply",
  UT1008: "Thriftgo rejects this form (warning)",
  UT1009: "dots in a defined name",
  UT1010: "field id is not decimal",
} as const;

/** A code such as `UT1001`. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
