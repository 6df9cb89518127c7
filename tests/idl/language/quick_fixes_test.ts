import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { applyEdits, quickFixes } from "../../../idl/language/quick_fixes.ts";
import { lint } from "../../../idl/lint/lint.ts";
import { presetSettings } from "../../../idl/lint/settings.ts";
import { memoryReader } from "../../../idl/load.ts";

/** What each fix of the first diagnostic of `code` makes of the file, by its title. */
async function fixed(text: string, code: string, others: Record<string, string> = {}): Promise<Record<string, string>> {
  const { value, diagnostics } = await compile(["a.thrift"], memoryReader({ "a.thrift": text, ...others }));
  const [module] = value.mains;
  const all = [...diagnostics, ...lint(value.mains, presetSettings("recommended"))];
  const found = all.find((each) => each.code === code);
  if (module === undefined || found === undefined) throw new Error(`no ${code}: ${all.map((each) => each.code)}`);
  return Object.fromEntries(quickFixes(module, found).map(({ title, edits }) => [title, applyEdits(text, edits)]));
}

/** Mistakes, and what they become; `base:` stands for a file that includes another. */
const MISTAKES: readonly (readonly [wrong: string, right: string])[] = [
  ["struct A { 1: strng a }", "struct A { 1: string a }"],
  ["struct A { 1: list<float> a }", "struct A { 1: list<double> a }"],
  ["struct A { 1: requird i32 a }", "struct A { 1: required i32 a }"],
  ["struct A { 1: Optional i32 a }", "struct A { 1: optional i32 a }"],
  ["base:struct A { 1: base.Shred a }", "struct A { 1: base.Shared a }"],
  ["base:struct A { 1: bsae.Shared a }", "struct A { 1: base.Shared a }"],
  ["base:struct A { 1: Shared a }", "struct A { 1: base.Shared a }"],
  ["struct A { 1: base.Shared a }", 'include "base.thrift"\n\nstruct A { 1: base.Shared a }'],
  ["// doc\nstruct A { 1: base.Shared a }", 'include "base.thrift"\n\n// doc\nstruct A { 1: base.Shared a }'],
  [
    "// licence\n\nenum E {} struct A { 1: base.Shared a }",
    '// licence\n\ninclude "base.thrift"\n\nenum E {} struct A { 1: base.Shared a }',
  ],
  ["namespace go x\nstruct A { 1: base.Shared a }", "namespace go x\nstruct A { 1: base.Shared a }"],
  ["const i32 LIMIT = 3 struct A { 1: i32 a = LIMT }", "const i32 LIMIT = 3 struct A { 1: i32 a = LIMIT }"],
  ["base:struct A { 1: i32 a = base.LIMT }", "struct A { 1: i32 a = base.LIMIT }"],
  ["base:struct A { 1: i32 a = bas.LIMIT }", "struct A { 1: i32 a = base.LIMIT }"],
  ["base:struct A { 1: base.Color a = base.Color.RDE }", "struct A { 1: base.Color a = base.Color.RED }"],
  ["enum E { A } struct S { 1: E e = A }", "enum E { A } struct S { 1: E e = E.A }"],
  ['enum E { A } struct S { 1: E e = "A" }', "enum E { A } struct S { 1: E e = E.A }"],
  ["struct A { 1: bool a = True }", "struct A { 1: bool a = true }"],
  ['struct A { 1: i32 a = "5" }', "struct A { 1: i32 a = 5 }"],
  ["struct A { 0x10: i32 a }", "struct A { 16: i32 a }"],
  ['struct P { 1: i32 left } const P C = {"lft": 1}', 'struct P { 1: i32 left } const P C = {"left": 1}'],
  ["struct P { 1: i32 left } const P C = {left: 1}", 'struct P { 1: i32 left } const P C = {"left": 1}'],
  ["service Base {} service S extends Bsae {}", "service Base {} service S extends Base {}"],
  ["base:service S extends base.Bsae {}", "service S extends base.Base {}"],
  ["service Base {} service S extnds Base {}", "service Base {} service S extends Base {}"],
  ["service S { onway void f() }", "service S { oneway void f() }"],
  ["exception X {} service S { void f() throw (1: X x) }", "exception X {} service S { void f() throws (1: X x) }"],
  ["strct A {}", "struct A {}"],
  ["struct A.b {}", "struct A_b {}"],
  ['namespace go "x"', "namespace go x"],
  ["struct A { 1: i32 a (b = 1) }", 'struct A { 1: i32 a (b = "1") }'],
];

describe("quickFixes", () => {
  it("puts the name that was meant", async () => {
    assertEquals(await fixed("struct Account {}\nstruct B { 1: Acount a }\n", "UT3002"), {
      "Change to Account": "struct Account {}\nstruct B { 1: Account a }\n",
    });
  });
  it("mends every mistake whose suggestion says how", async () => {
    const base = "struct Shared {} enum Color { RED = 1 } const i32 LIMIT = 3 service Base {}";
    for (const [wrong, right] of MISTAKES) {
      const text = wrong.startsWith("base:") ? `include "base.thrift"\n${wrong.slice(5)}` : wrong;
      const read = (main: string) => compile(["a.thrift"], memoryReader({ "a.thrift": main, "base.thrift": base }));
      const { value, diagnostics } = await read(text);
      const fixes = diagnostics.flatMap((each) => each.severity === "error" ? quickFixes(value.mains[0]!, each) : []);
      assertEquals(fixes.map(({ preferred }) => preferred), [true], text);
      const mended = applyEdits(text, fixes[0]!.edits);
      assertEquals(mended.replace(/^include "base.thrift"\n(?=\S)/, ""), right);
      assertEquals((await read(mended)).diagnostics.filter((each) => each.severity === "error"), [], mended);
    }
  });
  it("writes the id of a field, before its word and type", async () => {
    assertEquals(await fixed("struct B {\n  1: i32 a\n  optional list<i32> b\n}\n", "UT3024"), {
      "Write its id, 2": "struct B {\n  1: i32 a\n  2: optional list<i32> b\n}\n",
    });
    assertEquals(await fixed("service S { void f(string a) }\n", "UT3024"), {
      "Write its id, 1": "service S { void f(1: string a) }\n",
    });
  });
  it("removes an include that nothing uses, with its line", async () => {
    const text = '// first\r\ninclude "b.thrift"\r\nstruct A {}\r\n';
    assertEquals(await fixed(text, "UT2004", { "b.thrift": "struct B {}" }), {
      "Remove the include": "// first\r\nstruct A {}\r\n",
    });
  });
  it("has no fix for what it does not know how to mend", async () => {
    assertEquals(await fixed("struct A { 1: i32 a, 1: i32 b }\n", "UT3020"), {});
  });
  it("mends what a lint rule can, or silences it for the line", async () => {
    const text = "namespace go x\nenum Kind {\n  NONE = 0\n  SOME\n}\n";
    assertEquals(await fixed(text, "UL3002"), {
      "Mend enum-value-missing": "namespace go x\nenum Kind {\n  NONE = 0\n  SOME = 1\n}\n",
      "Ignore enum-value-missing here":
        "namespace go x\nenum Kind {\n  NONE = 0\n  // updraft-lint-ignore enum-value-missing say why\n  SOME\n}\n",
    });
    const ignored = (await fixed(text, "UL3002"))["Ignore enum-value-missing here"] ?? "";
    const { value } = await compile(["a.thrift"], memoryReader({ "a.thrift": ignored }));
    assertEquals(lint(value.mains, presetSettings("recommended")), []);
  });
});
