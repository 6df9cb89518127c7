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
  UT2001: "file not found",
  UT2002: "files include each other",
  UT2003: "include means another file than the one beside it (warning)",
  UT2004: "include is not used (warning)",
  UT3001: "name is defined twice",
  UT3002: "type is not defined",
  UT3003: "this is not a type",
  UT3004: "name is defined in two includes of the same prefix (warning)",
  UT3005: "typedef stands for itself",
  UT3006: "js.type is not known here (warning)",
  UT3007: "uuid is not known to Thriftgo (warning)",
  UT3008: "name of a base type is defined again (warning)",
  UT3009: "key is compared by identity in TypeScript (warning)",
  UT3010: "enum member is defined twice",
  UT3011: "enum number is used twice (warning)",
  UT3012: "enum number is not an int32",
  UT3020: "field id is used twice",
  UT3021: "field name is used twice",
  UT3022: "field id is out of range",
  UT3023: "field id is not positive (warning)",
  UT3024: "field has no id (warning)",
  UT3025: "union members are always optional (warning)",
  UT3026: "union has two defaults",
  UT3027: "struct requires itself (warning)",
  UT4001: "value is not defined",
  UT4002: "value means two things",
  UT4003: "value is of the wrong type",
  UT4004: "value is out of range",
  UT4005: "constant stands for itself",
  UT4006: "string cannot be decoded",
  UT4007: "value occurs twice in a set or as a map key (warning)",
  UT4008: "struct value does not fit its struct",
  UT4009: "value is converted in a surprising way (warning)",
  UT4010: "leading zero makes the number octal (warning)",
  UT4011: "constant is too large",
  UT4012: "default value contains itself",
  UT5001: "function is defined twice",
  UT5002: "base service is not defined",
  UT5003: "service extends itself",
  UT5004: "oneway function returns a value",
  UT5005: "oneway function throws",
  UT5006: "only exceptions can be thrown",
  UT5007: "optional means nothing for an argument (warning)",
  UT5008: "streaming annotation cannot be used here",
  UT5009: "exception has the id of the result",
  UT6001: "two files would be generated at one path",
  UT6002: "namespaces depend on each other",
  UT6003: "constant does not fit a number of JavaScript",
  UT6004: "name has another form in TypeScript (warning)",
  UT6005: "there is nothing of this name to keep",
} as const;

/** A code such as `UT1001`, or one of a plugin, such as `my-plugin/no-optional`. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES | `${string}/${string}`;
