import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { validate } from "dockerfile-utils";
import ts from "typescript";
import { MethodTable } from "../../lib/rpc/method_table.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { type Outcome, runProgram } from "../run_program.ts";
import { workspace } from "../idl/proto/workspace.ts";

const THRIFT = `// Greets.
service Greeter { string hello(1: string name) }
service Clock { i64 now() oneway void wind(1: i32 turns) }
`;
const FILES = [
  "handlers/greeter.ts",
  "handlers/clock.ts",
  "services.ts",
  "main.ts",
  "config.ts",
  "client.ts",
  "test/service.test.ts",
  "package.json",
];

function newProject(...args: string[]): Promise<Outcome> {
  return runProgram("cli/main.ts", ["new", ...args]);
}

describe("updraft new", () => {
  it("writes a project, and says so", async () => {
    await using space = await workspace({ "x.thrift": THRIFT });
    const { folder, platform } = space;
    const { code, stdout, stderr } = await newProject(
      `${folder}/shop`,
      "--idl",
      `${folder}/x.thrift`,
      "--runtime=node",
    );
    assertEquals([code, stderr], [0, ""]);
    const all = ["gen/x.ts", ...FILES, "tsconfig.json", "Dockerfile", ".dockerignore", ".gitignore", "README.md"];
    assertEquals(
      stdout,
      all.map((path) => `wrote ${folder}/shop/${path}\n`).join("") + `${folder}/shop/README.md says how to run it\n`,
    );
    const manifest = JSON.parse(await platform.files.readText(`${folder}/shop/package.json`));
    assertEquals([manifest.name, manifest.dependencies], ["shop", { "@updraft/rpc": "^0.1.0" }]);
    assertStringIncludes(await platform.files.readText(`${folder}/shop/handlers/greeter.ts`), "/** Greets. */");
  });

  it("run again, adds stubs and services, and keeps what a person wrote", async () => {
    await using space = await workspace({ "x.thrift": THRIFT });
    const { folder, platform: { files } } = space;
    const args = [`${folder}/shop`, "--idl", `${folder}/x.thrift`, "--runtime=node"];
    await newProject(...args);
    // without --runtime, and without the TypeScript compiler: nothing changed
    const again = await newProject(...args.slice(0, 3));
    assertEquals(again.code, 0);
    assert(!again.stdout.includes("wrote") && !again.stdout.includes("added"), again.stdout);

    const path = `${folder}/shop/handlers/greeter.ts`;
    const mine = (await files.readText(path)).replace(/throw new .*;/, "return `hello ${_name}`; // mine");
    await files.write(path, mine);
    await files.write(`${folder}/shop/main.ts`, "// mine\n");
    await files.write(
      `${folder}/x.thrift`,
      THRIFT.replace("service Greeter {", "service Greeter { bool bye()") + "service Late { void a() }",
    );
    const more = await newProject(...args);
    assertEquals([more.code, more.stderr], [0, ""]);
    for (
      const line of [
        `wrote ${folder}/shop/gen/x.ts`,
        `added to ${path}: bye`,
        `wrote ${folder}/shop/handlers/late.ts`,
        `kept ${folder}/shop/main.ts`,
      ]
    ) {
      assertStringIncludes(more.stdout, line + "\n");
    }
    const merged = await files.readText(path);
    assertEquals(merged.replace(/\n\n {2}bye\(\) \{\n.*\n {2}\},/, ""), mine);
    assertStringIncludes(await files.readText(`${folder}/shop/services.ts`), ".add(Late, late)");
    assertEquals(await files.readText(`${folder}/shop/main.ts`), "// mine\n");
  });

  it("says what it could not add, and ends with 1", async () => {
    await using space = await workspace({
      "x.thrift": "service Greeter { bool bye() }",
      "shop/handlers/greeter.ts": "export const greeter = {};\n",
    });
    const { code, stdout } = await newProject(`${space.folder}/shop`, "--idl", `${space.folder}/x.thrift`);
    assertEquals(code, 1);
    assertStringIncludes(
      stdout,
      `could not add to ${space.folder}/shop/handlers/greeter.ts: nothing in it is said to be GreeterHandlers; see to these yourself: bye\n`,
    );
  });

  for (const runtime of ["deno", "bun", "node"]) {
    it(`writes a Dockerfile for ${runtime} that a linter has nothing against`, async () => {
      await using space = await workspace({ "x.thrift": THRIFT });
      const { folder, platform: { files } } = space;
      await newProject(`${folder}/shop`, "--idl", `${folder}/x.thrift`, `--runtime=${runtime}`);
      const text = await files.readText(`${folder}/shop/Dockerfile`);
      const problemsOf = (dockerfile: string): unknown[] => validate(dockerfile).map(({ message }) => message);
      assertEquals(problemsOf(text), []);
      // the linter would see what is commonly wrong
      assertEquals(problemsOf(text.replace("WORKDIR /app", "WORKDIR app")).length, 1);
      assertEquals(problemsOf(text.replace(/CMD .*/, "CMD ['a', 'b']")).length, 1);
      assertEquals(problemsOf(text.replace("EXPOSE 8888", "EXPOSE many")).length, 1);
    });
  }

  it("has names for services that are called like what its files import, or like words of TypeScript", async () => {
    const names = ["Server", "class", "greeter", "Talk", "new", "test", "createClient", "test_"];
    await using space = await workspace({ "x.thrift": names.map((name) => `service ${name} { void f() }\n`).join("") });
    const { folder, platform: { files } } = space;
    await newProject(`${folder}/shop`, "--idl", `${folder}/x.thrift`, "--runtime=node");
    const services = await files.readText(`${folder}/shop/services.ts`);
    const imported = [...services.matchAll(/^import (?:type )?\{ (?:\w+ as )?(\w+) \}/gm)].map(([, name]) => name);
    assertEquals(new Set(imported).size, 1 + 2 * names.length, services);
    for (const name of imported) assert(!["class", "new"].includes(name!), services);
    const added = [...services.matchAll(/\.add\((\w+), (\w+)/g)].map(([, schema, constant]) => [schema, constant]);
    assertEquals(added, [
      ["Server_", "serverService"],
      ["class_", "classService"],
      ["greeter", "greeterService"],
      ["Talk", "talk"],
      ["new_", "newService"],
      ["test__", "testService"],
      ["createClient_", "createClientService"],
      ["test_", "test_Service"],
    ]);
    for (const file of ["client.ts", "test/service.test.ts"]) {
      const text = await files.readText(`${folder}/shop/${file}`);
      const all = [...text.matchAll(/^import (?:type )?\{ (.*) \}/gm)].flatMap(([, list]) => list!.split(", "));
      const local = all.map((name) => name.replace(/.* as /, ""));
      assertEquals(new Set(local).size, local.length, text);
    }
    const { diagnostics } = ts.transpileModule(services, { reportDiagnostics: true });
    assertEquals(diagnostics, []);
    for (const [file, constant] of [["class", "classService"], ["new", "newService"], ["greeter", "greeterService"]]) {
      assertStringIncludes(await files.readText(`${folder}/shop/handlers/${file}.ts`), `export const ${constant}: `);
    }
  });

  it("adds services that share names of methods as a server takes them", async () => {
    const services = { A: "own", B: "x y", C: "x z", D: "y z", E: "z", F: "p", G: "p own2" };
    const text = Object.entries(services).map(([name, methods]) =>
      `service ${name} { ${methods.split(" ").map((method) => `void ${method}()`).join(" ")} }\n`
    ).join("");
    await using space = await workspace({ "x.thrift": text });
    const { folder, platform: { files } } = space;
    await newProject(`${folder}/shop`, "--idl", `${folder}/x.thrift`, "--runtime=node");
    const written = await files.readText(`${folder}/shop/services.ts`);
    const options = [...written.matchAll(/\.add\((\w), \w+(?:, \{ (\w+): true \})?\)/g)].map((
      [, name, option],
    ) => [name, option]);
    assertEquals(options, [
      ["A", undefined],
      ["B", "fallback"],
      ["C", "named"],
      ["D", "named"],
      ["E", "fallback"],
      ["F", "fallback"],
      ["G", undefined],
    ]);
    const table = new MethodTable();
    for (const [name = "", option] of options) {
      const methods = services[name as keyof typeof services].split(" ").map((method) => ({ name: method }));
      const schema = { name, payload: "thrift", methods } as unknown as ServiceSchema;
      table.add(schema, () => () => undefined, option === undefined ? {} : { [option]: true });
    }
  });

  it("quotes what a shell would take for something else", async () => {
    await using space = await workspace({ "a $b`c`\"'d.thrift": THRIFT });
    const { folder, platform: { files } } = space;
    await newProject(`${folder}/shop`, "--idl", `${folder}/a $b\`c\`"'d.thrift`, "--runtime=node");
    const { scripts } = JSON.parse(await files.readText(`${folder}/shop/package.json`)) as { scripts: { gen: string } };
    assertEquals(scripts.gen, `updraft gen "${folder}/a \\$b\\\`c\\\`\\"'d.thrift" -o gen`);
  });

  it("refuses templates that make a file twice, or a file of no name, before it writes anything", async () => {
    for (
      const [name, text, message] of [
        ["a.txt", "---\r\nloop: service\r\n---\r\nx", "it makes a.txt twice; a loop needs a path:"],
        ["b.txt", "---\npath: C.txt\n---\nx", "c.txt: it and "],
        ["d.txt", "---\npath: sub/\n---\nx", '"sub/" is no path of a file of the project: it names no file'],
      ] as const
    ) {
      await using space = await workspace({ "x.thrift": THRIFT, "t/c.txt": "x", [`t/${name}`]: text });
      const { folder, platform: { files } } = space;
      const { code, stderr } = await newProject(
        `${folder}/shop`,
        "--idl",
        `${folder}/x.thrift`,
        "--template",
        `${folder}/t`,
      );
      assertEquals(code, 1);
      assertStringIncludes(stderr, message);
      assertEquals(await files.stat(`${folder}/shop`), null);
    }
  });

  it("takes .proto files", async () => {
    await using space = await workspace({
      "x.proto":
        'syntax = "proto3"; package p; message M {}\n// Talks.\nservice Talk { rpc Say(M) returns (M); rpc Chat(stream M) returns (stream M); }',
    });
    const { folder, platform: { files } } = space;
    const { code, stderr } = await newProject(`${folder}/talk`, "--idl", `${folder}/x.proto`, "--runtime=bun");
    assertEquals([code, stderr], [0, ""]);
    const handlers = await files.readText(`${folder}/talk/handlers/talk.ts`);
    assertStringIncludes(handlers, 'import type { TalkHandlers } from "../gen/x_rpc.ts";');
    assertStringIncludes(handlers, "chat(_requests) {");
    assertStringIncludes(await files.readText(`${folder}/talk/client.ts`), "await client.say({})");
    assertEquals(Object.keys(JSON.parse(await files.readText(`${folder}/talk/package.json`)).dependencies), [
      "@bufbuild/protobuf",
      "@updraft/rpc",
    ]);
  });

  it("fills in custom templates, and follows their update rules", async () => {
    await using space = await workspace({
      "x.thrift": THRIFT,
      "t/docs/index.md":
        "---\nupdate: cover\n---\n# {{name}}\n{{#services}}\n- {{name}}: {{#methods}}{{name}} {{/methods}}\n{{/services}}\n",
      "t/service.txt": "---\npath: out/{{service.file}}.txt\nloop: service\n---\n{{service.name}} {{service.doc}}\n",
      "t/routes.ts":
        "---\nupdate: append\nkey: {{service.name}}_{{method.name}}\n---\n// routes\n--- append\nconst {{service.name}}_{{method.name}} = 1;\n",
    });
    const { folder, platform: { files } } = space;
    const args = [`${folder}/shop`, "--idl", `${folder}/x.thrift`, "--template", `${folder}/t`];
    assertEquals(await newProject(...args), {
      code: 0,
      stdout: ["gen/x.ts", "docs/index.md", "routes.ts", "out/greeter.txt", "out/clock.txt"].map((path) =>
        `wrote ${folder}/shop/${path}\n`
      )
        .join(""),
      stderr: "",
    });
    assertEquals(
      await files.readText(`${folder}/shop/docs/index.md`),
      "# shop\n- Greeter: hello \n- Clock: now wind \n",
    );
    assertEquals(await files.readText(`${folder}/shop/out/greeter.txt`), "Greeter Greets.\n");
    await files.write(`${folder}/shop/out/clock.txt`, "mine");
    await files.write(`${folder}/shop/routes.ts`, "const Clock_now = 5;\n");
    await files.write(`${folder}/shop/docs/index.md`, "mine");
    const again = await newProject(...args);
    assertStringIncludes(again.stdout, `added to ${folder}/shop/routes.ts: Greeter_hello, Clock_wind\n`);
    assertEquals(
      await files.readText(`${folder}/shop/routes.ts`),
      "const Clock_now = 5;\nconst Greeter_hello = 1;\nconst Clock_wind = 1;\n",
    );
    assertEquals(await files.readText(`${folder}/shop/out/clock.txt`), "mine");
    assert((await files.readText(`${folder}/shop/docs/index.md`)).startsWith("# shop"));
  });

  it("never writes outside of the project", async () => {
    await using space = await workspace({ "x.thrift": THRIFT, "t/a.txt": "---\npath: ../{{name}}.txt\n---\nx" });
    const { folder, platform: { files } } = space;
    const { code, stderr } = await newProject(
      `${folder}/shop`,
      "--idl",
      `${folder}/x.thrift`,
      "--template",
      `${folder}/t`,
    );
    assertEquals([code, stderr], [
      1,
      `updraft: ${folder}/t/a.txt: "../shop.txt" is no path of a file of the project: it leads out of it\n`,
    ]);
    assertEquals(await files.stat(`${folder}/shop`), null);
    assertEquals(await files.stat(`${folder}/shop.txt`), null);
  });

  for (
    const [args, code, message] of [
      [[], 2, "name one folder for the project"],
      [["", "--idl", "x.thrift"], 2, "name one folder for the project"],
      [["shop"], 2, "say with --idl FILE what the project serves"],
      [["sh op", "--idl", "x.thrift"], 2, 'a project cannot be called "sh op": letters, digits, dots, hyphens'],
      [["deno.json", "--idl", "x.thrift"], 1, "deno.json is there, and no folder"],
      [["shop", "--idl", "tests/golden/types.thrift"], 1, "tests/golden/types.thrift has no service"],
      [["shop", "--idl", "tests/interop/echo.thrift", "--package", "nope.tgz"], 1, "--package nope.tgz is neither"],
      [["shop", "--idl", "tests/interop/echo.thrift", "--runtime", "browser"], 2, "--runtime cannot be"],
    ] as const
  ) {
    it(`ends with ${code} for: ${args.join(" ")}`, async () => {
      const outcome = await newProject(...args);
      assertEquals(outcome.code, code);
      assertStringIncludes(outcome.stderr, `updraft: ${message}`);
    });
  }
});
