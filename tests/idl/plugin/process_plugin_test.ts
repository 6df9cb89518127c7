import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { memoryReader } from "../../../idl/load.ts";
import { PluginRun } from "../../../idl/plugin/plugin_run.ts";
import { processPlugin } from "../../../idl/plugin/process_plugin.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { rejectsAs } from "../../transports/fixtures.ts";

const PROGRAM = decodeURIComponent(new URL("./plugin_program.ts", import.meta.url).pathname);

describe("a plugin that is a program", () => {
  it("gets the request, adds a file, and inserts into a generated one", async () => {
    const { outputs, notes } = await run("ok");
    const extra = outputs?.find(({ path }) => path === "extra.txt")?.text ?? "";
    assertEquals(JSON.parse(extra.split("\n")[0] ?? ""), {
      version: "1.2.3",
      generatorParameters: ["package_prefix=p"],
      pluginParameters: ["a=b"],
      language: "go",
      recursive: true,
      filename: "idl/a.thrift",
    });
    assert(extra.endsWith("\n// more\n"), extra);
    const generated = outputs?.find(({ path }) => path === "a.ts")?.text ?? "";
    assert(generated.endsWith("\n\nexport const added = 1;\n"));
    assertEquals(notes, ["mine: its standard error:\nI was here", "mine: take care"]);
  });
  it("may write below the output folder only", async () => {
    for (const path of ["a.txt", "out/../../a.txt", "/etc/a.txt", "outside/a.txt", "out", "../out/a.txt"]) {
      const { message } = await rejectsAs("invalid", () => run("write", path));
      assertStringIncludes(message, "plugin mine failed: it wants to write", path);
    }
    for (const path of ["out/a.txt", "/project/out/a.txt", "out/x/../a.txt", "./out//a.txt"]) {
      assertEquals((await run("write", path)).outputs?.map((file) => file.path), ["a.ts", "a.txt"]);
    }
  });
  it("may insert only where there is a place for it", async () => {
    const cases: [object, string][] = [
      [
        { name: "out/a.ts", insertionPoint: "struct.B" },
        'a.ts has no place "struct.B" to insert at, did you mean struct.A?',
      ],
      [{ name: "out/b.ts", insertionPoint: "eof" }, "there is no file b.ts to insert at eof, did you mean a.ts?"],
      [{ insertionPoint: "eof" }, 'it wants to insert at "eof", but names no file before that'],
      [{ name: "out/a.ts" }, "a.ts is there already, with another text"],
      [{ name: "out/A.ts" }, "A.ts is there already, with a.ts, which some systems take for the same"],
      [
        { name: "out/a\u0007.ts" },
        '"a\\u0007.ts" is no path of a file below the output folder: it has a control character',
      ],
    ];
    for (const [content, message] of cases) {
      const error = await rejectsAs("invalid", () => run("insert", JSON.stringify(content)));
      assertEquals(error.message, `plugin mine failed: ${message}`);
    }
  });
  it("may say why it failed", async () => {
    const error = await rejectsAs("invalid", () => run("error"));
    assertEquals(error.message, "plugin mine failed: no such luck");
  });
  it("that ends with an exit code, says nothing, or says something else, is an error that shows what it said", async () => {
    const exit = await rejectsAs("invalid", () => run("exit"));
    assertEquals(
      exit.message,
      "plugin mine failed: it ended with exit code 3, it wrote nothing\nits standard error:\nsomething broke",
    );
    const text = await rejectsAs("invalid", () => run("text"));
    assertStringIncludes(text.message, "plugin mine failed: its answer cannot be read: ");
    assertStringIncludes(text.message, ', its output begins with "hello, I am no plugin\\n"');
    const nothing = await rejectsAs("invalid", () => run("nothing"));
    assertStringIncludes(nothing.message, ", it wrote nothing");
  });
  it("that does not end is killed when its time is over", async () => {
    const error = await rejectsAs("invalid", () => run("hang", "", 300));
    assertEquals(error.message, "plugin mine failed: it did not end within 0.3 s");
  });
  it("that is not there is an error", async () => {
    const platform = await autoPlatform();
    const error = await rejectsAs("invalid", () => generate([PROGRAM + ".none"], platform));
    assertStringIncludes(error.message, `plugin mine failed: cannot start ${PROGRAM}.none`);
  });
});

async function run(mode: string, value = "", timeLimitMs = 60_000) {
  const platform = await autoPlatform();
  return await generate([...platform.scriptCommand(PROGRAM), mode, value], platform, timeLimitMs);
}

async function generate(
  command: [string, ...string[]],
  platform: Awaited<ReturnType<typeof autoPlatform>>,
  timeLimitMs = 60_000,
) {
  const settings = {
    name: "mine",
    command,
    parameters: ["a=b"],
    language: "go",
    generatorParameters: ["package_prefix=p"],
    outputPath: "out",
    timeLimitMs,
    version: "1.2.3",
  };
  const plugin = processPlugin({ spawn: platform.spawn, onSignal: platform.onSignal, cwd: () => "/project" }, settings);
  const { value } = await compile(["idl/a.thrift"], memoryReader({ "idl/a.thrift": "struct A {}" }));
  const pluginRun = new PluginRun([{ plugin }], {});
  return { outputs: await pluginRun.generate(value), notes: pluginRun.notes };
}
