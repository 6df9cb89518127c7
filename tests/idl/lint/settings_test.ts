import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LINT_RULES } from "../../../idl/lint/rules.ts";
import { readLintSettings } from "../../../idl/lint/settings.ts";

function onIn(value: unknown): string[] {
  return [...readLintSettings(value, []).rules].filter(([, { level }]) => level !== "off").map(([name]) => name);
}

function errorsIn(value: unknown): string[] {
  const errors: string[] = [];
  readLintSettings(value, errors);
  return errors;
}

describe("lint settings", () => {
  it("begin with a preset, the recommended one if none is named", () => {
    const all = LINT_RULES.map((rule) => rule.name);
    const recommended = LINT_RULES.filter((rule) => rule.preset === "recommended").map((rule) => rule.name);
    assertEquals(onIn(undefined), recommended);
    assertEquals(onIn({ extends: "recommended" }), recommended);
    assertEquals(onIn({ extends: "all" }), all);
    assertEquals(onIn({ extends: "none" }), []);
    assertEquals(onIn({ extends: "none", rules: { UL3001: "warn", "enum-value-missing": ["error", {}] } }), [
      "enum-zero",
      "enum-value-missing",
    ]);
  });
  it("say what is wrong, all of it, and where", () => {
    assertEquals(
      errorsIn({
        extends: "most",
        rule: {},
        rules: {
          "enum-zer": "warn",
          "enum-zero": "warning",
          "type-name": ["warn", { style: "snake" }],
          "field-name": ["warn", { case: "kebab" }],
          "doc-missing": ["warn", { kinds: ["filed"] }],
          "service-suffix": ["warn", { suffix: 1 }, 2],
          "file-name": [],
          UL2002: "off",
          "required-field": "error",
        },
        ignore: "gen",
      }),
      [
        'lint: "rule" is not known here, did you mean rules?',
        'lint.extends: expected "recommended", "all", "none", found "most"',
        'lint.rules: "enum-zer" is not known here, did you mean enum-zero?',
        'lint.rules: "required-field" is the same as "UL2002", remove one of them',
        'lint.rules.enum-zero: expected "off", "warn", "error", found "warning"',
        'lint.rules.type-name: "style" is not known here, there is case',
        'lint.rules.field-name.case: expected "snake", "camel", "pascal", "upper_snake", "consistent", found "kebab"',
        'lint.rules.doc-missing.kinds[0]: expected "const", "typedef", "enum", "struct", "union", "exception", "service", "function", "field", found "filed"',
        'lint.rules.service-suffix: expected a level and options, as ["warn", {}]',
        "lint.rules.service-suffix.suffix: expected a string, found 1",
        'lint.rules.file-name: expected a level and options, as ["warn", {}]',
        'lint.ignore: expected a list, found "gen"',
      ],
    );
    assertEquals(errorsIn([]), ["lint: expected an object, found []"]);
  });
});
