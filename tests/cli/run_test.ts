import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import { RpcError } from "../../lib/errors.ts";
import { VERSION } from "../../cli/version.ts";
import { memoryPlatform } from "./memory_platform.ts";
import manifest from "../../deno.json" with { type: "json" };

async function updraft(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const memory = memoryPlatform(args);
  return { code: await run(memory.platform), ...memory.printed };
}

describe("updraft", () => {
  it("shows its help where it was asked for it, and complains where it was told nothing", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { code, out } = await updraft(args);
      assertEquals(code, 0);
      assertMatch(out, /^ {2}gen +generates TypeScript/m);
    }
    const { code, out, err } = await updraft([]);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, "Usage: updraft COMMAND");
  });
  it("says which version it is, the one of the manifests", async () => {
    assertEquals(VERSION, manifest.version);
    assertEquals(await updraft(["--version"]), { code: 0, out: `updraft ${VERSION} (node)\n`, err: "" });
  });
  it("shows the help of a command", async () => {
    const { code, out } = await updraft(["gen", "--help"]);
    assertEquals(code, 0);
    assertStringIncludes(out, "Usage: updraft gen FILE|DIR...");
    assertStringIncludes(out, "-o, --out DIR");
  });
  it("keeps the lines of all help short enough to be read", async () => {
    const overview = (await updraft(["--help"])).out;
    const commands = Array.from(overview.matchAll(/^ {2}(\w+) {2}/gm), ([, name = ""]) => name);
    assert(commands.length > 5, overview);
    for (const command of commands) {
      const { out } = await updraft([command, "--help"]);
      assertEquals(out.split("\n").filter((line) => line.length > 120), [], command);
    }
  });
  it("takes help with a command for that command's help", async () => {
    for (const help of ["help", "--help", "-h"]) {
      assertEquals(await updraft([help, "fmt"]), await updraft(["fmt", "--help"]));
    }
  });
  it("says nothing when whoever reads its output has left", async () => {
    for (const pipe of [Object.assign(new Error("EPIPE"), { code: "EPIPE" }), named(new Error("gone"), "BrokenPipe")]) {
      const memory = memoryPlatform(["lint", "--rules"]);
      const stdout = { ...memory.platform.stdout, write: () => Promise.reject(RpcError.from(pipe)) };
      assertEquals(await run({ ...memory.platform, stdout }), 141);
      assertEquals(memory.printed.err, "");
      const silent = { ...memory.platform, args: ["nope"], stderr: stdout };
      assertEquals(await run(silent), 141);
    }
  });
  it("ends with 2 and a suggestion when it does not understand", async () => {
    assertEquals(await updraft(["genn"]), {
      code: 2,
      out: "",
      err: "updraft: there is no command genn, did you mean gen?\nTry updraft --help\n",
    });
    assertEquals(
      (await updraft(["check", "--jsn", "x"])).err,
      "updraft: unknown option --jsn, did you mean --json?\nTry updraft check --help\n",
    );
    const nothing = await updraft(["check"]);
    assertEquals([nothing.code, nothing.err], [2, "updraft: name at least one IDL file\nTry updraft check --help\n"]);
    assertEquals((await updraft(["gen", "a", "--check", "--watch"])).code, 2);
  });
});

function named(error: Error, name: string): Error {
  error.name = name;
  return error;
}
