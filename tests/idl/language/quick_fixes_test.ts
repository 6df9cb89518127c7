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

describe("quickFixes", () => {
  it("puts the name that was meant", async () => {
    assertEquals(await fixed("struct Account {}\nstruct B { 1: Acount a }\n", "UT3002"), {
      "Change to Account": "struct Account {}\nstruct B { 1: Account a }\n",
    });
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
