import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The runner is plain JavaScript for Node: once is enough. */
const options = "deno" in process.versions || "bun" in process.versions ? { skip: "the runner runs on Node" } : {};

interface Result {
  readonly code: number;
  readonly output: string;
  readonly last: string;
}

/** Runs `npm test` over the named files of the folder beside this. */
function runner(args: readonly string[]): Promise<Result> {
  const argv = ["tools/test.mjs", "--folder=tests/tools/runner", "--suffix=_case.ts", ...args];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: ROOT, env }, (error, stdout, stderr) => {
      const last = stdout.trimEnd().split("\n").at(-1) ?? "";
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr, last });
    });
  });
}

describe("npm test", () => {
  let runtimes = 0;
  beforeAll(async () => {
    if (options.skip) return;
    const { output } = await runner(["passing"]);
    runtimes = output.match(/^ {2}(Deno|Bun|Node) /gm)?.length ?? 0;
  });

  it("counts cases, not files or suites, on every runtime", options, async () => {
    const { code, output, last } = await runner(["passing"]);
    assert(runtimes >= 3, `${runtimes} runtimes`);
    assertEquals([code, last], [0, `${2 * runtimes} passed, 0 failed`]);
    assertEquals(output.match(/2 passed, 0 failed, 1 skipped/g)?.length, runtimes);
  });

  it("shows a failed case by its full name, with its reason", options, async () => {
    const { code, output, last } = await runner(["failing"]);
    assertEquals([code, last], [1, `${runtimes} passed, ${runtimes} failed`]);
    assertEquals(output.match(/failing_case\.ts > outer > fails\n/g)?.length, runtimes);
    assertStringIncludes(output, "left");
  });

  for (
    const [file, passed] of [["empty", 0], ["broken", 0], ["leaving", undefined], ["rejecting", undefined], [
      "hook",
      1,
    ]] as const
  ) {
    it(`fails on every runtime for ${file}_case.ts`, options, async () => {
      const { code, output, last } = await runner([file]);
      const [, ok, bad] = /^(\d+) passed, (\d+) failed$/.exec(last) ?? [];
      assertEquals([code, new Set(output.match(/FAILED (Deno|Bun|Node) [\d.]+/g)).size], [1, runtimes], output);
      assert(Number(bad) >= runtimes, last);
      if (passed !== undefined) assertEquals(Number(ok), passed * runtimes, output);
    });
  }

  it("ends what hangs, and says so", options, async () => {
    const { code, output, last } = await runner(["hanging", "bun", "--timeout-ms=1500"]);
    assertEquals([code, last], [1, "0 passed, 1 failed"]);
    assertStringIncludes(output, "not over after 1.5 s");
  });

  it("refuses a filter that matches nothing", options, async () => {
    const { code, output } = await runner(["no/such/file"]);
    assertEquals(code, 1);
    assertStringIncludes(output, "no test file under tests/tools/runner/ matches no/such/file");
  });
});
