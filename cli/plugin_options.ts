/**
 * The options of `updraft gen` about plugins.
 *
 * @module
 */
import type { OptionSpec } from "./options.ts";

/** The options about plugins. */
export const PLUGIN_OPTIONS: readonly OptionSpec[] = [
  {
    name: "plugin",
    short: "p",
    value: "SPEC",
    repeatable: true,
    help:
      "Runs a plugin: NAME[=PATH][:KEY=VALUE,KEY,...]. PATH is a module or a program; without one, thrift-gen-NAME.",
  },
  {
    name: "plugin-time-limit",
    value: "TIME",
    help: "Gives each plugin so much time, as 90s or 2m; then a program is killed. Default: 1m; 0: no limit.",
  },
  { name: "plugin-lang", value: "LANG", help: "Tells programs that this language is generated. Default: ts." },
  {
    name: "plugin-parameters",
    value: "LIST",
    help: "Tells programs these options of the language: KEY=VALUE,KEY,...",
  },
];
