/**
 * What docs/plugins.md shows.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compile, memoryReader } from "@updraft/rpc/idl";
import { definePlugin, type Plugin, PluginRun } from "@updraft/rpc/plugin";

const trace: Plugin = definePlugin({
  name: "trace",
  onSource(file) {
    for (const def of file.document.definitions) {
      if (def.kind === "struct") file.insert(def.end - 1, "  255: optional string trace\n");
    }
  },
});

const run = new PluginRun([{ plugin: trace }], {});
const { value, diagnostics } = await compile(["a.thrift"], run.reader(memoryReader({ "a.thrift": "struct A {}\n" })));
assertEquals(diagnostics, []);
assertEquals((await run.generate(value))?.[0]?.text.includes("  trace?: string | undefined;\n"), true);
