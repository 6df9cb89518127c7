/**
 * The packed package in an empty project: every entry loads, the command generates code, what a user writes on top of it
 * type-checks and runs, compiled on the oldest Node and unbuilt on the others.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installedProject, PROGRAMS, type Project, ROOT } from "./project.ts";

const IDL = `
namespace js greeter

struct HelloRequest { 1: string name }
struct HelloResponse { 1: string text }
exception Nobody { 1: string message }

service Greeter {
  HelloResponse hello(1: HelloRequest request) throws (1: Nobody nobody)
  i64 add(1: i64 a, 2: i64 b)
}
`;

const MAIN = `
import { createClient, createServer } from "@updraft/rpc";
import { memory } from "@updraft/rpc/memory";
import { Greeter, type GreeterHandlers, Nobody } from "./gen/greeter.js";

const handlers: GreeterHandlers = {
  hello(request) {
    if (request.name === "") throw new Nobody({ message: "who?" });
    return { text: "hello " + request.name };
  },
  add: (a, b) => a + b,
};

async function tryOut(transport?: ReturnType<typeof memory>): Promise<void> {
  const options = transport ? { transport } : {};
  const server = await createServer(options).add(Greeter, handlers).listen({ hostname: "127.0.0.1", port: 0 });
  const client = createClient(Greeter, { to: server.address, timeoutMs: 10_000, ...options });
  console.log((await client.hello({ name: "Ada" })).text, String(await client.add(2n ** 62n, 1n)));
  console.log(await client.hello({ name: "" }).catch((error: unknown) => error instanceof Nobody && error.message));
  await client.close();
  await server.close();
}

await tryOut();
await tryOut(memory());
`;

const EXPECTED = "hello Ada 4611686018427387905\nwho?\n".repeat(2);

const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
    outDir: "out",
    rootDir: ".",
  },
  files: ["main.ts"],
};

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

/** Entries that run when they are loaded. */
const PROGRAMS_OF_IT = ["./cli", "./protoc-gen-updraft", "./thrift-gen-ts"];

describe("the packed package", () => {
  let project: Project;
  let manifest: Manifest;
  beforeAll(async () => {
    project = await installedProject();
    manifest = JSON.parse(
      readFileSync(join(project.folder, "node_modules/@updraft/rpc/package.json"), "utf8"),
    ) as Manifest;
    project.write("greeter.thrift", IDL);
    project.write("main.ts", MAIN);
    project.write("tsconfig.json", JSON.stringify(TSCONFIG));
  });
  afterAll(() => project.close());

  it("has the entries of deno.json, with files for code and types", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as {
      exports: Record<string, string>;
    };
    assertEquals(Object.keys(manifest.exports), Object.keys(exports));
    const files = Object.values(manifest.exports).flatMap((entry) => [entry.types, entry.default]);
    assertEquals(files.filter((file) => !existsSync(join(project.folder, "node_modules/@updraft/rpc", file))), []);
  });

  for (const runtime of ["node", "node24", "bun", "deno"] as const) {
    it(`loads by every entry on ${runtime}, and does nothing by itself`, async () => {
      const names = Object.keys(manifest.exports).filter((name) => !PROGRAMS_OF_IT.includes(name)).map((name) =>
        `@updraft/rpc${name.slice(1)}`
      );
      project.write(
        "load.mjs",
        names.map((name) => `await import("${name}");\n`).join("") + `console.log("loaded");\n`,
      );
      const flags = runtime === "deno" ? ["run", "-A"] : [];
      assertEquals(await project.run(PROGRAMS[runtime], ...flags, "load.mjs"), "loaded\n");
    });
  }

  it("generates code with its command", async () => {
    await project.run(PROGRAMS.node, "node_modules/.bin/updraft", "gen", "greeter.thrift", "-o", "gen");
    assert(existsSync(join(project.folder, "gen/greeter.ts")));
  });

  for (const compiler of ["node_modules/typescript", "tools/node_modules/typescript6"]) {
    it(`type-checks with ${compiler}, without skipLibCheck or Node's types`, async () => {
      await project.run(PROGRAMS.node, join(ROOT, compiler, "bin/tsc"), "-p", "tsconfig.json");
    });
  }

  it("runs compiled on the Node at hand", async () => {
    await project.run(PROGRAMS.node, join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json");
    assertEquals(await project.run(PROGRAMS.node, "out/main.js"), EXPECTED);
  });

  it("runs unbuilt on Bun", async () => {
    assertEquals(await project.run(PROGRAMS.bun, "main.ts"), EXPECTED);
  });

  it("explains its command", async () => {
    assertStringIncludes(await project.run(PROGRAMS.node, "node_modules/.bin/updraft", "--help"), "updraft");
  });
});
