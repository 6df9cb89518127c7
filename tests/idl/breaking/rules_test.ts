import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compareVersions } from "../../../idl/breaking/compare.ts";
import type { BreakingFinding } from "../../../idl/breaking/report.ts";
import { BREAKING_CATEGORIES, BREAKING_RULES, type BreakingRuleName } from "../../../idl/breaking/rules.ts";
import { compileText } from "../checks.ts";

type Files = string | Readonly<Record<string, string>>;

/** What changes from one version to another. */
async function changes(old: Files, now: Files): Promise<BreakingFinding[]> {
  const [before, after] = await Promise.all([compileText(old), compileText(now)]);
  const errors = [...before.diagnostics, ...after.diagnostics].filter(({ severity }) => severity === "error");
  assertEquals(errors.map(({ message }) => message), []);
  return compareVersions(before.value, after.value);
}

/** `RULE SUBJECT` of each. */
async function briefs(old: Files, now: Files): Promise<string[]> {
  return (await changes(old, now)).map(({ rule, subject }) => `${rule} ${subject}`);
}

const X = "exception X {} exception Y {} struct Q { 1: i32 a } ";

/** For each rule: an old version, a new one that breaks, what is reported as, and a new one close by that does not. */
const EXAMPLES: Readonly<Record<BreakingRuleName, readonly [Files, Files, string, Files]>> = {
  "required-field-removed": [
    "struct A { 1: required i32 a, 2: i32 b }",
    "struct A { 2: i32 b }",
    "A.a",
    "struct A { 2: i32 b, 1: required i32 a }",
  ],
  "required-field-added": [
    "struct A { 1: i32 a }",
    "struct A { 1: i32 a, 2: required i32 b }",
    "A.b",
    "struct A { 1: i32 a, 2: optional i32 b }",
  ],
  "field-required-changed": [
    "struct A { 1: required i32 a }",
    "struct A { 1: i32 a }",
    "A.a",
    "struct A { 1: required i32 a, 2: optional i32 b }",
  ],
  "field-renumbered": ["struct A { 1: i32 a }", "struct A { 2: i32 a }", "A.a", "struct A { i32 a }"],
  "field-type-wire": [
    "struct A { 1: list<i32> a }",
    "struct A { 1: list<i64> a }",
    "A.a",
    "typedef i32 I typedef list<I> L struct A { 1: L a }",
  ],
  "field-id-reused": [
    "struct A { 1: i32 a, 2: string b }",
    "struct A { 1: i32 a, 2: i64 c }",
    "A.c",
    "struct A { 1: i32 a, 2: string b, 3: i64 c }",
  ],
  "reserved-used": [
    'struct A { 1: i32 a } (updraft.reserved = "2, old")',
    'struct A { 1: i32 a, 2: i32 b, 3: i32 old } (updraft.reserved = "2, old")',
    "A.b",
    'struct A { 1: i32 a, 3: i32 b } (updraft.reserved = "2, old")',
  ],
  "union-member-removed": [
    "union U { 1: i32 a, 2: i32 b }",
    "union U { 1: i32 a }",
    "U.b",
    "union U { 1: i32 a, 2: i32 b, 3: i32 c }",
  ],
  "union-kind-changed": ["struct A { 1: i32 a }", "union A { 1: i32 a }", "A", "struct A { 1: i32 a }  struct B {}"],
  "enum-member-removed": ["enum E { A = 0, B = 1 }", "enum E { A = 0 }", "E.B", "enum E { B = 1, A = 0, C = 2 }"],
  "enum-number-changed": ["enum E { A, B }", "enum E { A, C, B }", "E.B", "enum E { A, B, C }"],
  "service-removed": ["service S {} service T {}", "service T {}", "S", "service T {} service S {}"],
  "method-removed": [
    "service S { void get(), void b() }",
    "service S { void gets(), void b() }",
    "S.get",
    "service B { void get() } service S extends B { void b() }",
  ],
  "oneway-changed": [
    "service S { void f() }",
    "service S { oneway void f() }",
    "S.f",
    "service S { void f(), oneway void g() }",
  ],
  "streaming-changed": [
    "struct Q {} service S { Q f(1: Q q) }",
    'struct Q {} service S { Q f(1: Q q) (streaming.mode = "server") }',
    "S.f",
    'struct Q {} service S { Q f(1: Q q) (streaming.mode = "unary") }',
  ],
  "result-void-changed": ["service S { void f() }", "service S { i32 f() }", "S.f", "service S { void f(), i32 g() }"],
  "exception-added": [
    `${X}service S { void f() throws (1: X x) }`,
    `${X}service S { void f() throws (1: X x, 2: Y y) }`,
    "S.f.y",
    `${X}service S { void f() throws (1: X x) void g() throws (1: Y y) }`,
  ],
  "default-changed": [
    "struct A { 1: i32 a = 1 }",
    "struct A { 1: i32 a = 2 }",
    "A.a",
    "const i32 ONE = 1 struct A { 1: i32 a = ONE }",
  ],
  "reserved-removed": [
    'struct A { 1: i32 a } (updraft.reserved = "2-4, old")',
    'struct A { 1: i32 a } (updraft.reserved = "2, 4")',
    "A",
    'struct A { 1: i32 a } (updraft.reserved = "older, old 4 1-3")',
  ],
  "field-renamed": ["struct A { 1: i32 a }", "struct A { 1: i32 b }", "A.a", "struct A { 1: i32 a, 2: i32 b }"],
  "field-type-json": [
    "struct A { 1: string a }",
    "struct A { 1: binary a }",
    "A.a",
    "typedef string S struct A { 1: S a }",
  ],
  "http-binding-changed": [
    'service S { void f() (api.get = "/a") }',
    'service S { void f() (api.get = "/b") }',
    "S.f",
    'service S { void f() (api.get = "/a", api.category = "x", go.tag = "y") }',
  ],
  "field-removed": [
    "struct A { 1: i32 a, 2: optional i32 b }",
    "struct A { 1: i32 a }",
    "A.b",
    "struct A { 2: optional i32 b, 1: i32 a }",
  ],
  "field-type-source": [
    "enum E { A } struct S { 1: E e }",
    "enum E { A } struct S { 1: i32 e }",
    "S.e",
    "enum E { A } typedef E F struct S { 1: F e }",
  ],
  "field-optional-changed": [
    "struct A { 1: optional i32 a }",
    "struct A { 1: i32 a }",
    "A.a",
    "struct A { 1: optional i32 a (x = 'y') }",
  ],
  "argument-added": [
    "service S { void f(1: i32 a) }",
    "service S { void f(1: i32 a, 2: i32 b) }",
    "S.f.b",
    "service S { void f(1: i32 a), void g(2: i32 b) }",
  ],
  "enum-member-renamed": ["enum E { A, B }", "enum E { A, C }", "E.B", "enum E { A, B, C = 2 }"],
  "service-base-changed": [
    "service B {} service S extends B {}",
    "service B {} service S {}",
    "S",
    "service A {} service B extends A {} service S extends B {}",
  ],
  "definition-removed": ["struct A {} typedef i32 T", "struct A {}", "T", "typedef i32 T struct A {}"],
  "definition-moved": [
    "struct A {}",
    { "main.thrift": 'include "b.thrift" typedef b.A T', "b.thrift": "struct A {}" },
    "A",
    { "main.thrift": 'include "b.thrift" typedef b.B T struct A {}', "b.thrift": "struct B {}" },
  ],
  "definition-kind-changed": ["struct A {}", "exception A {}", "A", "struct A {} exception B {}"],
  "typedef-changed": ["typedef i32 T", "typedef i64 T", "T", "typedef i32 U typedef U T"],
  "const-changed": ["const i32 C = 1", "const i32 C = 2", "C", "const i32 D = 1 const i32 C = D"],
  "namespace-changed": ["namespace go a", "namespace go b", "namespace go", "namespace go a namespace js c"],
};

