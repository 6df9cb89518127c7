import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import { RpcError } from "../../lib/errors.ts";
import { type MemoryPlatform, memoryPlatform } from "./memory_platform.ts";

const FILES = {
  "idl/api.thrift": 'include "base.thrift"\nservice Api { base.Thing get(1: i64 id) }\n',
  "idl/base.thrift": "struct Thing { 1: string name }\n",
};

describe("updraft gen", () => {
  it("writes a file for each IDL file, below the output folder", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out"], FILES);
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.writes, ["out/base.ts", "out/api.ts"]);
    assertEquals(memory.printed, { out: "wrote out/base.ts\nwrote out/api.ts\n", err: "" });
    assertStringIncludes(memory.files.get("out/api.ts") ?? "", 'import { Thing } from "./base.ts";');
  });
  it("leaves files alone that would not change", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out"], FILES);
    await run(memory.platform);
    memory.files.set("out/api.ts", "old");
    memory.writes.length = 0;
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.writes, ["out/api.ts"]);
    assert(memory.printed.out.endsWith("wrote out/api.ts\n1 file unchanged\n"));
  });
  it("writes nothing if there is an error", async () => {
    const memory = gen(["idl/api.thrift"], {
      ...FILES,
      "idl/api.thrift": FILES["idl/api.thrift"] + "struct X { 1: Nope n }",
    });
    assertEquals(await run(memory.platform), 1);
    assertEquals(memory.writes, []);
    assert(memory.printed.err.endsWith("nothing generated: 1 error\n"));
  });
  it("with --check writes nothing and lists what differs", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out", "--check"], { ...FILES, "out/api.ts": "old" });
    assertEquals(await run(memory.platform), 1);
    assertEquals(memory.writes, []);
    assertEquals(memory.printed.out, "out/base.ts is missing\nout/api.ts differs\n");
  });
  it("with --check is content with what it would write", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out"], FILES);
    await run(memory.platform);
    const again = gen(["idl/api.thrift", "-o", "out", "--check"], Object.fromEntries(memory.files));
    assertEquals(await run(again.platform), 0);
    assertEquals(again.printed.out, "2 files up to date\n");
  });
  it("holds i64 and maps as told", async () => {
    const memory = gen(["a.thrift", "--i64=string", "--maps=object", "--runtime", "./rt.ts", "-q"], {
      "a.thrift": "struct A { 1: i64 a; 2: map<string, i64> b }",
    });
    assertEquals(await run(memory.platform), 0);
    const text = memory.files.get("gen/a.ts") ?? "";
    assertStringIncludes(text, "b: Record<string, string>;");
    assertStringIncludes(text, '} from "./rt.ts";');
    assertEquals(memory.printed, { out: "", err: "" });
  });
  it("adds and leaves out what its switches say", async () => {
    const idl = "struct A { 1: i64 a } struct B {} service S { A get() void put(1: B b) }";
    const all = ["--deep-copy", "--equality", "--field-mask", "--unknown-fields"];
    const memory = gen(["a.thrift", ...all, "--no-services", "-q"], { "a.thrift": idl });
    assertEquals(await run(memory.platform), 0);
    const text = memory.files.get("gen/a.ts") ?? "";
    for (const part of ["function copyA(", "function equalA(", "function maskA(", "$unknown?: Uint8Array"]) {
      assertStringIncludes(text, part);
    }
    assert(!text.includes("ServiceSchema"));
    const trimmed = gen(["a.thrift", "--trim", "S.get", "-q"], { "a.thrift": idl });
    assertEquals(await run(trimmed.platform), 0);
    assert(!/\bB\b/.test(trimmed.files.get("gen/a.ts") ?? "B"));
    const unknown = gen(["a.thrift", "--trim", "S.got"], { "a.thrift": idl });
    assertEquals(await run(unknown.platform), 1);
    assertEquals(
      unknown.printed.err,
      `error UT6005: there is nothing called S.got for trim to keep
  help: did you mean S.get?
nothing generated: 1 error
`,
    );
  });
  it("does not take empty names", async () => {
    for (const option of ["--out", "--runtime", "--trim"]) {
      const memory = gen(["a.thrift", option, ""], { "a.thrift": "struct A {}" });
      assertEquals(await run(memory.platform), 2);
      assert(memory.printed.err.startsWith(`updraft: ${option} needs the name of a `), memory.printed.err);
    }
  });
  it("says which definition has the name that another one cannot have", async () => {
    const files = {
      "a.thrift": "namespace go x\nstruct A {}\nstruct class {}\n",
      "b.thrift": "namespace go x\nstruct A {}\n",
    };
    const memory = gen(["a.thrift", "b.thrift", "--split", "namespace"], files);
    assertEquals(await run(memory.platform), 0);
    assertEquals(
      memory.printed.err,
      `a.thrift:3:8: warning UT6004: class cannot be a name in TypeScript, so it is class_
  3 | struct class {}
    |        ^~~~~
b.thrift:2:8: warning UT6004: A means something else in x.ts, so it is A_
  2 | struct A {}
    |        ^
  note: a.thrift:2:8: this one
`,
    );
  });
  it("never writes outside of the output folder", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out"], {
      "idl/api.thrift":
        'include "../../up.thrift" include "/abs/x.thrift" include "a b%.thrift"\nstruct A { 1: up.U u; 2: x.X x }',
      "../up.thrift": "struct U {}",
      "/abs/x.thrift": "struct X {}",
      "idl/a b%.thrift": "struct Y {}",
    });
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.writes.toSorted(), [
      "out/_parent/_parent/up.ts",
      "out/_root/abs/x.ts",
      "out/a_b_.ts",
      "out/api.ts",
    ]);
  });
  it("does not follow a link out of the output folder", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out"], FILES);
    memory.links.set("out", "elsewhere");
    assertEquals(await run(memory.platform), 0); // the folder itself may be a link
    const inside = gen(["a.thrift", "b/c.thrift", "-o", "out"], {
      "a.thrift": "struct A {}",
      "b/c.thrift": "struct C {}",
    });
    inside.links.set("out/b", "/etc");
    assertEquals(await run(inside.platform), 1);
    assertEquals(inside.writes, []);
    assertEquals(inside.printed.err, "updraft: out/b leads out of out, to /etc\n");
  });
  it("writes nothing where a file is in the way of a folder", async () => {
    const memory = gen(["a.thrift", "b/c.thrift", "-o", "out"], {
      "a.thrift": "struct A {}",
      "b/c.thrift": "struct C {}",
      "out/b": "a file",
    });
    assertEquals(await run(memory.platform), 1);
    assertEquals(memory.writes, []);
    assertEquals(memory.printed.err, "updraft: cannot write out/b/c.ts: out/b is not a folder\n");
  });
  it("reports two files that would become one", async () => {
    const memory = gen(["a/x.thrift", "-I", "b"], { "a/x.thrift": 'include "X.thrift"', "b/X.thrift": "struct X {}" });
    assertEquals(await run(memory.platform), 1);
    assertStringIncludes(memory.printed.err, "error UT6001: this and b/X.thrift would both become x.ts");
  });
  it("puts the files of a namespace together with --split namespace", async () => {
    const memory = gen(["a.thrift", "b.thrift", "-o", "out", "--split", "namespace"], {
      "a.thrift": 'include "b.thrift"\nnamespace js my.api\nstruct A { 1: b.B b }',
      "b.thrift": "namespace js my.api\nstruct B { 1: i32 b }",
    });
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.writes, ["out/my/api.ts"]);
    assertStringIncludes(memory.files.get("out/my/api.ts") ?? "", "export interface A {\n  b?: B | undefined;");
  });
  it("with --watch generates again after a change, and ends on SIGINT", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out", "--watch"], FILES);
    const done = run(memory.platform);
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.edit("idl/base.thrift", "struct Thing { 1: string title }\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    assertStringIncludes(memory.files.get("out/base.ts") ?? "", "title: string;");
    memory.edit("idl/base.thrift", "struct Thing { 1: strng title }\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    assertStringIncludes(memory.printed.err, "type strng is not defined");
    memory.interrupt();
    assertEquals(await done, 0);
  });
  it("with --watch sees an include that goes and comes back, and files that come into a folder", async () => {
    const memory = gen(["idl", "-o", "out", "--watch"], FILES);
    const done = run(memory.platform);
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.remove("idl/base.thrift");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    assertStringIncludes(memory.printed.err, "cannot find base.thrift");
    memory.edit("idl/base.thrift", "struct Thing { 1: string title }\n");
    await memory.prints("wrote out/base.ts\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.edit("idl/new.thrift", "struct New {}\n");
    await memory.prints("wrote out/new.ts\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.interrupt();
    assertEquals(await done, 0);
  });
  it("with --watch waits for the only file when it has gone", async () => {
    const memory = gen(["idl/base.thrift", "-o", "out", "--watch"], { "idl/base.thrift": "struct Thing {}\n" });
    const done = run(memory.platform);
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.remove("idl/base.thrift");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    assertStringIncludes(memory.printed.err, "idl/base.thrift:1:1: error UT2001: there is no such file");
    memory.edit("idl/base.thrift", "struct Thing { 1: string title }\n");
    await memory.prints("wrote out/base.ts\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.interrupt();
    assertEquals(await done, 0);
  });
  it("with --watch goes on after an include that cannot be looked at, and sees when it can be", async () => {
    const memory = gen(["idl/api.thrift", "-o", "out", "--watch"], FILES);
    const { files } = memory.platform;
    const stat = files.stat;
    const done = run(memory.platform);
    await memory.prints("watching for changes, Ctrl-C ends\n");
    files.stat = (path) =>
      path === "idl/base.thrift" ? Promise.reject(new RpcError("invalid", `cannot stat ${path}`)) : stat(path);
    memory.edit("idl/base.thrift", "");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    assertStringIncludes(memory.printed.err, "error UT2005: cannot stat idl/base.thrift\n");
    files.stat = stat;
    memory.edit("idl/base.thrift", "struct Thing { 1: string title }\n");
    await memory.prints("wrote out/base.ts\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.interrupt();
    assertEquals(await done, 0);
  });
  it("with --watch goes on after a file that cannot be written", async () => {
    const memory = gen(["idl/base.thrift", "-o", "out", "--watch"], { ...FILES, out: "a file" });
    const done = run(memory.platform);
    await memory.prints("watching for changes, Ctrl-C ends\n");
    assertStringIncludes(memory.printed.err, "updraft: cannot write out/base.ts: out is not a folder\n");
    memory.remove("out");
    memory.edit("idl/base.thrift", FILES["idl/base.thrift"] + "\n");
    await memory.prints("wrote out/base.ts\n");
    await memory.prints("watching for changes, Ctrl-C ends\n");
    memory.interrupt();
    assertEquals(await done, 0);
  });
  it("takes folders, and patterns that the shell left alone", async () => {
    for (const operand of ["idl", "./idl/", "idl/*.thrift", "**/*.thrift", "i?l/**"]) {
      const memory = gen([operand, "-o", "out"], FILES);
      assertEquals(await run(memory.platform), 0, operand);
      assertEquals(memory.writes.toSorted(), ["out/api.ts", "out/base.ts"], operand);
    }
    const none = gen(["idl/*.idl"], FILES);
    assertEquals([await run(none.platform), none.printed.err], [1, "updraft: no .thrift file is like idl/*.idl\n"]);
  });
  it("finishes its files when it is interrupted while it writes, then ends as interrupted", async () => {
    const memory = gen(["idl", "-o", "out"], FILES);
    memory.onWrite = () => memory.interrupt();
    assertEquals(await run(memory.platform), 130);
    assertEquals(memory.writes, ["out/base.ts", "out/api.ts"]);
  });
  it("wants a name for its folder", async () => {
    const memory = gen(["idl", "--out="], FILES);
    assertEquals(await run(memory.platform), 2);
    assertStringIncludes(memory.printed.err, "--out needs the name of a folder\nTry updraft gen --help\n");
  });
  it("with --watch ends at once if there is nothing to watch", async () => {
    assertEquals(await run(gen(["nope.thrift", "--watch"], {}).platform), 1);
  });
});

function gen(args: readonly string[], files: Readonly<Record<string, string>>): MemoryPlatform {
  return memoryPlatform(["gen", ...args], files);
}
