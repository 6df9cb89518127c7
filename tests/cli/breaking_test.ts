import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import type { BreakingFinding } from "../../idl/breaking/report.ts";
import { BREAKING_RULES } from "../../idl/breaking/rules.ts";
import { RpcError } from "../../lib/errors.ts";
import { memoryPlatform } from "./memory_platform.ts";

const OLD = "struct A {\n  1: i32 a\n}\n";
const NEW = "struct A {\n  1: i64 a\n}\n";

async function breaking(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const memory = memoryPlatform(["breaking", ...args], files);
  const spawn = (): Promise<never> => Promise.reject(new RpcError("invalid", "cannot start git: ENOENT"));
  return { code: await run({ ...memory.platform, spawn }), ...memory.printed };
}

describe("updraft breaking", () => {
  it("ends with 0 when nothing is broken", async () => {
    const files = { "old.thrift": OLD, "new.thrift": OLD + "struct B {}" };
    assertEquals(await breaking(["old.thrift", "new.thrift"], files), {
      code: 0,
      out: "",
      err: "1 file compared: nothing is broken\n",
    });
  });
  it("shows what is, with both places, whom it breaks and what to do", async () => {
    const { code, err } = await breaking(["old.thrift", "new.thrift"], { "old.thrift": OLD, "new.thrift": NEW });
    assertEquals(code, 1);
    assertEquals(
      err,
      `new.thrift:2:3: error UB1005: the type is i64, which was i32 (WIRE, WIRE_JSON, SOURCE)
  2 |   1: i64 a
    |   ^~~~~~~~
  note: old.thrift:2:3: it was here
  why: Readers skip what is not of the type they expect, or refuse the message.
  help: add a field of the new type under a new id
1 file compared: 1 error
`,
    );
  });
  it("gives the reason of a rule once", async () => {
    const old = OLD.replace("}", "  2: i32 b\n}");
    const { err } = await breaking(["old.thrift", "new.thrift"], { "old.thrift": old, "new.thrift": "struct A {}" });
    assertEquals(err.match(/error UB3001|why: Programs that use it no longer compile\./g), [
      "error UB3001",
      "why: Programs that use it no longer compile.",
      "error UB3001",
    ]);
  });
  it("shows what is gone where it was", async () => {
    const { err } = await breaking(["old", "new"], { "old/a.thrift": OLD, "new/a.thrift": "struct A {\n}" });
    assertStringIncludes(err, "old/a.thrift:2:3: error UB3001: a is gone from A (SOURCE)\n  2 |   1: i32 a\n");
  });
  it("compares folders file by file, with what they include", async () => {
    const files = {
      "old/a.thrift": 'include "deep/b.thrift"\nstruct A { 1: b.B b }',
      "old/deep/b.thrift": "struct B { 1: i32 x }",
      "old/c.thrift": "enum E { A = 0 }",
      "new/a.thrift": 'include "deep/b.thrift"\nstruct A { 1: b.B b }',
      "new/deep/b.thrift": "struct B { 1: string x }",
      "new/d.thrift": "enum E { A = 0 }",
    };
    const { out } = await breaking(["old", "new", "--json"], files);
    const { findings } = JSON.parse(out) as { findings: BreakingFinding[] };
    assertEquals(findings.map(({ rule, subject, file }) => `${rule} ${subject} ${file}`), [
      "definition-moved E new/d.thrift",
      "field-type-wire B.x new/deep/b.thrift",
    ]);
    const one = await breaking(["old/a.thrift", "new/a.thrift"], files);
    assert(
      one.err.includes("new/deep/b.thrift:1:12: error UB1005") && one.err.endsWith("2 files compared: 1 error\n"),
      one.err,
    );
  });
  it("reports the categories asked for", async () => {
    const files = { "old.thrift": OLD, "new.thrift": OLD.replace("i32 a", "i32 b") };
    assertEquals((await breaking(["old.thrift", "new.thrift", "--category", "WIRE"], files)).code, 0);
    assertEquals((await breaking(["old.thrift", "new.thrift", "--category=WIRE", "--category=SOURCE"], files)).code, 1);
    assertEquals((await breaking(["old.thrift", "new.thrift", "--category", "JSON"], files)).code, 2);
  });
  it("heeds updraft.json, and says what of it is of no use", async () => {
    const ignore = [{ at: "A.a", reason: "nobody has it yet" }, { at: "B", rule: "field-removed", reason: "old" }];
    const config = JSON.stringify({ breaking: { ignore } });
    const files = { "old.thrift": OLD, "new.thrift": NEW, "updraft.json": config };
    assertEquals(await breaking(["old.thrift", "new.thrift"], files), {
      code: 0,
      out: "",
      err: "updraft.json: breaking.ignore leaves nothing out for field-removed at B, remove it\n" +
        "1 file compared: nothing is broken\n",
    });
  });
  it("does not fail for what is only worth knowing", async () => {
    const files = { "old.thrift": "struct A { 1: i32 a = 1 }", "new.thrift": "struct A { 1: i32 a = 2 }" };
    const { code, err } = await breaking(["old.thrift", "new.thrift"], files);
    assertEquals(code, 0);
    assertStringIncludes(err, "warning UB1018");
  });
  it("compares nothing that does not compile", async () => {
    const files = { "old.thrift": "struct A { 1: B b }", "new.thrift": NEW };
    const { code, err } = await breaking(["old.thrift", "new.thrift"], files);
    assertEquals(code, 1);
    assertStringIncludes(err, "old.thrift:1:15: error UT3002");
    assert(err.endsWith("not compared, for the files do not compile: 1 error\n"));
    const json = await breaking(["old.thrift", "new.thrift", "--json"], files);
    assertEquals([json.code, JSON.parse(json.out).diagnostics.length], [1, 1]);
  });
  it("says what is wrong with the versions", async () => {
    const files = { "a.thrift": OLD, "d/x.txt": "" };
    const firstLine = async (...args: string[]): Promise<[number, string]> => {
      const { code, err } = await breaking(args, files);
      return [code, err.split("\n")[0] ?? ""];
    };
    assertEquals(await firstLine(), [2, "updraft: name the old version, and at most one new one"]);
    assertEquals(await firstLine("a", "b", "c"), [2, "updraft: name the old version, and at most one new one"]);
    assertEquals(await firstLine("v1", "a.thrift"), [
      1,
      "updraft: there is no v1; for a commit, branch or tag write git:v1",
    ]);
    assertEquals(await firstLine("", "a.thrift"), [2, "updraft: an empty argument names no version"]);
    assertEquals(await firstLine("git:", "a.thrift"), [1, "updraft: git: names no commit: write git:REF or REF:PATH"]);
    assertEquals(await firstLine("d", "a.thrift"), [1, "updraft: there is no .thrift file below d"]);
    assertEquals(await firstLine("git:v1", "a.thrift"), [
      1,
      "updraft: a git version needs the program git: cannot start git: ENOENT",
    ]);
  });
  it("explains a rule", async () => {
    assertEquals(
      (await breaking(["--explain", "UB1018"])).out,
      `UB1018 default-changed: a default value is another.
Old and new readers see different values where nothing was sent.

Breaks WIRE; a warning.
`,
    );
    const { code, err } = await breaking(["--explain", "default-change"]);
    assertEquals([code, err.split("\n")[0]], [
      2,
      "updraft: there is no rule default-change, did you mean default-changed?",
    ]);
  });
  it("lists its rules", async () => {
    const { code, out } = await breaking(["--rules"]);
    assertEquals([code, out.split("\n").length - 1], [0, BREAKING_RULES.length]);
    assertStringIncludes(out, "UB1001  required-field-removed");
  });
});
