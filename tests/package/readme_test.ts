/**
 * The README's first service, step by step in an empty project: what it says to write is written, what it says to run is
 * run. Only the port is another one, so that it is free.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { blocksOf } from "../docs/documents.ts";
import { installedProject, PROGRAMS, type Project, ROOT } from "./project.ts";

const blocks = blocksOf("README.md");
const thrift = blockThat((text, language) => language === "thrift" && text !== "");
const server = blockThat((text) => text.startsWith("// server.ts\n"));
const client = blockThat((text) => text.startsWith("// client.ts\n"));
const command = blockThat((text) => text.startsWith("npx updraft "));

/** How each runtime runs a TypeScript file, as the README says it. */
const RUNS: Readonly<Record<string, readonly [program: string, ...flags: string[]]>> = {
  "node server.ts": [PROGRAMS.node24],
  "npx tsx server.ts": [PROGRAMS.node, "--import", import.meta.resolve("tsx")],
  "bun server.ts": [PROGRAMS.bun],
  "deno run -A server.ts": [PROGRAMS.deno, "run", "-A"],
};

function blockThat(fits: (text: string, language: string) => boolean): string {
  const block = blocks.find(({ text, language }) => fits(text, language));
  if (block === undefined) throw new Error("README.md has lost a block of its first service");
  return block.text;
}

describe("the README's first service", () => {
  let project: Project;
  beforeAll(async () => {
    project = await installedProject();
    project.write("hello.thrift", thrift);
    const [, ...args] = command.split("#")[0]!.trim().split(" ");
    const [name, ...rest] = args as [string, ...string[]];
    await project.run(PROGRAMS.node, `node_modules/.bin/${name}`, ...rest);
    project.write("server.ts", server.replace("port: 8888", "port: 0"));
  });
  afterAll(() => project.close());

  it("is run in all the ways that are tried here", () => {
    assertStringIncludes(blockThat((text) => text.includes("deno run -A server.ts")), "npx tsx server.ts");
    const ways = blockThat((text) => text.includes("deno run -A server.ts")).split("\n");
    assertEquals(ways.map((line) => line.split("#")[0]!.trim()), Object.keys(RUNS));
  });

  for (const [serverWay, [program, ...flags]] of Object.entries(RUNS)) {
    it(`answers clients of every runtime when run by ${serverWay}`, async () => {
      const child = spawn(program, [...flags, "server.ts"], {
        cwd: project.folder,
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const port = /serving on 127\.0\.0\.1:(\d+)/.exec(await firstLine(child))?.[1];
        project.write("client.ts", client.replace(":8888", `:${port}`).replace("timeoutMs: 500", "timeoutMs: 10_000"));
        for (const [clientProgram, ...clientFlags] of Object.values(RUNS)) {
          assertEquals(await project.run(clientProgram, ...clientFlags, "client.ts"), "hello Ada\n");
        }
      } finally {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
    });
  }

  it("has types that hold", async () => {
    project.write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          target: "es2022",
          module: "nodenext",
          strict: true,
          noEmit: true,
          allowImportingTsExtensions: true,
          lib: ["esnext", "dom"],
          types: [],
        },
        files: ["server.ts", "client.ts"],
      }),
    );
    await project.run(PROGRAMS.node, join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json");
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}`);
}