describe("breaking changes", () => {
  it("have codes by whom they break", () => {
    const codes = BREAKING_RULES.map((rule) => rule.code);
    assertEquals(codes, [...new Set(codes)].sort());
    for (const { code, name, categories, summary, reason } of BREAKING_RULES) {
      const weakest = categories.includes("WIRE") ? 0 : categories.includes("WIRE_JSON") ? 1 : 2;
      assertEquals(code.slice(0, 3), `UB${weakest + 1}`, name);
      assert(categories.every((category) => BREAKING_CATEGORIES.includes(category)));
      assert(!summary.endsWith(".") && reason.endsWith("."), name);
    }
  });
  for (const rule of BREAKING_RULES) {
    const [old, now, subject, fine] = EXAMPLES[rule.name];
    it(`${rule.name} is found in its example, with both places, and not close by`, async () => {
      const found = (await changes(old, now)).filter((finding) => finding.rule === rule.name);
      assertEquals(found[0]?.subject, subject);
      for (const { code, severity, categories, reason, message, old, new: after } of found) {
        assertEquals([code, severity], [rule.code, rule.level === "warn" ? "warning" : "error"]);
        assertEquals([categories, reason], [rule.categories, rule.reason]);
        assert((old ?? after) !== undefined && !message.endsWith("."));
      }
      assertEquals((await changes(old, fine)).filter((finding) => finding.rule === rule.name), []);
    });
  }

  const more: [string, Files, Files, readonly string[]][] = [
    [
      "nothing",
      "struct A { 1: i32 a } service S { A f(1: A a) }",
      "// moved\nservice S { A f(1: A a); }\nstruct A { 1: i32 a }",
      [],
    ],
    ["fields that swap their names", "struct A { 1: i32 a, 2: i32 b }", "struct A { 1: i32 b, 2: i32 a }", [
      "field-renumbered A.b",
      "field-renumbered A.a",
    ]],
    ["a renumbered field whose id is used anew", "struct A { 1: i32 a }", "struct A { 2: i32 a, 1: i32 b }", [
      "field-renumbered A.a",
      "field-id-reused A.b",
    ]],
    [
      "a struct in place of one with the same fields",
      "struct A { 1: i32 a, 2: A next } struct P { 1: A a }",
      "struct B { 1: i32 a, 2: B next } struct P { 1: B a }",
      ["definition-removed A", "field-type-source P.a"],
    ],
    [
      "a struct in place of one with other names",
      "struct A { 1: i32 a } struct P { 1: A a }",
      "struct B { 1: i32 b } struct P { 1: B a }",
      ["definition-removed A", "field-type-json P.a"],
    ],
    [
      "a struct in place of one with other types",
      "struct A { 1: i32 a } struct P { 1: A a }",
      "struct B { 1: i64 a } struct P { 1: B a }",
      ["definition-removed A", "field-type-wire P.a"],
    ],
    [
      "an enum in place of one with fewer numbers",
      "enum E { A, B } struct P { 1: E e }",
      "enum E { A, B } enum F { A } struct P { 1: F e }",
      ["field-type-wire P.e"],
    ],
    ["a list that became a set", "struct A { 1: list<i32> a }", "struct A { 1: set<i32> a }", ["field-type-wire A.a"]],
    ["how a number is held", "struct A { 1: i64 a }", 'struct A { 1: i64 a (js.type = "string") }', [
      "field-type-source A.a",
    ]],
    [
      "a typedef in use",
      "typedef i32 T struct A { 1: T a, 2: map<T, T> b }",
      "typedef i64 T struct A { 1: T a, 2: map<T, T> b }",
      ["typedef-changed T", "field-type-wire A.a", "field-type-wire A.b"],
    ],
    ["arguments and results", "service S { i32 f(1: i32 a, 2: i32 b) }", "service S { i64 f(1: i64 a) }", [
      "field-type-wire S.f",
      "field-type-wire S.f.a",
      "field-removed S.f.b",
    ]],
    [
      "a method of a base, once",
      "service B { void f() } service S extends B {}",
      "service B {} service S extends B {}",
      ["method-removed B.f"],
    ],
    [
      "a method lost with its base",
      "service B { void f() } service S extends B {}",
      "service B { void f() } service S {}",
      ["method-removed S.f", "service-base-changed S"],
    ],
    [
      "a union's fields, when it becomes a struct: only that",
      "union U { 1: i32 a }",
      "struct U { 1: required i64 b }",
      ["union-kind-changed U"],
    ],
    [
      "a reserved number of an enum",
      'enum E { A = 0 } (updraft.reserved = "1, OLD")',
      "enum E { A = 0, B = 1, OLD = 2 }",
      ["reserved-used E.B", "reserved-used E.OLD"],
    ],
    [
      "fields that take a reserved id or name and were there before",
      'struct A { 1: i32 a, 2: i32 b, 3: i32 old } (updraft.reserved = "3, 7, old, older")',
      'struct A { 7: i32 a, 2: i32 older, 3: i32 old } (updraft.reserved = "3, 7, old, older")',
      ["field-renumbered A.a", "reserved-used A.a", "reserved-used A.older", "field-renamed A.b"],
    ],
    [
      "reservations of an enum and a union that are gone",
      'enum E { A = 0 } (updraft.reserved = "1, 7") union U { 1: i32 a } (updraft.reserved = "x")',
      "enum E { A = 0, B = 1 } union U { 1: i32 a }",
      ["reserved-removed E", "reserved-used E.B", "reserved-removed U"],
    ],
    [
      "structs that hold each other, in place of two of other types, whichever is met first",
      `struct A { 1: B b, 2: i32 x } struct B { 1: A a } struct C { 1: D b, 2: string x } struct D { 1: C a }
      struct P { 1: A a, 2: B b } struct Q { 1: B b, 2: A a }`,
      `struct A { 1: B b, 2: i32 x } struct B { 1: A a } struct C { 1: D b, 2: string x } struct D { 1: C a }
      struct P { 1: C a, 2: D b } struct Q { 1: D b, 2: C a }`,
      ["field-type-wire P.a", "field-type-wire P.b", "field-type-wire Q.b", "field-type-wire Q.a"],
    ],
    ["a renumbered field of another type", "struct A { 1: i32 a }", "struct A { 2: required string a = 'x' }", [
      "field-required-changed A.a",
      "field-renumbered A.a",
      "field-type-wire A.a",
      "default-changed A.a",
    ]],
    [
      "defaults that are written or not, where they are what is read anyway",
      "enum E { A } typedef i64 T struct S { 1: i32 a, 2: string b = '', 3: E c = E.A, 4: list<i32> d, 5: T e, 6: bool f }",
      "enum E { A } typedef i64 T struct S { 1: i32 a = 0, 2: string b, 3: E c, 4: list<i32> d = [], 5: T e = 0, 6: bool f = 0 }",
      [],
    ],
    [
      "defaults of optional fields, and others than zero",
      "struct S { 1: optional i32 a, 2: double b, 3: map<i32, i32> c = {} }",
      "struct S { 1: optional i32 a = 0, 2: double b = 1, 3: map<i32, i32> c = {1: 2} }",
      ["default-changed S.a", "default-changed S.b", "default-changed S.c"],
    ],
    [
      "constants in another order, where there is one",
      "const set<i32> S = [1, 2] const map<string, i32> M = {'a': 1, 'b': 2} const list<i32> L = [1, 2]",
      "const set<i32> S = [2, 1] const map<string, i32> M = {'b': 2, 'a': 1} const list<i32> L = [2, 1]",
      ["const-changed L"],
    ],
    [
      "names in JSON",
      `struct A { 1: i32 a (go.tag = 'json:"x"'), 2: i32 b, 3: i32 c (go.tag = "json:\\"c,omitempty\\""), 4: i32 d }`,
      `struct A { 1: i32 a (go.tag = 'json:"y"'), 2: i32 b (go.tag = 'json:"z"'), 3: i32 c, 4: i32 d (go.tag = 'db:"e"') }`,
      ["http-binding-changed A.a", "http-binding-changed A.b"],
    ],
    [
      "where a service is for HTTP",
      'service S { void f() } (api.base_domain = "a.com")',
      'service S { void f() } (api.base_domain = "b.com")',
      ["http-binding-changed S"],
    ],
    ["a namespace for all languages", "namespace * a", "namespace go b namespace * a", []],
    ["a namespace that is gone", "namespace go a", "struct A {}", ["namespace-changed namespace go"]],
    ["a service that became something else", "service S {}", "struct S {}", ["service-removed S"]],
    [
      "struct values",
      "struct P { 1: i32 x, 2: list<string> l } const P C = {'x': 1, 'l': ['a']}",
      "struct P { 1: i32 x, 2: list<string> l } const P C = {'x': 1, 'l': ['b']}",
      ["const-changed C"],
    ],
  ];
  for (const [what, old, now, expected] of more) {
    it(`are told for ${what}`, async () => assertEquals(await briefs(old, now), expected));
  }

  it("say where, in both versions, and what to do", async () => {
    const [found] = await changes("struct A {\n  1: i32 a\n}", "\nstruct A {\n  1: i64 a\n}");
    assertEquals(found, {
      code: "UB1005",
      severity: "error",
      file: "main.thrift",
      line: 3,
      column: 3,
      endLine: 3,
      endColumn: 11,
      start: 14,
      end: 22,
      message: "the type is i64, which was i32",
      suggestion: "add a field of the new type under a new id",
      related: [{ file: "main.thrift", line: 2, column: 3, message: "it was here" }],
      rule: "field-type-wire",
      categories: ["WIRE", "WIRE_JSON", "SOURCE"],
      reason: "Readers skip what is not of the type they expect, or refuse the message.",
      subject: "A.a",
      old: { file: "main.thrift", line: 2, column: 3, message: "it was here" },
      new: { file: "main.thrift", line: 3, column: 3, message: "it is here" },
    });
  });
  it("say what is another where both types are written the same", async () => {
    const [found] = await changes("struct A { 1: i64 a }", 'struct A { 1: i64 a (js.type = "number") }');
    assertEquals(found?.message, "the type is i64 with another js.type");
  });
  it("are none between a version and itself, whatever it is", async () => {
    for (const [old, now] of Object.values(EXAMPLES)) {
      assertEquals(await briefs(old, old), []);
      assertEquals(await briefs(now, now), []);
    }
  });
  it("are found in files with thousands of definitions", async () => {
    const text = (type: string): string =>
      Array.from({ length: 3000 }, (_, i) => `struct A${i} { 1: ${type} a, 2: A${(i + 1) % 3000} b }`).join("\n");
    assertEquals((await changes(text("i32"), text("i64"))).length, 3000);
    const renamed = (name: string): string => text("i32").replaceAll("A", name) + `\nstruct Root { 1: ${name}0 a }`;
    assertEquals((await briefs(renamed("A"), renamed("B"))).at(-1), "field-type-source Root.a");
  });
});
