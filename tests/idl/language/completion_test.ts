import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { complete } from "../../../idl/language/completion.ts";
import { completePath } from "../../../idl/language/include_paths.ts";
import { marked } from "./markers.ts";

const BASE = {
  "base.thrift": "/** Colors. */ enum Color { RED = 1, GREEN = 2 } struct Shared { 1: i32 x } service Parent {}\n" +
    "exception Oops {} const i32 LIMIT = 1 const string NAME = 'n'",
};

async function labels(text: string): Promise<string[]> {
  const { module, offset } = await marked({ ...BASE, "main.thrift": text });
  return (complete(module, offset)?.items ?? []).map((item) => item.label);
}

/** What is there once the item named `label` was taken. */
async function taken(text: string, label: string): Promise<string | undefined> {
  const { module, offset } = await marked({ ...BASE, "main.thrift": text });
  const completion = complete(module, offset);
  const item = completion?.items.find((each) => each.label === label);
  if (completion === undefined || item === undefined) return undefined;
  const whole = module.document.source.text;
  return whole.slice(0, completion.start) + (item.insert ?? item.label) + whole.slice(completion.end);
}

describe("completion", () => {
  it("offers the words that may stand there, and no others", async () => {
    assertEquals(await labels("|"), [
      "include",
      "namespace",
      "const",
      "typedef",
      "enum",
      "struct",
      "union",
      "exception",
      "service",
    ]);
    assertEquals((await labels("struct A {}\nstr|")).includes("include"), false);
    assertEquals(await labels("service S |"), ["extends"]);
    assert((await labels("service S { void f() |")).includes("throws"));
    const inStruct = await labels("struct A { 1: |");
    assert(inStruct.includes("required") && inStruct.includes("optional") && !inStruct.includes("oneway"));
    assert((await labels("service S { |}")).includes("oneway"));
    assertEquals((await labels("namespace |")).slice(0, 2), ["*", "go"]);
  });
  it("offers types in scope, included ones with their prefix", async () => {
    const offered = await labels('include "base.thrift"\ntypedef i64 Id\nstruct A { 1: optional | }\nstruct Later {}');
    for (const name of ["i64", "list", "Id", "A", "Later", "base.Color", "base.Shared", "base.Oops"]) {
      assert(offered.includes(name), name);
    }
    assert(!offered.includes("base.Parent") && !offered.includes("base.LIMIT") && !offered.includes("required"));
    assertEquals(
      await taken('include "base.thrift"\nstruct A { 1: base.C|ol c }', "base.Color"),
      'include "base.thrift"\nstruct A { 1: base.Color c }',
    );
    assertEquals(await taken("struct A { 1: map<string, A|", "A"), "struct A { 1: map<string, A");
  });
  it("offers exceptions to throw and services to extend", async () => {
    const head = 'include "base.thrift"\nexception Mine {}\nservice Own {}\n';
    assertEquals((await labels(`${head}service S { void f() throws (1: |`)).filter((label) => /^[A-Zb]/.test(label)), [
      "Mine",
      "base.Oops",
    ]);
    assertEquals(
      await labels(`${head}service S extends |`),
      ["Own", "S", "base.Parent"],
    );
  });
  it("offers values of the declared type", async () => {
    const head = 'include "base.thrift"\nconst i32 ONE = 1\n';
    assertEquals(await labels(`${head}const base.Color C = |`), ["base.Color.RED", "base.Color.GREEN"]);
    assertEquals(await labels(`${head}struct A { 1: i32 a = | }`), ["ONE", "base.LIMIT"]);
    assertEquals(await labels(`${head}struct A { 1: bool a = t| }`), ["true", "false"]);
    assertEquals(await labels(`${head}const list<string> A = ["x", |`), ["base.NAME"]);
    assertEquals(await labels(`${head}const map<base.Color, bool> A = {base.Color.RED: |`), ["true", "false"]);
    assertEquals(await labels(`${head}const map<base.Color, bool> A = {base.Color.RED: true, |`), [
      "base.Color.RED",
      "base.Color.GREEN",
    ]);
    assertEquals(await labels(`${head}service S { void f(1: base.Color c = |`), ["base.Color.RED", "base.Color.GREEN"]);
  });
  it("offers the fields of a struct's value, quoted or not", async () => {
    const head = "enum E { X }\nstruct P { 1: i32 x, 2: E e, 3: P next }\n";
    assertEquals(await labels(`${head}const P A = {|`), ["x", "e", "next"]);
    assertEquals(await taken(`${head}const P A = {"n|": 1}`, "next"), `${head}const P A = {"next": 1}`);
    assertEquals(await taken(`${head}const P A = {|}`, "e"), `${head}const P A = {"e": }`);
    assertEquals(await labels(`${head}const P A = {"e": |}`), ["E.X"]);
    assertEquals(await labels(`${head}const P A = {"x": 1, "next": {"next": {"e": |}}}`), ["E.X"]);
    assertEquals(await labels(`${head}const list<P> A = [{"x": 1}, {"e": |}]`), ["E.X"]);
  });
  it("offers annotations that mean something there, and their values", async () => {
    const onField = await labels("struct A { 1: i64 a (|");
    assert(onField.includes("js.type") && onField.includes("vt.gt") && !onField.includes("streaming.mode"));
    assertEquals(await labels("struct A { 1: i64 a } (|"), ["deprecated", "vt.assert"]);
    assert((await labels("service S { A f(1: A a) (|")).includes("streaming.mode"));
    assertEquals(
      await taken("service S { A f(1: A a) (streaming.mode = |", "server"),
      'service S { A f(1: A a) (streaming.mode = "server"',
    );
    assertEquals(
      await taken('struct A { 1: i64 a (js.type = "|") }', "number"),
      'struct A { 1: i64 a (js.type = "number") }',
    );
  });
  it("offers nothing for new names, in comments, in numbers and in other strings", async () => {
    for (
      const text of [
        "struct A { 1: i32 |",
        "struct |",
        "enum E { | }",
        "enum E { A = | }",
        "// comm|ent",
        "/* comm|ent */ struct A {}",
        "const i32 A = 1|",
        "const string A = 'te|xt'",
      ]
    ) assertEquals(await labels(text), [], text);
    assert((await labels("/* c */ |")).length > 0);
  });
  it("ends on every prefix and at every place of a text with mistakes", async () => {
    const text =
      'include "base.thrift"\nstruct A { 1: list<base.Sh x = {"a": [1, {"b" (vt.gt = "$x\n service S extends {( throws';
    for (let at = 0; at <= text.length; at++) {
      await labels(text.slice(0, at) + "|");
      await labels(`${text.slice(0, at)}|${text.slice(at)}`);
    }
  });
});

describe("completePath", () => {
  const folders: Record<string, [name: string, isFolder: boolean][]> = {
    ".": [["idl", true], ["top.thrift", false], [".git", true], ["x.txt", false]],
    "idl": [["a.thrift", false], ["main.thrift", false], ["sub", true]],
    "idl/sub": [["deep.thrift", false]],
    "common": [["shared.thrift", false]],
  };
  const list = (folder: string): Promise<{ name: string; isFolder: boolean }[]> =>
    Promise.resolve((folders[folder] ?? []).map(([name, isFolder]) => ({ name, isFolder })));
  const paths = async (typed: string): Promise<string[]> =>
    (await completePath(typed, "idl/main.thrift", ["common"], list)).map((item) => item.label);

  it("looks where the compiler looks, and leaves the file itself out", async () => {
    assertEquals(await paths(""), ["idl/", "top.thrift", "a.thrift", "sub/", "shared.thrift"]);
    assertEquals(await paths("sub/d"), ["sub/deep.thrift"]);
    assertEquals(await paths("idl/sub/"), ["idl/sub/deep.thrift"]);
    assertEquals(await paths("nowhere/"), []);
  });
});
