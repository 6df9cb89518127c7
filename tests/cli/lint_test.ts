import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Files } from "../../lib/platform.ts";
import { LINT_RULES } from "../../idl/lint/rules.ts";
import { type MemoryPlatform, memoryPlatform } from "./memory_platform.ts";

const FINE = "namespace go a\n\nstruct A {\n  1: i32 a\n}\n";
const BAD = "namespace go a\n\nenum E {\n  A = 0\n  B\n}\n";

async function lint(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<MemoryPlatform & { code: number }> {
  const memory = memoryPlatform(["lint", ...args], files);
  return { ...memory, code: await run(memory.platform) };
}

describe("updraft lint", () => {
  it("ends with 0 and says so when all is well", async () => {
    const { code, printed } = await lint(["."], { "a.thrift": FINE, "b/c.thrift": FINE });
    assertEquals([code, printed], [0, { out: "", err: "2 files linted: no problems\n" }]);
  });
  it("shows what it finds, which fails only with --strict or as an error", async () => {
    const { code, printed } = await lint(["a.thrift"], { "a.thrift": BAD });
    assertEquals(code, 0);
    assertEquals(
      printed.err,
      `a.thrift:5:3: warning UL3002: B has no number
  5 |   B
    |   ^
  help: write B = 1
1 file linted: 1 warning, --fix mends 1 of them
`,
    );
    assertEquals((await lint(["--strict", "a.thrift"], { "a.thrift": BAD })).code, 1);
    const config = JSON.stringify({ lint: { rules: { UL3002: "error" } } });
    assertEquals((await lint(["a.thrift"], { "a.thrift": BAD, "updraft.json": config })).code, 1);
  });
  it("checks the files named, not what they include", async () => {
    const files = { "a.thrift": 'include "b.thrift"\n' + FINE.replace("i32", "b.E"), "b.thrift": BAD };
    assertStringIncludes((await lint(["a.thrift"], files)).printed.err, "1 file linted: no problems");
    assertStringIncludes((await lint(["."], files)).printed.err, "2 files linted: 1 warning");
  });
  it("reads standard input, which it cannot mend", async () => {
    const lintStdin = async (...args: string[]): Promise<MemoryPlatform & { code: number }> => {
      const config = JSON.stringify({ lint: { rules: { "file-name": "warn" } } });
      const memory = memoryPlatform(["lint", "-", ...args], { "updraft.json": config }, { stdin: BAD });
      return { ...memory, code: await run(memory.platform) };
    };
    const found = await lintStdin();
    assertEquals(found.code, 0);
    assertEquals(
      found.printed.err,
      `<stdin>:5:3: warning UL3002: B has no number
  5 |   B
    |   ^
  help: write B = 1
1 file linted: 1 warning
`,
    );
    const mended = await lintStdin("--fix");
    assertEquals(mended.code, 2);
    assert(mended.printed.err.startsWith("updraft: --fix needs files: standard input stays as it is\n"));
  });
  it("lints nothing that does not compile", async () => {
    const { code, printed } = await lint(["a.thrift"], { "a.thrift": "struct a { 1: B b }" });
    assertEquals(code, 1);
    assertStringIncludes(printed.err, "error UT3002");
    assert(printed.err.endsWith("not linted, for the files do not compile: 1 error\n") && !printed.err.includes("UL"));
  });
  it("with --fix mends what it can, all of it", async () => {
    const text = 'include "b.thrift"\nnamespace go a\nstruct A { byte a, byte b } enum E { A }';
    const { code, files, writes, printed } = await lint(["--fix", "a.thrift"], { "a.thrift": text, "b.thrift": "" });
    assertEquals(code, 0);
    assertEquals(files.get("a.thrift"), "namespace go a\nstruct A { 1: i8 a, 2: i8 b } enum E { A = 0 }");
    assertEquals(writes, ["a.thrift"]);
    assertEquals(printed, { out: "fixed a.thrift\n", err: "1 file linted: no problems\n" });
  });
  it("with --fix tells which files cannot be written, and mends the others", async () => {
    const texts = { "a.thrift": BAD, "b.thrift": BAD, "c.thrift": `${BAD}// \ufffd\n` };
    const memory = memoryPlatform(["lint", "--fix", "."], texts);
    const { files } = memory.platform;
    const limited = Object.assign(Object.create(files) as Files, {
      write: (path: string, text: string) =>
        path === "a.thrift"
          ? Promise.reject(new RpcError("invalid", "cannot write a.thrift: it is read-only"))
          : files.write(path, text),
    });
    assertEquals(await run({ ...memory.platform, files: limited }), 1);
    assertEquals([memory.writes, memory.printed.out], [["b.thrift"], "fixed b.thrift\n"]);
    const lines = memory.printed.err.split("\n");
    assertEquals(lines.slice(0, 2), [
      "updraft: cannot write a.thrift: it is read-only",
      "updraft: cannot fix c.thrift: it has bytes that are not UTF-8, or the sign for them",
    ]);
    assertEquals(lines.at(-2), "3 files linted: 2 warnings");
  });
  it("gives the same as JSON", async () => {
    const { printed, code } = await lint(["--json", "a.thrift"], { "a.thrift": BAD });
    const { diagnostics } = JSON.parse(printed.out) as { diagnostics: Record<string, unknown>[] };
    assertEquals([code, printed.err, diagnostics.length], [0, "", 1]);
    const { code: id, rule, severity, file, line, fix } = diagnostics[0] ?? {};
    assertEquals([id, rule, severity, file, line], ["UL3002", "enum-value-missing", "warning", "a.thrift", 5]);
    assertEquals(fix, [{ start: 36, end: 36, text: " = 1" }]);
  });
  it("reads updraft.json, here or above, and leaves out what it ignores", async () => {
    const config = (lint: unknown): string => JSON.stringify({ lint });
    const files = { "a.thrift": BAD, "old/b.thrift": BAD };
    const here = { ...files, "updraft.json": config({ ignore: ["old"] }) };
    assertStringIncludes((await lint(["."], here)).printed.err, "1 file linted: 1 warning");
    const above = { ...files, "../updraft.json": config({ ignore: ["work/old/*"] }) };
    assertStringIncludes((await lint(["."], above)).printed.err, "1 file linted: 1 warning");
    const named = { ...here, "other.json": config({ extends: "none" }) };
    assertStringIncludes(
      (await lint([".", "--config", "other.json"], named)).printed.err,
      "2 files linted: no problems",
    );
  });
  it("says what is wrong with the configuration", async () => {
    const withConfig = async (text: string): Promise<[number, string]> => {
      const { code, printed } = await lint(["."], { "a.thrift": FINE, "updraft.json": text });
      return [code, printed.err];
    };
    assertEquals(await withConfig('{"lint": {"rules": {"enum-zer": "warn"}}, "linnt": 1}'), [
      1,
      'updraft: updraft.json: top level: "linnt" is not known here, did you mean lint?\n' +
      'updraft.json: lint.rules: "enum-zer" is not known here, did you mean enum-zero?\n',
    ]);
    assertEquals((await withConfig("[]"))[1], "updraft: updraft.json: top level: expected an object, found []\n");
    assert((await withConfig("{"))[1].startsWith("updraft: updraft.json is not JSON: "));
    assertEquals((await lint([".", "--config", "x.json"], { "a.thrift": FINE })).code, 1);
  });
  it("lists the rules and explains them", async () => {
    const { printed } = await lint(["--rules"], { "updraft.json": '{"lint": {"rules": {"enum-zero": "error"}}}' });
    assertEquals(printed.out.split("\n").length - 1, LINT_RULES.length);
    assert(/^UL3001 {2}enum-zero +error {2}every enum/m.test(printed.out));
    assert(/^UL4001 {2}oneway-function +off /m.test(printed.out));
    for (const rule of LINT_RULES) {
      const { code, printed } = await lint(["--explain", rule.name], {});
      assertEquals(code, 0);
      assert(printed.out.startsWith(`${rule.code} ${rule.name}: `) && printed.out.includes(rule.reason));
    }
    const unknown = await lint(["--explain", "enum-zer"], {});
    assertEquals([unknown.code, unknown.printed.err.split("\n")[0]], [
      2,
      "updraft: there is no rule enum-zer, did you mean enum-zero?",
    ]);
  });
  it("needs files", async () => assertEquals((await lint([], {})).code, 2));
});
