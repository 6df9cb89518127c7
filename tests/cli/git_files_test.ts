import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openGit } from "../../cli/git_files.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { runProgram } from "../run_program.ts";

describe("files of a commit", () => {
  it("are listed and read as they were, from any folder of the repository", () =>
    inRepository(async (platform, folder) => {
      const git = await openGit(at(platform, `${folder}/sub`), "v1");
      try {
        assertEquals(await git.list("."), ["a.thrift", "deep/ü b.thrift", "long.thrift"]);
        assertEquals(await git.list(`${folder}/sub/deep`), ["deep/ü b.thrift"]);
        assertEquals(await git.list("a.thrift"), ["a.thrift"]);
        assertEquals(await git.list("nope"), []);
        // asked all at once, answered in order
        const paths = ["a.thrift", "nope.thrift", "deep", "long.thrift", "deep/ü b.thrift", "../top.thrift", "a\nb"];
        const texts = await Promise.all(paths.map((path) => git.read(path)));
        assertEquals(texts, ["struct A {}\n", null, null, LONG, "\ufeff// é\n", "// top\n", null]);
      } finally {
        await git.close();
      }
    }));
  it("need a repository and a commit that is there", () =>
    inRepository(async (platform, folder) => {
      const inside = at(platform, folder);
      for (const ref of ["nope", "--all", "v1:sub", "HEAD^{tree}", ""]) {
        await assertRejects(() => openGit(inside, ref), RpcError, "git knows no commit");
      }
      const git = await openGit(inside, "v1");
      await assertRejects(() => git.list("../.."), RpcError, "git: fatal");
      await git.close();
      await platform.files.remove(`${folder}/.git`);
      const outside = at(platform, folder, { GIT_CEILING_DIRECTORIES: folder.replace(/\/[^/]*$/, "") });
      await assertRejects(() => openGit(outside, "HEAD"), RpcError, "not a git repository");
    }));
  it("are compared with those on disk by updraft breaking", () =>
    inRepository(async (platform, folder) => {
      await platform.files.write(`${folder}/sub/a.thrift`, "struct B {}\n");
      const breaking = (...args: string[]): ReturnType<typeof runProgram> =>
        runProgram("cli/main.ts", ["breaking", ...args], { cwd: `${folder}/sub` });
      for (
        const args of [["git:v1"], ["git:v1", "."], ["v1:./"], ["git:v1:a.thrift", "a.thrift"], [
          "v1:a.thrift",
          "a.thrift",
        ]]
      ) {
        const { code, stderr } = await breaking(...args);
        assertEquals(code, 1, stderr);
        assertStringIncludes(stderr, "v1:a.thrift:1:8: error UB3007: struct A is gone (SOURCE)\n  1 | struct A {}\n");
      }
      const same = await breaking("git:v1", "git:HEAD");
      assertEquals([same.code, same.stderr], [0, "3 files compared: nothing is broken\n"]);
      const missing = await breaking("git:v1:nope", "a.thrift");
      assertEquals([missing.code, missing.stderr], [1, "updraft: there is no nope in v1\n"]);
    }));
});

/** More than a pipe holds. */
const LONG = "// a long line of a file that is larger than what one read gives\n".repeat(5000);

/** The platform, with another working directory for itself and for what it starts. */
function at(platform: Platform, cwd: string, env: Readonly<Record<string, string>> = {}): Platform {
  // not a copy: that would open standard input
  return Object.assign(Object.create(platform) as Platform, {
    cwd: () => cwd,
    spawn: ((command, args, options) =>
      platform.spawn(command, args, { ...options, cwd, env: { ...options?.env, ...env } })) as Platform["spawn"],
  });
}

/** Runs a test in a new repository with the tag `v1`. */
async function inRepository(test: (platform: Platform, folder: string) => Promise<void>): Promise<void> {
  const platform = await autoPlatform();
  const folder = await platform.files.realPath(await platform.files.makeTempDir("updraft-git-"));
  const git = async (...args: string[]): Promise<void> => {
    const child = await platform.spawn("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: folder,
    });
    const [{ code }, , stderr] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.stdin.close(),
    ]);
    assertEquals(code, 0, stderr);
  };
  try {
    await platform.files.makeDir(`${folder}/sub/deep`);
    await platform.files.write(`${folder}/top.thrift`, "// top\n");
    await platform.files.write(`${folder}/sub/a.thrift`, "struct A {}\n");
    await platform.files.write(`${folder}/sub/long.thrift`, LONG);
    await platform.files.write(`${folder}/sub/deep/ü b.thrift`, "\ufeff// é\n");
    await git("init", "-q");
    await git("add", ".");
    await git("commit", "-q", "-m", "first");
    await git("tag", "v1");
    await test(platform, folder);
  } finally {
    await platform.files.remove(folder);
  }
}
