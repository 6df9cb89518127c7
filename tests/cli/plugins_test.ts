import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parsePluginSpec } from "../../cli/plugins.ts";
import { UsageError } from "../../cli/command.ts";
import { run } from "../../cli/run.ts";
import type { Child, OutStream, Platform } from "../../lib/platform.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { runProgram } from "../run_program.ts";
import { temporaryFolder } from "../transports/fixtures.ts";
import { memoryPlatform } from "./memory_platform.ts";

const PROGRAM = pathOf("../idl/plugin/plugin_program.ts");
const PLUGIN = pathOf("../../idl/plugin/plugin.ts");
const IDL = "struct A {\n  1: i32 a\n}\n";

describe("the value of --plugin", () => {
  it("is a name, a path and options, as Thriftgo reads it", () => {
    const cases: [string, string, string | undefined, [string, string][]][] = [
      ["validator", "validator", undefined, []],
      ["validator:", "validator", undefined, []],
      ["a=./b", "a", "./b", []],
      ["a=./b=c:d=e=f,g,h=", "a", "./b=c", [["d", "e=f"], ["g", ""], ["h", ""]]],
      ["a:b=c:d", "a", undefined, [["b", "c:d"]]],
      ["a=C:\\x\\y.exe:b=c", "a", "C:\\x\\y.exe", [["b", "c"]]],
    ];
    for (const [text, name, path, options] of cases) assertEquals(parsePluginSpec(text), { name, path, options }, text);
  });
  it("needs a name, and a path behind =", () => {
    for (const text of ["", ":a", "=b", "a=", "a=:b"]) assertThrows(() => parsePluginSpec(text), UsageError);
    for (const text of ["./mine.ts", "mine.mjs", "tools/mine:a=b"]) {
      assertThrows(() => parsePluginSpec(text), UsageError);
    }
    assertThrows(
      () => parsePluginSpec("./my/mine.ts"),
      UsageError,
      "write NAME=./my/mine.ts, such as mine=./my/mine.ts",
    );
  });
});

