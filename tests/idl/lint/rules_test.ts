import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { applyFixes } from "../../../idl/lint/lint.ts";
import type { LintRule } from "../../../idl/lint/rule.ts";
import { LINT_RULES } from "../../../idl/lint/rules.ts";
import { findingsIn } from "./lint_files.ts";

describe("lint rules", () => {
  it("have codes that ascend, and names that are words", () => {
    const codes = LINT_RULES.map((rule) => rule.code);
    assertEquals(codes, [...new Set(codes)].sort());
    for (const { code, name, summary, reason } of LINT_RULES) {
      assert(/^UL\d{4}$/.test(code) && /^[a-z]+(-[a-z]+)+$/.test(name), `${code} ${name}`);
      assert(!summary.endsWith(".") && reason.endsWith("."), name);
    }
    assertEquals(new Set(LINT_RULES.map((rule) => rule.name)).size, LINT_RULES.length);
  });
  for (const rule of LINT_RULES) {
    it(`${rule.name} complains about its bad example, once, and not about its good one`, async () => {
      const found = await of(rule, rule.bad);
      assertEquals(found.map(({ code, severity }) => [code, severity]), [
        [rule.code, rule.level === "warn" ? "warning" : "error"],
      ]);
      assert(!found[0]?.message.endsWith("."));
      assertEquals(await of(rule, rule.good), []);
    });
    if (rule.fixable !== true) continue;
    it(`${rule.name} mends its bad example`, async () => {
      const files = typeof rule.bad === "string" ? { "main.thrift": rule.bad } : rule.bad;
      const fixed = applyFixes(files["main.thrift"] ?? "", await of(rule, files));
      assertEquals(await of(rule, { ...files, "main.thrift": fixed }), []);
    });
  }

  const more: [string, string, readonly string[]][] = [
    ["type-name", "typedef i32 my_type enum HTTPCode {} service s {}", [
      "my_type is not in pascal case",
      "s is not in pascal case",
    ]],
    ["field-name", "struct A { 1: i32 aB, 2: i32 c_d, 3: i32 eF, 4: i32 g }", ["c_d is not in camel case"]],
    ["argument-name", "exception X {} service S { void f(1: i32 a_b) throws (1: X theX, 2: X c_d) }", [
      "theX is not in snake case",
    ]],
    [
      "reserved-word",
      "enum E { from } service S { void import(1: i32 self) }",
      ["from", "import", "self"].map((w) => `${w} is a reserved word of some languages`),
    ],
    ["field-id-missing", "exception X {} service S { void f(i32 a) throws (X x) }", ["a has no id", "x has no id"]],
    ["required-field", "service S { void f(1: required i32 a) }", []],
    ["field-id-order", "struct A { 1: i32 a, 3: i32 b, 2: i32 c, 4: i32 d }", ["id 2 of c is behind 3 of b"]],
    ["field-id-gap", 'struct A { 9: i32 a, 2: i32 b, -3: i32 c } (updraft.reserved = "3-4, 6-8")', [
      "id 5 is neither used nor reserved before a",
    ]],
    ["reserved-used", 'enum E { A = 0, B = 3, OLD = 4 } (updraft.reserved = "3, OLD")', [
      "number 3 is reserved in E",
      "OLD is reserved in E",
    ]],
    ["enum-zero", "enum E {}", []],
    ["enum-value-missing", "enum E { A = -1, B }", ["B has no number"]],
    ["request-response", "struct R {} service S { i32 f(1: R r), void g(), R h(1: i32 a) }", [
      "f returns something else than a struct",
      "h takes something else than one struct",
    ]],
    ["empty-definition", "struct A {} enum E {} service S {} service T extends S {}", [
      "enum E is empty",
      "service S is empty",
    ]],
    [
      "deprecated-use",
      "/** @deprecated */\ntypedef i32 Old\nconst Old A = 1\nservice S { list<Old> f(1: map<i32, Old> a) }",
      ["Old is deprecated", "Old is deprecated", "Old is deprecated"],
    ],
    ["deprecated-syntax", "typedef list<byte> L service S { async void f(1: L &a) (deprecated) }", [
      "byte is another name of i8",
      "async is another word for oneway",
      "& means nothing here",
      "annotation deprecated has no value",
    ]],
  ];
  for (const [name, text, messages] of more) {
    it(`${name} says of ${text}: ${messages.join(", ") || "nothing"}`, async () => {
      const found = await findingsIn(text, { extends: "none", rules: { [name]: "warn" } });
      assertEquals(found.map((finding) => finding.message), messages);
    });
  }

  it("take an include for used that the key of an annotation names", async () => {
    const files = { "main.thrift": 'include "opt.thrift" struct A {} (opt.info = "x")', "opt.thrift": "" };
    const config = { extends: "none", rules: { "include-unused": "warn" } };
    assertEquals(await findingsIn(files, config), []);
    const other = { ...files, "main.thrift": 'include "opt.thrift" struct A {} (option.info = "x", opt = "y")' };
    assertEquals((await findingsIn(other, config)).length, 1);
  });
  it("mend several things at once", async () => {
    const text =
      'include "b.thrift" // of b\n  include "c.thrift"  \nstruct A { byte a, 2: byte&b } enum E { A, B (x) }';
    const found = await findingsIn({ "main.thrift": text, "b.thrift": "", "c.thrift": "" });
    assertEquals(
      applyFixes(text, found.filter((finding) => finding.file === "main.thrift")),
      ' // of b\nstruct A { 1: i8 a, 2: i8 b } enum E { A = 0, B = 1 (x = "1") }',
    );
  });
  it("take their options", async () => {
    const config = {
      extends: "none",
      rules: {
        "field-name": ["error", { case: "camel" }],
        UL1007: ["warn", { suffix: "Svc" }],
        "namespace-missing": ["warn", { languages: ["go", "java"] }],
        "doc-missing": ["warn", { kinds: ["field"] }],
      },
    };
    const found = await findingsIn(
      "namespace go a\nstruct A {\n1: i32 a_b // with a comment\n\n2: i32 c }\nservice S {}",
      config,
    );
    assertEquals(found.map(({ rule, severity, line }) => [rule, severity, line]), [
      ["namespace-missing", "warning", 2],
      ["field-name", "error", 3],
      ["doc-missing", "warning", 5],
      ["service-suffix", "warning", 6],
    ]);
  });
});

async function of(rule: LintRule, files: LintRule["bad"]): ReturnType<typeof findingsIn> {
  return (await findingsIn(files)).filter((finding) => finding.rule === rule.name);
}
