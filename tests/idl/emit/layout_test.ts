import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { Diagnostics } from "../../../idl/diagnostics.ts";
import { planOutputs } from "../../../idl/emit/layout.ts";
import type { EmitOptions } from "../../../idl/emit/options.ts";
import { memoryReader } from "../../../idl/load.ts";

async function layout(
  mains: readonly string[],
  files: Readonly<Record<string, string>>,
  options: EmitOptions = {},
  includeDirs: readonly string[] = [],
): Promise<{ paths: string[]; codes: string[] }> {
  const { value } = await compile(mains, memoryReader(files), { includeDirs });
  const diagnostics = new Diagnostics();
  const plans = planOutputs(value, options, diagnostics);
  return { paths: plans.map((plan) => plan.path), codes: diagnostics.list.map((d) => d.code) };
}

describe("planOutputs", () => {
  it("puts files below the folder of those asked for", async () => {
    const files = { "idl/a/x.thrift": 'include "../y.thrift"', "idl/y.thrift": "", "idl/b/z.thrift": "" };
    assertEquals((await layout(["idl/a/x.thrift", "idl/b/z.thrift"], files)).paths, ["y.ts", "a/x.ts", "b/z.ts"]);
    assertEquals((await layout(["idl/a/x.thrift"], files)).paths, ["_parent/y.ts", "x.ts"]);
  });
  it("puts files of another root where they are below it", async () => {
    const files = { "idl/x.thrift": 'include "deep/y.thrift"', "shared/deep/y.thrift": "" };
    assertEquals((await layout(["idl/x.thrift"], files, { roots: ["shared"] }, ["shared"])).paths, [
      "deep/y.ts",
      "x.ts",
    ]);
  });
  it("makes safe names of unsafe ones", async () => {
    const files = { "a b#?%.idl": 'include "/etc/hidden"', "/etc/hidden": "" };
    assertEquals((await layout(["a b#?%.idl"], files)).paths, ["_root/etc/hidden.ts", "a_b___.ts"]);
  });
  it("makes names that every system has for files", async () => {
    const files = { "con.thrift": 'include "nul.d/x..thrift"', "nul.d/x..thrift": "" };
    assertEquals((await layout(["con.thrift"], files)).paths, ["_nul.d/x_.ts", "_con.ts"]);
    const namespaces = { "a.thrift": "namespace ts api.aux struct A {}", "b.thrift": "namespace ts COM1 struct B {}" };
    const { paths } = await layout(["a.thrift", "b.thrift"], namespaces, { split: "namespace" });
    assertEquals(paths, ["api/_aux.ts", "_COM1.ts"]);
  });
  it("leaves node_modules to packages", async () => {
    const files = { "a.thrift": 'include "node_modules/@org/b.thrift"', "node_modules/@org/b.thrift": "" };
    assertEquals((await layout(["a.thrift"], files)).paths, ["_node_modules/_org/b.ts", "a.ts"]);
  });
  it("makes no declaration files", async () => {
    const files = { "a.d.thrift": 'include "b.d/c.d.v1.thrift"', "b.d/c.d.v1.thrift": 'include ".d"', "b.d/.d": "" };
    assertEquals((await layout(["a.d.thrift"], files)).paths, ["b.d/.d_.ts", "b.d/c.d_.v1.ts", "a.d_.ts"]);
  });
  it("reports what would be a file and a folder, and names that differ in case only", async () => {
    const files = { "a.thrift": 'include "A.ts/x.thrift"', "A.ts/x.thrift": "struct X {}" };
    assertEquals((await layout(["a.thrift"], files)).codes, ["UT6001"]);
    const same = { "a.thrift": 'include "A.thrift"', "A.thrift": "struct X {}" };
    assertEquals((await layout(["a.thrift"], same)).codes, ["UT6001"]);
  });
  it("follows namespaces if told so, in an order that imports can have", async () => {
    const files = {
      "a.thrift": 'namespace go api.v1 namespace js web.v1 include "b.thrift" struct A { 1: b.B b }',
      "b.thrift": "namespace * api struct B {}",
      "c.thrift": "namespace * api struct C {}",
      "d.thrift": "struct D {}",
    };
    const { paths, codes } = await layout(["a.thrift", "c.thrift", "d.thrift"], files, { split: "namespace" });
    assertEquals([paths, codes], [["api.ts", "web/v1.ts", "d.ts"], []]);
  });
  it("cannot be led outside by a namespace", async () => {
    const files = { "a.thrift": "namespace * ..x struct A {}" };
    const { paths } = await layout(["a.thrift"], files, { split: "namespace" });
    assertEquals(paths.every((path) => !path.startsWith("/") && !path.split("/").includes("..")), true);
  });
});
