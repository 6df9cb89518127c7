/**
 * Plugins of the compiler: modules that change IDL before it is checked, report what they do not like, and add to what is
 * generated. `updraft gen --plugin NAME=MODULE` runs the default export of a module.
 *
 * ```ts
 * import { definePlugin } from "@updraft/rpc/plugin";
 *
 * export default definePlugin({
 *   name: "names",
 *   onOutput(output) {
 *     for (const file of output.files) {
 *       const names = file.definitions.map((def) => JSON.stringify(def.name));
 *       file.insert("eof", `export const ${file.claim("NAMES")}: readonly string[] = [${names.join(", ")}];`);
 *     }
 *   },
 * });
 * ```
 *
 * @module
 */
export { docOf } from "../doc_comments.ts";
export {
  definePlugin,
  type EmittedFile,
  INTERFACE_VERSION,
  type Output,
  type Plugin,
  type PluginContext,
  pluginVersion,
  type SourceFile,
} from "./plugin.ts";
export { PluginRun, type PluginUse } from "./plugin_run.ts";
export {
  allMethods,
  type FieldShape,
  mayBeAbsent,
  type MethodShape,
  ownMethods,
  type RecordKind,
  type RecordShape,
  structShape,
} from "../shapes.ts";
