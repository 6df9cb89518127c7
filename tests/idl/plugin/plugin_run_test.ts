import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { emit } from "../../../idl/emit/emit.ts";
import type { EmitOptions, OutputFile } from "../../../idl/emit/options.ts";
import { memoryReader } from "../../../idl/load.ts";
import type { Output, Plugin } from "../../../idl/plugin/plugin.ts";
import { definePlugin, INTERFACE_VERSION, pluginVersion } from "../../../idl/plugin/plugin.ts";
import { PluginRun } from "../../../idl/plugin/plugin_run.ts";
import { RpcError } from "../../../lib/errors.ts";
import { rejectsAs } from "../../transports/fixtures.ts";

const FILES = {
  "main.thrift": `include "b.thrift"
enum E { X }
typedef E Alias
struct A { 1: b.B b }
struct Empty {}
union U { 1: i32 n }
exception Ex { 1: i32 code }
const i32 C = 1
service S extends b.T { void f() }
`,
  "b.thrift": "struct B {}\nservice T {}\n",
};

describe("a run without plugins", () => {
  it("gives what emit gives", async () => {
    const { value } = await compile(["main.thrift"], memoryReader(FILES));
    const expected = emit(value, { deepCopy: true }).value;
    assertEquals(await new PluginRun([], { deepCopy: true }).generate(value), expected);
  });
});

describe("places to insert at", () => {
  it("are as documented", async () => {
    const points: string[][] = [];
    await run({ name: "p", onOutput: ({ files }) => void points.push(...files.map((file) => [...file.points])) });
    assertEquals(
      points[1]?.join(" ").replaceAll(/ (?=(?:enum|typedef|struct|union|exception|service|client)\.\w+ )/g, "\n"),
      [
        "bof imports",
        "enum.E enum.E.$end",
        "typedef.Alias",
        "struct.A struct.A.b struct.A.$body struct.A.$end",
        "struct.Empty struct.Empty.$body struct.Empty.$end",
        "union.U union.U.n union.U.$body union.U.$end",
        "exception.Ex exception.Ex.code exception.Ex.$body exception.Ex.$end",
        "service.S service.S.f service.S.$body",
        "client.S client.S.f client.S.$body service.S.$end constant.C constants eof",
      ].join("\n"),
    );
  });
  it("take whole lines, indented as they are, in order", async () => {
    const outputs = await run({
      name: "p",
      onOutput({ files: [b, main] }) {
        b?.insert("struct.B.$body", "/** Added. */\nextra?: number;");
        main?.insert("struct.A.b", "one: 1;\n");
        main?.insert("struct.A.b", "two: {\n\n  three: 3;\n};");
        main?.insert("bof", "// first");
        main?.insert("eof", "// last\n");
      },
    });
    assertStringIncludes(textOf(outputs, "b.ts"), "export interface B {\n  /** Added. */\n  extra?: number;\n}\n");
    const text = textOf(outputs, "main.ts");
    assertStringIncludes(
      text,
      "export interface A {\n  one: 1;\n  two: {\n\n    three: 3;\n  };\n  b?: B | undefined;\n}\n",
    );
    assertStringIncludes(text, " */\n// first\nimport {\n");
    assert(text.endsWith("\n\n// last\n"));
  });
  it("all take text, without which the file is as it was", async () => {
    const outputs = await run({
      name: "p",
      onOutput({ files }) {
        for (const file of files) for (const point of file.points) file.insert(point, `// @ ${point}`);
      },
    });
    const { value } = await compile(["main.thrift"], memoryReader(FILES));
    for (const { path, text } of emit(value).value) {
      const changed = textOf(outputs, path);
      assert(changed.split("// @ ").length > 5);
      const without = changed.replaceAll(/\n *\/\/ @ .*/g, "").replaceAll(/ \{\n\}/g, " {}").trimEnd() + "\n";
      assertEquals(without.replaceAll(/\n{3,}/g, "\n\n"), text.replaceAll(/\n{3,}/g, "\n\n"));
    }
  });
  it("that are not there are errors", async () => {
    const error = await rejectsAs("invalid", () => run(inserting("struct.AA")));
    assertEquals(
      error.message,
      'plugin p failed: main.ts has no place "struct.AA" to insert at, did you mean struct.A?',
    );
  });
  it("are not made by the text of an IDL", async () => {
    const idl = "// @@thriftgo_insertion_point(evil)\nstruct A {}\n";
    const outputs = await run({ name: "p" }, { "main.thrift": idl });
    assertStringIncludes(textOf(outputs, "main.ts"), "/** @@thriftgo_insertion_point(evil) */");
    await rejectsAs("invalid", () => run(inserting("evil"), { "main.thrift": idl }));
  });
});

