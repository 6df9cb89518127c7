import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import type { Diagnostic } from "../../idl/diagnostics.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { runProgram } from "../run_program.ts";
import { type MemoryPlatform, memoryPlatform } from "./memory_platform.ts";

const BAD = 'struct A {\n  1: Strin a\n  1: i32 b\n}\n\nconst string S = "\\q"\n';

describe("updraft check", () => {
  it("ends with 0 and says so when all is well", async () => {
    const memory = memoryPlatform(["check", "a.thrift"], { "a.thrift": "struct A {}" });
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.printed, { out: "", err: "1 file checked: no problems\n" });
  });
  it("shows every error with its place, line, note and help", async () => {
    const memory = memoryPlatform(["check", "a.thrift"], { "a.thrift": BAD });
    assertEquals(await run(memory.platform), 1);
    assertEquals(
      memory.printed.err,
      `a.thrift:2:6: error UT3002: type Strin is not defined
  2 |   1: Strin a
    |      ^~~~~
  help: did you mean string?
a.thrift:3:3: error UT3020: id 1 is used twice in struct A
  3 |   1: i32 b
    |   ^
  note: a.thrift:2:3: a has it
a.thrift:6:19: error UT4006: unknown escape \\q
  6 | const string S = "\\q"
    |                   ^~
  help: write \\\\ for a backslash
1 file checked: 3 errors
`,
    );
  });
  it("counts warnings, which are no reason to fail", async () => {
    const memory = memoryPlatform(["check", "a.thrift"], { "a.thrift": "struct class { i32 a }" });
    assertEquals(await run(memory.platform), 0);
    assert(memory.printed.err.endsWith("1 file checked: 2 warnings\n"));
  });
  it("gives the same as JSON", async () => {
    const memory = memoryPlatform(["check", "--json", "a.thrift"], { "a.thrift": BAD });
    assertEquals(await run(memory.platform), 1);
    const { diagnostics } = JSON.parse(memory.printed.out) as { diagnostics: Diagnostic[] };
    assertEquals(diagnostics.map((d) => [d.code, d.line, d.column]), [["UT3002", 2, 6], ["UT3020", 3, 3], [
      "UT4006",
      6,
      19,
    ]]);
    assertEquals(memory.printed.err, "");
  });
  it("has colours on a terminal only, and not with NO_COLOR", async () => {
    const colored = async (terminal: boolean, env: Record<string, string>): Promise<boolean> => {
      const memory = memoryPlatform(["check", "a.thrift"], { "a.thrift": BAD }, { terminal, env });
      await run(memory.platform);
      return memory.printed.err.includes("\x1b[");
    };
    assertEquals(await colored(true, {}), true);
    assertEquals(await colored(false, {}), false);
    assertEquals(await colored(true, { NO_COLOR: "1" }), false);
    assertEquals(await colored(true, { NO_COLOR: "" }), true);
  });
  it("prints nothing that a terminal would obey", async () => {
    const memory = memoryPlatform(["check", "a.thrift"], { "a.thrift": 'include "\x1b[2J"\n\x07\n' });
    assertEquals(await run(memory.platform), 1);
    assert(!memory.printed.err.includes("\x1b") && !memory.printed.err.includes("\x07"));
  });
  it("reads standard input, and includes from the working directory", async () => {
    const idl = 'include "b.thrift"\nstruct A {\n  1: b.B b\n  2: Strin c\n}\n';
    const memory = memoryPlatform(["check", "-"], { "b.thrift": "struct B {}" }, { stdin: idl });
    assertEquals(await run(memory.platform), 1);
    assertEquals(
      memory.printed.err,
      `<stdin>:4:6: error UT3002: type Strin is not defined
  4 |   2: Strin c
    |      ^~~~~
  help: did you mean string?
2 files checked: 1 error
`,
    );
    const beside = memoryPlatform(["check", "-", "b.thrift"], { "b.thrift": "struct B {}" }, { stdin: idl });
    assertEquals(await run(beside.platform), 2);
    assert(beside.printed.err.startsWith("updraft: - stands alone: standard input is one file\n"));
    const file = memoryPlatform(["check", "./-"], { "-": "struct B {}" }, { stdin: "struct {" });
    assertEquals(await run(file.platform), 0);
    const self = memoryPlatform(["check", "b.thrift"], { "b.thrift": 'include "<stdin>"' }, { stdin: idl });
    assertEquals(await run(self.platform), 1);
    assert(self.printed.err.startsWith("b.thrift:1:9: error UT2001: cannot find <stdin>\n"));
  });
  it("reports a file that is not there", async () => {
    const memory: MemoryPlatform = memoryPlatform(["check", "nope.thrift"]);
    assertEquals(await run(memory.platform), 1);
    assert(memory.printed.err.startsWith("nope.thrift:1:1: error UT2001: there is no such file\n"));
  });
  it("reports an include that no file system takes, beside other errors", async () => {
    const { files } = await autoPlatform();
    const folder = await files.makeTempDir("updraft-check-");
    try {
      await files.write(`${folder}/a.thrift`, `include "${"x".repeat(5000)}"\nstruct A {\n  1: B b\n}\n`);
      const { code, stdout } = await runProgram("cli/main.ts", ["check", "--json", `${folder}/a.thrift`]);
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
      assertEquals([code, diagnostics.map((d) => [d.code, d.line])], [1, [["UT2005", 1], ["UT3002", 3]]]);
    } finally {
      await files.remove(folder);
    }
  });
  it("checks .proto files by buf, beside Thrift", async () => {
    const { files } = await autoPlatform();
    const folder = await files.makeTempDir("updraft-check-");
    try {
      await files.write(`${folder}/a.thrift`, "struct A {}\n");
      await files.write(`${folder}/good.proto`, 'syntax = "proto3";\npackage x;\nmessage M {}\n');
      await files.write(`${folder}/bad.proto`, 'syntax = "proto3";\npackage x;\nmessage M { Mising a = 1; }\n');
      const check = (...names: string[]) =>
        runProgram("cli/main.ts", ["check", ...names.map((name) => `${folder}/${name}`)]);
      assertEquals(await check("a.thrift", "good.proto"), {
        code: 0,
        stdout: "",
        stderr: "2 files checked: no problems\n",
      });
      const { code, stderr } = await check("bad.proto");
      assertEquals(code, 1, stderr);
      assert(stderr.includes("bad.proto:3:13: error") && stderr.endsWith("1 file checked: 1 error\n"), stderr);
    } finally {
      await files.remove(folder);
    }
  });
});