describe("updraft gen --plugin", () => {
  const folder = temporaryFolder();

  it("runs the default export of a module in process", async () => {
    const module = await plugin(`export default definePlugin({
      name: "adds",
      onSource(file) { file.insert(file.document.definitions[0].end - 1, "  2: string added\\n"); },
      onOutput(output, { options, note }) {
        output.files[0].insert("eof", "export const OPTIONS = " + JSON.stringify([...options]) + ";");
        output.addFile("more/extra.txt", "extra\\n");
        note("done");
      },
    });`);
    const { code, out, err } = await gen([`adds=${module}:a=1,a=2,b`]);
    assertEquals([code, err], [0, "adds: done\n"]);
    assertStringIncludes(out, "/out/more/extra.txt\n");
    const text = await read("out/a.ts");
    assertStringIncludes(text, "  added: string;\n");
    assert(text.endsWith('\nexport const OPTIONS = [["a",["1","2"]],["b",[""]]];\n'), text.slice(-100));
  });
  it("finds the default export of a module that a minifier wrote", async () => {
    const module = await plugin(
      `var a=definePlugin({name:"small",onOutput(o){o.addFile("x","x")}});export{a as default};`,
    );
    const { code, err } = await gen([`small=${module}`]);
    assertEquals([code, err], [0, ""]);
  });
  it("shows the text that a plugin made, where that is wrong", async () => {
    const module = await plugin(`export default definePlugin({
      name: "breaks",
      onSource(file) { file.insert(file.document.definitions[0].end - 1, "  2: strng added\\n"); },
    });`);
    const { code, err } = await gen([`breaks=${module}`]);
    assertEquals(code, 1);
    assertStringIncludes(err, "a.thrift:3:6: error UT3002: type strng is not defined");
    assertStringIncludes(err, "  3 |   2: strng added\n");
  });
  it("ends with 1 and writes nothing if a plugin reports an error, with the plugin's own code", async () => {
    const module = await plugin(`export default definePlugin({
      name: "strict",
      onProgram({ mains: [main] }, context) {
        const [def] = main.definitions;
        context.error("strict/name", main.document, def.node.name, "names have two letters");
        context.warning("strict/hm", main.document, def.node, "hm");
      },
    });`);
    const { code, out, err } = await gen([`strict=${module}`]);
    assertEquals([code, out], [1, ""]);
    assertStringIncludes(err, "a.thrift:1:8: error strict/name: names have two letters\n");
    assertStringIncludes(err, "warning strict/hm: hm");
    assertStringIncludes(err, "nothing generated: 1 error, 1 warning\n");
    await nothingWritten();
  });
  it("ends with 1 and writes nothing if a module throws, or inserts where it cannot, after others did well", async () => {
    const good = await plugin(
      `export default definePlugin({ name: "good", onOutput: (o) => void o.addFile("g", "g") });`,
    );
    const cases: [string, string][] = [
      [`throw new TypeError("oops")`, "plugin bad broke in onOutput: TypeError: oops\n    at "],
      [`output.files[0].insert("struct.B", "x")`, 'plugin bad failed: a.ts has no place "struct.B" to insert at'],
      [`output.addFile("../x", "x")`, 'plugin bad failed: "../x" is no path of a file below the output folder'],
      [`output.addFile("g", "h")`, "plugin bad failed: g is there already, with another text"],
      [`output.addFile("\u00e9", ""), output.addFile("E\u0301", "")`, "which some systems take for the same"],
      [`output.addFile("dir/", "x")`, "output folder: it names no file"],
      [`output.addFile("C:x", "x")`, "output folder: it begins with a drive"],
      [`output.addFile("n".repeat(256), "x")`, "output folder: it has a name longer than 255 bytes"],
      [`output.addFile(5, "x")`, "plugin bad failed: the path of a file must be a string, and is number"],
      [`output.addFile("x")`, "plugin bad failed: the text of x must be a string, and is undefined"],
      [`output.insert("g", "eof", null)`, 'plugin bad failed: g has no place "eof" to insert at'],
      [`output.files[0].insert("eof")`, "what is inserted into a.ts must be a string, and is undefined"],
      ["throw Object.create(null)", "plugin bad broke in onOutput: it threw something that is no error"],
    ];
    for (const [statement, message] of cases) {
      const bad = await plugin(`export default definePlugin({ name: "bad", onOutput(output) { ${statement}; } });`);
      const { code, err } = await gen([`good=${good}`, `bad=${bad}`]);
      assertEquals(code, 1);
      assertStringIncludes(err.replace("\nTypeError", " TypeError"), message);
      await nothingWritten();
    }
  });
  it("ends with 1 and writes nothing if a module leaves a program that is none, or reports what is no text", async () => {
    const cases: [string, string][] = [
      ["main.definitions.push(null)", "no code can be generated from the program as plugin bad left it: TypeError: "],
      [
        "main.definitions[0].fields[0].type = undefined",
        "no code can be generated from the program as plugin bad left",
      ],
      ["main.definitions[0].name = 'a b'", "no code can be generated from the program as plugin bad left it"],
      [
        "context.error('bad/x', main.document, main.definitions[0].node, {})",
        "the message of an error must be a string",
      ],
      ["context.note(Symbol())", "a note must be a string, and is symbol"],
    ];
    for (const [statement, message] of cases) {
      const bad = await plugin(
        `export default definePlugin({ name: "bad", onProgram({ mains: [main] }, context) { ${statement}; } });`,
      );
      const { code, err } = await gen([`bad=${bad}`]);
      assertEquals(code, 1);
      assertStringIncludes(err, message);
      assert(!err.includes("bug in updraft"), err);
      await nothingWritten();
    }
    const bad = await plugin(`export default definePlugin({ name: "bad", onSource: (file) => file.insert(0, {}) });`);
    assertStringIncludes((await gen([`bad=${bad}`])).err, "must be a string, and is object");
  });
  it("ends, though a module goes on", async () => {
    const loops = await plugin(`export default definePlugin({
      name: "loops",
      async onOutput() { for (;;) await new Promise((resolve) => setTimeout(resolve, 1)); },
    });`);
    const works = await plugin(`setInterval(() => {}, 10);
      export default definePlugin({ name: "works", onOutput: (output) => void output.addFile("x", "x") });`);
    const file = `${folder()}/a.thrift`;
    const generate = (spec: string): ReturnType<typeof runProgram> =>
      runProgram("cli/main.ts", [
        "gen",
        file,
        "-o",
        `${folder()}/out`,
        "-q",
        "--plugin",
        spec,
        "--plugin-time-limit",
        "100ms",
      ]);
    await (await autoPlatform()).files.write(file, IDL);
    const looped = await generate(`loops=${loops}`);
    assertEquals([looped.code, looped.stderr], [
      1,
      "updraft: plugin loops failed: onOutput did not end within 0.1 s\n",
    ]);
    await nothingWritten();
    assertEquals(await generate(`works=${works}`), { code: 0, stdout: "", stderr: "" });
  });
  it("kills a program when it is interrupted, also with --watch, and writes nothing", async () => {
    const real = await autoPlatform();
    await real.files.remove(`${folder()}/out`);
    await real.files.write(`${folder()}/a.thrift`, IDL);
    await real.files.write(`${folder()}/hang.mjs`, "setInterval(() => {}, 1000);\n");
    for (const more of [[], ["--watch"]]) {
      const handlers = new Set<(signal: "SIGINT") => void>();
      let child: Child | undefined;
      const platform: Platform = Object.assign(Object.create(real), {
        args: ["gen", `${folder()}/a.thrift`, "-o", `${folder()}/out`, "--plugin", `h=${folder()}/hang.mjs`, ...more],
        stderr: collector(() => {}),
        onSignal: (handler: (signal: "SIGINT") => void) => (handlers.add(handler), () => handlers.delete(handler)),
        async spawn(...args: Parameters<Platform["spawn"]>) {
          child = await real.spawn(...args);
          for (const handler of handlers) handler("SIGINT");
          return child;
        },
      });
      assertEquals([await run(platform), (await child?.exited)?.code, handlers.size], [130, 137, 0]);
      await nothingWritten();
    }
  });
  it("ends with 1 and writes nothing if a hook of a module never ends", async () => {
    const module = await plugin(
      `export default definePlugin({ name: "slow", onProgram: () => new Promise(() => {}) });`,
    );
    const { code, err } = await gen([`slow=${module}`, "--plugin-time-limit=100ms"]);
    assertEquals([code, err], [1, "updraft: plugin slow failed: onProgram did not end within 0.1 s\n"]);
    await nothingWritten();
  });
  it("ends with 1 if a module never ends loading", async () => {
    const module = await plugin(
      "await new Promise((resolve) => globalThis.releasePlugin = resolve);\nexport default 1;",
    );
    const { code, err } = await gen([`slow=${module}`, "--plugin-time-limit=100ms"]);
    assertEquals(code, 1);
    assertStringIncludes(err, `plugin slow cannot be loaded from ${module}: `);
    assertStringIncludes(err, "loading it did not end within 0.1 s\n");
    (globalThis as unknown as { releasePlugin(): void }).releasePlugin();
    await nothingWritten();
  });
  it("with --watch loads a module anew when it changed, and goes on when it is broken", async () => {
    const text = (name: string): string => `{ name: "w", onOutput: (o) => void o.addFile("${name}", "x") }`;
    const module = await plugin(`export default definePlugin(${text("first")});`);
    const real = await autoPlatform();
    await real.files.remove(`${folder()}/out`);
    await real.files.write(`${folder()}/a.thrift`, IDL);
    const says = watcher();
    const platform: Platform = Object.assign(Object.create(real), {
      args: ["gen", `${folder()}/a.thrift`, "-o", `${folder()}/out`, "--plugin", `w=${module}`, "--watch"],
      stdout: collector(says.take),
      stderr: collector(says.take),
      onSignal: (handler: () => void) => (says.interrupt = handler, () => {}),
    });
    const done = run(platform);
    await says.hears("out/first\n", "watching");
    const head = (await real.files.readText(module)).split("\n")[0];
    const change = async (code: string): Promise<void> => {
      const before = (await real.files.stat(module))?.mtimeMs;
      // the clock of a file system has steps of some milliseconds
      do {
        await real.files.write(module, `${head}\n${code}`);
      } while ((await real.files.stat(module))?.mtimeMs === before);
    };
    await change(`export default definePlugin(${text("second")});`);
    await says.hears("out/second\n", "watching");
    await change("export default definePlugin({;");
    await says.hears("cannot be loaded", "watching");
    await change(`export default definePlugin(${text("third")});`);
    await says.hears("out/third\n", "watching");
    says.interrupt();
    assertEquals(await done, 0);
  });
  it("runs a script without a default export as a program, with this runtime", async () => {
    const { code, err } = await gen([`mine=${PROGRAM}:k=v,w`, "--plugin-lang", "go", "--plugin-parameters", "p=q,r"]);
    assertEquals([code, err], [0, "mine: its standard error:\nI was here\nmine: take care\n"]);
    const extra = JSON.parse((await read("out/extra.txt")).split("\n")[0] ?? "");
    assertEquals(extra.pluginParameters, ["k=v", "w="]);
    assertEquals(extra.generatorParameters, ["p=q", "r="]);
    assertEquals(extra.language, "go");
    assert((await read("out/a.ts")).endsWith("\nexport const added = 1;\n"));
  });
  it("ends with 1 and writes nothing if a program cannot be found or loaded", async () => {
    const noPlugin = await plugin("export default 1;");
    const broken = await plugin("export default definePlugin({;");
    const nameless = await plugin("export default definePlugin({});");
    const hookless = await plugin(`export default definePlugin({ name: "h", onOutput: 5 });`);
    const newer = await plugin(`export default { name: "n", [Symbol.for("@updraft/rpc/plugin")]: 99 };`);
    const cases: [string, string][] = [
      [
        "no-such-plugin",
        "updraft: plugin no-such-plugin failed: cannot start thrift-gen-no-such-plugin: there is no such program",
      ],
      [`a=${folder()}/none.ts`, "cannot read "],
      [`a=${noPlugin}`, "is not what definePlugin gives"],
      [`a=${nameless}`, "has no name, or a hook that is no function"],
      [`a=${hookless}`, "has no name, or a hook that is no function"],
      [`a=${broken}`, `plugin a cannot be loaded from ${broken}: `],
      [`a=${newer}`, "plugin a is for a newer updraft: it was made for version 99 of plugins, this is 1"],
    ];
    for (const [spec, message] of cases) {
      const { code, err } = await gen([spec]);
      assertEquals(code, 1, err);
      assertStringIncludes(err, message);
      assert(!err.includes("bug in updraft"), err);
      await nothingWritten();
    }
  });
  it("ends with 2 for a value that is no plugin, and a time that is none", async () => {
    const usage = async (...args: string[]): Promise<string> => {
      const memory = memoryPlatform(["gen", "a.thrift", ...args], { "a.thrift": IDL });
      assertEquals(await run(memory.platform), 2);
      return memory.printed.err;
    };
    assertStringIncludes(await usage("--plugin", "=x"), "--plugin =x is not NAME[=PATH][:OPTIONS]");
    assertStringIncludes(
      await usage("--plugin", "validator", "--plugin", "validator:func=a=./a.ts#a"),
      "--plugin validator is there twice: give it all its options at once, validator:KEY=VALUE,...",
    );
    for (const time of ["soon", "-1s", "1.5.2s", "100h00", "9999h"]) {
      assertStringIncludes(
        await usage("-p", "x", "--plugin-time-limit", time),
        `--plugin-time-limit ${time} is no time`,
      );
    }
  });

  let count = 0;

  /** Writes a module and gives its path; each has another name, for runtimes keep modules. */
  async function plugin(code: string): Promise<string> {
    const path = `${folder()}/plugin ${count++}%20#.mjs`;
    const head = `import { definePlugin } from ${JSON.stringify(`file://${PLUGIN}`)};\n`;
    await (await autoPlatform()).files.write(path, head + code);
    return path;
  }

  async function gen(plugins: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const real = await autoPlatform();
    await real.files.remove(`${folder()}/out`);
    await real.files.write(`${folder()}/a.thrift`, IDL);
    const printed = { out: "", err: "" };
    const args = plugins.flatMap((text) => /^--|^(go|p=q,r)$/.test(text) ? [text] : ["--plugin", text]);
    const platform: Platform = Object.assign(Object.create(real), {
      args: ["gen", `${folder()}/a.thrift`, "-o", `${folder()}/out`, ...args],
      stdout: collector((text) => printed.out += text),
      stderr: collector((text) => printed.err += text),
    });
    const code = await run(platform);
    return { code, ...printed };
  }

  async function read(path: string): Promise<string> {
    return await (await autoPlatform()).files.readText(`${folder()}/${path}`);
  }

  async function nothingWritten(): Promise<void> {
    assertEquals(await (await autoPlatform()).files.stat(`${folder()}/out`), null);
  }
});

function collector(take: (text: string) => void): OutStream {
  return {
    write: (text) => Promise.resolve(take(text)),
    writeBytes: (bytes) => Promise.resolve(take(new TextDecoder().decode(bytes))),
    isTerminal: false,
    columns: undefined,
  };
}

/** Waits for texts in what is printed, in their order. */
function watcher(): {
  take(text: string): void;
  hears(...texts: readonly string[]): Promise<void>;
  interrupt: () => void;
} {
  let unheard = "";
  let check = (): void => {};
  return {
    take(text) {
      unheard += text;
      check();
    },
    async hears(...texts) {
      for (const text of texts) {
        await new Promise<void>((resolve) => {
          check = () => {
            const at = unheard.indexOf(text);
            if (at < 0) return;
            unheard = unheard.slice(at + text.length);
            check = () => {};
            resolve();
          };
          check();
        });
      }
    },
    interrupt: () => {},
  };
}

function pathOf(relative: string): string {
  return decodeURIComponent(new URL(relative, import.meta.url).pathname);
}
