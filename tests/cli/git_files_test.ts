import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { symlink } from "node:fs/promises";
import { openGit } from "../../cli/git_files.ts";
import { listIdlFiles } from "../../cli/idl_files.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { runProgram } from "../run_program.ts";

describe("files of a commit", () => {
  it("are listed and read as they were, from any folder of the repository", () =>
    inRepository(async (platform, folder) => {
      const git = await openGit(at(platform, `${folder}/sub`), "v1");
      try {
        assertEquals(await git.list("."), [
          { name: "a.thrift", kind: "file" },
          { name: "deep", kind: "directory" },
          { name: "long.thrift", kind: "file" },
        ]);
        assertEquals(await git.list(`${folder}/sub/deep`), [{ name: "ü b.thrift", kind: "file" }]);
        assertEquals([await git.list("a.thrift"), await git.list("nope")], [[], []]);
        assertEquals(await listIdlFiles(git, ".."), [
          "../sub/a.thrift",
          "../sub/deep/ü b.thrift",
          "../sub/long.thrift",
          "../top.thrift",
        ]);
        const kinds = await Promise.all(["..", ".", "a.thrift", "nope", "a.thrift/x"].map((path) => git.stat(path)));
        assertEquals(kinds.map((found) => found?.kind), ["directory", "directory", "file", undefined, undefined]);
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
      await assertRejects(() => git.stat("../x"), RpcError, "../x is outside of the repository");
      assertEquals(await git.read("../x"), null);
      await git.close();
      await platform.files.remove(`${folder}/.git`);
      const outside = at(platform, folder, { GIT_CEILING_DIRECTORIES: folder.replace(/\/[^/]*$/, "") });
      await assertRejects(() => openGit(outside, "HEAD"), RpcError, "not a git repository");
    }));
  it("that are not there say where they may be", () =>
    inRepository(async (platform, folder, git) => {
      await platform.files.write(`${folder}/top.thrift`, "// changed\n");
      await git("commit", "-q", "-a", "-m", "second");
      await git("branch", "topic");
      await git("clone", "-q", "--depth", "1", `file://${folder}`, "clone");
      const clone = at(platform, `${folder}/clone`);
      await assertRejects(
        () => openGit(clone, "v1"),
        RpcError,
        'git knows no commit "v1": this clone is shallow, git fetch',
      );
      await git("clone", "-q", `file://${folder}`, "whole");
      const whole = at(platform, `${folder}/whole`);
      await assertRejects(() => openGit(whole, "topic"), RpcError, "did you mean origin/topic?");
    }));
  it("may include what is outside of the repository, which is on disk", () =>
    inRepository(async (platform, folder, git) => {
      const outside = await platform.files.makeTempDir("updraft-include-");
      try {
        await platform.files.write(`${outside}/common.thrift`, "struct C {}\n");
        await platform.files.write(`${folder}/sub/a.thrift`, 'include "common.thrift"\nstruct A { 1: common.C c }\n');
        await git("commit", "-q", "-a", "-m", "with an include");
        const args = ["breaking", "git:HEAD", "-I", outside];
        const { code, stderr } = await runProgram("cli/main.ts", args, { cwd: `${folder}/sub` });
        assertEquals([code, stderr], [0, "4 files compared: nothing is broken\n"]);
      } finally {
        await platform.files.remove(outside);
      }
    }));
  it("are found in a bare repository too", () =>
    inRepository(async (_platform, folder, git) => {
      await git("clone", "-q", "--bare", `file://${folder}`, "bare");
      const { code, stderr } = await runProgram("cli/main.ts", ["breaking", "git:v1", "git:v1"], {
        cwd: `${folder}/bare`,
      });
      assertEquals([code, stderr], [0, "4 files compared: nothing is broken\n"]);
    }));
  it("are found through links that stay in the repository", () =>
    inRepository(async (platform, folder, git) => {
      for (
        const [target, link] of [
          ["deep/ü b.thrift", "sub/b.thrift"],
          ["../sub/deep", "sub/folder"],
          ["sub", "alias"],
          [".", "sub/round"],
          ["loop", "sub/loop"],
          ["nowhere", "sub/dangling.thrift"],
          ["../../../etc/hosts", "sub/up.thrift"],
          ["/etc/hosts", "sub/far.thrift"],
        ] as const
      ) await symlink(target, `${folder}/${link}`);
      await git("add", ".");
      await git("commit", "-q", "-m", "links");
      const files = await openGit(at(platform, folder), "HEAD");
      try {
        const paths = ["sub/b.thrift", "sub/folder/ü b.thrift", "alias/round/round/a.thrift", "sub/folder"];
        assertEquals(await Promise.all(paths.map((path) => files.read(path))), [
          "\ufeff// é\n",
          "\ufeff// é\n",
          "struct A {}\n",
          null,
        ]);
        const none = ["sub/loop", "sub/dangling.thrift", "sub/up.thrift", "sub/far.thrift"];
        assertEquals(await Promise.all(none.map((path) => files.stat(path))), [null, null, null, null]);
        // each folder once, where it is and not where a link is, whatever is found first: the same as on disk
        const listed = ["sub/a.thrift", "sub/b.thrift", "sub/deep/ü b.thrift", "sub/long.thrift", "top.thrift"];
        assertEquals(await listIdlFiles(files, "."), listed);
        assertEquals(
          (await listIdlFiles(platform.files, folder)).filter((path) =>
            !path.endsWith("up.thrift") && !path.endsWith("far.thrift")
          ),
          listed.map((path) => `${folder}/${path}`),
        );
      } finally {
        await files.close();
      }
    }));
  it("are compared with those on disk by updraft breaking", () =>
    inRepository(async (platform, folder) => {
      await platform.files.write(`${folder}/sub/a.thrift`, "struct B {}\n");
      const breaking = (...args: string[]): ReturnType<typeof runProgram> =>
        runProgram("cli/main.ts", ["breaking", ...args], { cwd: `${folder}/sub` });
      for (
        const args of [
          ["git:v1"],
          ["git:v1", "."],
          ["v1:./"],
          ["git:v1:a.thrift"],
          ["v1:a.thrift", "a.thrift"],
          [
            "v1:../sub",
          ],
          ["git:v1", "../sub"],
          ["git:v1", `${folder}/sub`],
        ]
      ) {
        const { code, stderr } = await breaking(...args);
        assertEquals(code, 1, stderr);
        assertStringIncludes(stderr, "v1:a.thrift:1:8: error UB3007: struct A is gone (SOURCE)\n  1 | struct A {}\n");
      }
      const same = await breaking("git:v1", "git:HEAD");
      assertEquals([same.code, same.stderr], [0, "3 files compared: nothing is broken\n"]);
      const top = await runProgram("cli/main.ts", ["breaking", "git:v1"], { cwd: folder });
      assertStringIncludes(top.stderr, "v1:sub/a.thrift:1:8: error UB3007: struct A is gone (SOURCE)\n");
      assertStringIncludes(top.stderr, "\n4 files compared: 1 error\n");
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
async function inRepository(
  test: (platform: Platform, folder: string, git: (...args: string[]) => Promise<void>) => Promise<void>,
): Promise<void> {
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
    await test(platform, folder, git);
  } finally {
    await platform.files.remove(folder);
  }
}
