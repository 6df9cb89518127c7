/**
 * A plugin of the compiler that adds a function to every struct: `updraft gen a.thrift --plugin summary=summary.ts:prefix=show`.
 *
 * @module
 */
import { definePlugin, type Plugin, structShape } from "@updraft/rpc/plugin";

const summary: Plugin = definePlugin({
  name: "summary",
  onOutput(output, { options }) {
    const prefix = options.get("prefix")?.at(-1) ?? "summarize";
    for (const file of output.files) {
      for (const def of file.definitions) {
        if (def.kind !== "struct") continue;
        const type = file.nameOf(def);
        const parts = structShape(def).fields.map(({ name, key }) => `${name}: \${value.${key}}`);
        file.insert(
          `struct.${type}.$end`,
          [
            `/** The fields of a ${def.name} as text. */`,
            `export function ${file.claim(prefix + type)}(value: ${type}): string {`,
            `  return \`${def.name}(${parts.join(", ")})\`;`,
            "}",
            "",
          ].join("\n"),
        );
      }
    }
  },
});

export { summary as default };
