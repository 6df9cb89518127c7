import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Files } from "../../lib/platform.ts";
import { memoryPlatform } from "./memory_platform.ts";

const MESSY = "struct A{1:i32 a}";
const NEAT = "struct A {\n  1: i32 a\n}\n";

describe("updraft fmt", () => {
  it("rewrites what is not formatted, and that alone", async () => {
    const memory = memoryPlatform(["fmt", "a.thrift", "b.thrift"], { "a.thrift": MESSY, "b.thrift": NEAT });
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.writes, ["a.thrift"]);
    assertEquals(memory.files.get("a.thrift"), NEAT);
    assertEquals(memory.printed, { out: "a.thrift\n", err: "1 file formatted, 1 unchanged\n" });
  });
  it("looks for .thrift files in folders, not in hidden ones and node_modules, and takes each once", async () => {
    const memory = memoryPlatform(["fmt", ".", "idl/a.thrift"], {
      "idl/a.thrift": MESSY,
      "idl/deep/b.thrift": MESSY,
      "idl/readme.md": MESSY,
      ".git/c.thrift": MESSY,
      "node_modules/d.thrift": MESSY,
    });
    assertEquals(await run(memory.platform), 0);
    assertEquals(memory.writes, ["idl/a.thrift", "idl/deep/b.thrift"]);
  });
  it("with --check lists and writes nothing", async () => {
    const memory = memoryPlatform(["fmt", "--check", "."], { "a.thrift": MESSY, "b.thrift": NEAT });
    assertEquals(await run(memory.platform), 1);
    assertEquals([memory.writes, memory.printed], [[], {
      out: "a.thrift\n",
      err: "1 file would change, 1 unchanged\n",
    }]);
    const neat = memoryPlatform(["fmt", "--check", "."], { "b.thrift": NEAT });
    assertEquals(await run(neat.platform), 0);
  });
  it("with --diff shows the change", async () => {
    const memory = memoryPlatform(["fmt", "--diff", "a.thrift"], { "a.thrift": MESSY });
    assertEquals(await run(memory.platform), 1);
    assertEquals(
      memory.printed.out,
      "--- a.thrift\n+++ a.thrift (formatted)\n@@ -1,1 +1,3 @@\n-struct A{1:i32 a}\n\\ No newline at end of file\n" +
        "+struct A {\n+  1: i32 a\n+}\n",
    );
    assertEquals(memory.writes, []);
  });
  it("leaves a file with a syntax error as it is, says why, and goes on with the others", async () => {
    const memory = memoryPlatform(["fmt", "a.thrift", "b.thrift"], { "a.thrift": "struct {", "b.thrift": MESSY });
    assertEquals(await run(memory.platform), 1);
    assertEquals(memory.writes, ["b.thrift"]);
    assertStringIncludes(memory.printed.err, "a.thrift:1:8: error UT1005");
    assertStringIncludes(memory.printed.err, "1 file formatted, 0 unchanged, 1 with errors left as they are\n");
  });
  it("tells which files cannot be read or written, and formats the others", async () => {
    const memory = memoryPlatform(["fmt", "."], { "a.thrift": MESSY, "b.thrift": MESSY, "c.thrift": MESSY });
    const { files } = memory.platform;
    const refuse = (what: string, path: string): Promise<never> =>
      Promise.reject(new RpcError("invalid", `cannot ${what} ${path}: permission denied`));
    const limited = Object.assign(Object.create(files) as Files, {
      read: (path: string) => path === "a.thrift" ? refuse("read", path) : files.read(path),
      write: (path: string, text: string) => path === "b.thrift" ? refuse("write", path) : files.write(path, text),
    });
    assertEquals(await run({ ...memory.platform, files: limited }), 1);
    assertEquals([memory.writes, memory.printed], [["c.thrift"], {
      out: "c.thrift\n",
      err: "updraft: cannot read a.thrift: permission denied\nupdraft: cannot write b.thrift: permission denied\n" +
        "1 file formatted, 0 unchanged, 2 with errors left as they are\n",
    }]);
  });
  it("sends files of Protocol Buffers elsewhere", async () => {
    for (const args of [["fmt", "a.proto"], ["lint", "a.proto"], ["breaking", "a.proto", "a.proto"]]) {
      const memory = memoryPlatform(args, { "a.proto": 'syntax = "proto3";' });
      assertEquals([await run(memory.platform), memory.printed.err], [
        1,
        "updraft: a.proto is no Thrift: for Protocol Buffers there is buf\n",
      ]);
    }
  });
  it("formats standard input", async () => {
    const memory = memoryPlatform(["fmt", "-"], {}, { stdin: MESSY });
    assertEquals([await run(memory.platform), memory.printed], [0, { out: NEAT, err: "" }]);
    const check = memoryPlatform(["fmt", "-", "--check"], {}, { stdin: MESSY });
    assertEquals([await run(check.platform), check.printed.out], [1, "<stdin>\n"]);
    const broken = memoryPlatform(["fmt", "-"], {}, { stdin: "struct {" });
    assertEquals([await run(broken.platform), broken.printed.out], [1, ""]);
    assert(broken.printed.err.startsWith("<stdin>:1:8: error UT1005"));
  });
  it("refuses bytes that are not UTF-8", async () => {
    const memory = memoryPlatform(["fmt", "-"], {}, { stdin: Uint8Array.of(0x2f, 0x2f, 0xff) });
    assertEquals([await run(memory.platform), memory.printed], [1, {
      out: "",
      err: "updraft: <stdin> is not UTF-8\n",
    }]);
  });
  it("says what is wrong with the command line", async () => {
    for (
      const [args, message] of [
        [["fmt"], "updraft: name at least one file or folder, or - for standard input\n"],
        [["fmt", "-", "a"], "updraft: - stands alone: standard input is one file\n"],
        [["fmt", ""], "updraft: an empty argument names no file\n"],
      ] as const
    ) {
      const memory = memoryPlatform(args);
      assertEquals(await run(memory.platform), 2);
      assert(memory.printed.err.startsWith(message), memory.printed.err);
    }
    const missing = memoryPlatform(["fmt", "nope"]);
    assertEquals([await run(missing.platform), missing.printed.err], [1, "updraft: there is no nope\n"]);
    const empty = memoryPlatform(["fmt", "d"], { "d/a.txt": "" });
    assertEquals([await run(empty.platform), empty.printed.err], [1, "updraft: there is no .thrift file below d\n"]);
  });
});
