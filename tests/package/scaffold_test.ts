/**
 * `updraft new` with the packed package: the project's own tests pass on every runtime, its types hold, its programs talk.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { installedProject, PROGRAMS, type Project } from "./project.ts";

const IDLS: Readonly<Record<string, string>> = {
  "shop.thrift":
    "struct Item { 1: required i64 id, 2: list<string> names }\nservice Shop { Item find(1: Item like) oneway void seen(1: i64 id) }\n",
  "talk.proto":
    'syntax = "proto3"; package p; message M { string text = 1; } service Talk { rpc Say(M) returns (M); }\n',
};
const TESTS = { node: ["--test"], bun: ["test"], deno: ["test", "-A", "--no-check"] } as const;
const RUN = { node: [], bun: [], deno: ["run", "-A"] } as const;
const program = { node: PROGRAMS.node24, bun: PROGRAMS.bun, deno: PROGRAMS.deno } as const;
/** Images that exist, and how each runs a program. */
const IMAGES = { node: "node:24-slim", bun: "oven/bun:1.4-slim", deno: "denoland/deno:2.9.6" } as const;

describe("a project of updraft new", () => {
  let outer: Project;
  beforeAll(async () => {
    outer = await installedProject();
    await outer.install("@bufbuild/buf@1.75.0", "@bufbuild/protoc-gen-es@2.13.0");
    for (const [name, text] of Object.entries(IDLS)) outer.write(name, text);
  });
  afterAll(() => outer.close());

  for (const idl of Object.keys(IDLS)) {
    for (const runtime of ["node", "bun", "deno"] as const) {
      it(`around ${idl} passes its tests on ${runtime}, type-checks, and answers calls`, async () => {
        const name = `${runtime}-${idl.replace(".", "-")}`;
        const spec = process.env["UPDRAFT_TARBALL"] ?? "";
        const args = ["new", name, "--idl", idl, "--runtime", runtime, "--package", spec];
        await outer.run(PROGRAMS.node, "node_modules/.bin/updraft", ...args);
        const project = outer.inside(name);
        await project.install();
        await project.run(program[runtime], ...TESTS[runtime]);
        if (runtime === "deno") {
          await project.run(PROGRAMS.deno, "check", "main.ts", "client.ts", "test/service.test.ts");
        } else await project.run(PROGRAMS.node, "node_modules/typescript/bin/tsc");

        const flags = RUN[runtime];
        const env = { ...process.env, PORT: "0", HOST: "127.0.0.1" };
        const child = spawn(program[runtime], [...flags, "main.ts"], {
          cwd: project.folder,
          env,
          stdio: ["ignore", "pipe", "inherit"],
        });
        const exited = once(child, "exit");
        let to = "";
        for await (const line of createInterface({ input: child.stdout })) {
          to = /serving on (\S+)/.exec(line)?.[1] ?? "";
          break;
        }
        const client = readFileSync(join(project.folder, "client.ts"), "utf8");
        project.write("client.ts", client.replace('process.env["TO"] ?? "127.0.0.1:8888"', JSON.stringify(to)));
        const refused = await project.run(program[runtime], ...flags, "client.ts").catch((error) => String(error));
        assertStringIncludes(refused, "is not written yet");
        child.kill("SIGTERM");
        assertEquals((await exited)[0], 0);
      });
    }
  }

  for (const runtime of ["node", "bun", "deno"] as const) {
    it(`has a Dockerfile for ${runtime} whose lines make sense`, () => {
      const file = readFileSync(join(outer.folder, `${runtime}-shop-thrift`, "Dockerfile"), "utf8");
      const lines = file.trimEnd().split("\n").map((line) => line.split(" "));
      const words = lines.map(([word]) => word);
      assertEquals(words, ["FROM", "WORKDIR", "COPY", "RUN", "COPY", "USER", "ENV", "EXPOSE", "CMD"]);
      assertEquals(lines[0]?.[1], IMAGES[runtime]);
      const command = JSON.parse(file.trimEnd().split("\n").at(-1)!.slice("CMD ".length)) as string[];
      assertEquals([command[0], command.at(-1)], [runtime, "main.ts"]);
      assertEquals(lines[5]?.[1], runtime); // each image has a user of this name who is not root
    });
  }
});