describe("a generated file", () => {
  it("gives names that are free, and imports what is named", async () => {
    const outputs = await run({
      name: "p",
      onOutput(output) {
        const [b, main] = output.files;
        const def = main?.definitions.find(({ name }) => name === "A");
        assert(b !== undefined && main !== undefined && def?.kind === "struct");
        assert(output.fileOf(def) === main);
        assertEquals(main.modules.map(({ path }) => path), ["main.thrift"]);
        assertEquals([main.claim("A"), main.claim("fresh"), main.claim("fresh"), main.claim("class")], [
          "A_",
          "fresh",
          "fresh_",
          "class_",
        ]);
        assertEquals(main.import("helper", b), "helper");
        assertEquals(main.import("A", "some-package", true), "some_package_A");
        assertEquals(main.import("x", "./lib/x.ts"), "x_x");
        assertEquals([main.runtime("skip"), main.runtime("Anything", true)], ["skip", "Anything"]);
        assertEquals([main.nameOf(def), main.valueOf(def), main.schemaOf(def)], ["A", "A", "A"]);
        assertEquals(def.fields.map(({ type }) => main.typeOf(type)), ["B"]);
        assertThrows(() => main.claim("no name"), RpcError, '"no name" is no name to claim');
        assertEquals(main.import("y", "./z/../../src/y.ts"), "y_y");
        assertThrows(() => main.import("y", "../"), RpcError, '"../" cannot be imported: it names no file');
      },
    });
    const text = textOf(outputs, "main.ts");
    assertStringIncludes(text, 'import { type A as some_package_A } from "some-package";\n');
    assertStringIncludes(text, 'import { x as x_x } from "./lib/x.ts";\n');
    assertStringIncludes(text, 'import { y as y_y } from "../src/y.ts";\n');
    assert(/import \{[^}]*\bhelper\b[^}]*\} from "\.\/b\.ts";/.test(text), text.slice(0, 900));
  });
});

describe("files of plugins", () => {
  it("may have places for others", async () => {
    const outputs = await run(
      { name: "one", onOutput: (output) => void output.addFile("x/y.txt", "a @@thriftgo_insertion_point(p.$1) b\n") },
      {
        name: "two",
        onOutput(output) {
          assertEquals(output.addFile("x//y.txt", "a @@thriftgo_insertion_point(p.$1) b\n"), false);
          output.insert("x/y.txt", "p.$1", "[1]");
          output.insert("./x/y.txt", "p.$1", "[2]");
          assertThrows(() => output.insert("x/y.txt", "q", ""), RpcError, 'x/y.txt has no place "q" to insert at');
        },
      },
    );
    assertEquals(textOf(outputs, "x/y.txt"), "a [1][2] b\n");
  });
  it("are no folders, and no folder is a file", async () => {
    for (const [path, folder] of [["main.ts/x", "main.ts"], ["x/y/z", "x/y"], ["x", "x"], ["X", "X"]] as const) {
      const add = (output: Output): void => {
        output.addFile("x/y", "");
        output.addFile(path, "");
      };
      const { message } = await rejectsAs("invalid", () => run({ name: "p", onOutput: add }));
      assertEquals(message, `plugin p failed: ${folder} cannot be a file and a folder`);
    }
  });
  it("stay below the output folder", async () => {
    for (const path of ["", ".", "..", "../x", "a/../../x", "/x", "C:\\x", "a\\..\\..\\x", "x\0y"]) {
      const add = (output: Output): void => void output.addFile(path, "");
      const { message } = await rejectsAs("invalid", () => run({ name: "p", onOutput: add }));
      assertStringIncludes(message, "is no path of a file below the output folder", path);
    }
  });
});

describe("edits of sources", () => {
  it("are made together, plugin after plugin", async () => {
    const outputs = await run(
      {
        name: "one",
        onSource(file) {
          const [def] = file.document.definitions;
          if (def === undefined || file.path !== "main.thrift") return;
          file.replace(def.name, "Renamed");
          file.insert(def.end - 1, " 1: i32 a;");
          file.insert(def.end - 1, " 2: i32 b;");
          file.insert(0, "// doc\n");
        },
      },
      {
        name: "two",
        onSource(file) {
          assertEquals(file.document.source.text, "// doc\nstruct Renamed { 1: i32 a; 2: i32 b;}");
        },
      },
      { "main.thrift": "struct A {}" },
    );
    assertStringIncludes(
      textOf(outputs, "main.ts"),
      "/** doc */\nexport interface Renamed {\n  a: number;\n  b: number;\n}",
    );
  });
  it("may not overlap, or lie outside of the text", async () => {
    const edit = (...spans: [number, number][]): Promise<unknown> =>
      run({
        name: "p",
        onSource: (file) => spans.forEach(([start, end]) => file.replace({ start, end }, "x")),
      }, { "main.thrift": "struct A {}" });
    assertStringIncludes(
      (await rejectsAs("invalid", () => edit([0, 5], [4, 6]))).message,
      "plugin p failed: two edits of main.thrift overlap at 4",
    );
    for (const span of [[-1, 0], [3, 2], [0, 12], [0.5, 1]] as [number, number][]) {
      assertStringIncludes((await rejectsAs("invalid", () => edit(span))).message, "it is 11 long");
    }
  });
});

describe("definePlugin", () => {
  it("marks what it is given, and gives it back", () => {
    class Named {
      readonly name = "named";
    }
    const plugin = new Named();
    assertEquals(pluginVersion(plugin), undefined);
    assert(definePlugin(plugin) === plugin);
    assertEquals(pluginVersion(plugin), INTERFACE_VERSION);
    for (const other of [undefined, null, 1, "x", () => {}]) assertEquals(pluginVersion(other), undefined);
  });
});

function inserting(point: string): Plugin {
  return { name: "p", onOutput: ({ files }) => files.at(-1)?.insert(point, "x") };
}

/** The files that a run with the plugins makes of FILES, or of the files that come last. */
async function run(...args: (Plugin | Record<string, string>)[]): Promise<readonly OutputFile[]> {
  const isPlugin = (arg: Plugin | Record<string, string>): arg is Plugin => typeof arg["name"] === "string";
  const plugins = args.filter(isPlugin);
  const files = args.find((arg): arg is Record<string, string> => !isPlugin(arg)) ?? FILES;
  const options: EmitOptions = {};
  const pluginRun = new PluginRun(plugins.map((plugin) => ({ plugin })), options);
  const { value, diagnostics } = await compile(["main.thrift"], pluginRun.reader(memoryReader(files)));
  assertEquals(diagnostics.filter(({ severity }) => severity === "error"), []);
  const outputs = await pluginRun.generate(value);
  assertEquals(pluginRun.diagnostics, []);
  return outputs ?? [];
}

function textOf(outputs: readonly OutputFile[], path: string): string {
  const file = outputs.find((each) => each.path === path);
  assert(file !== undefined, `no ${path} among ${outputs.map((each) => each.path).join(", ")}`);
  return file.text;
}
