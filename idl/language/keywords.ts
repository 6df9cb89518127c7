/**
 * Words of the grammar.
 *
 * Thriftgo takes most of them as names as well; an editor should not make such names.
 *
 * @module
 */
import { BASE_TYPE_NAMES } from "../declare.ts";

/** Types that hold others, with what to write behind them. */
export const CONTAINERS: readonly string[] = ["list", "map", "set"];

/** Every word that means something somewhere. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...BASE_TYPE_NAMES,
  ...CONTAINERS,
  ...("namespace include cpp_include const typedef enum struct union exception service extends required optional " +
    "oneway async void throws true false cpp_type uuid").split(" "),
]);

/** Languages that namespaces are written for. */
export const LANGUAGES: readonly string[] = [
  "*",
  "go",
  "ts",
  "js",
  "java",
  "py",
  "rs",
  "cpp",
  "netstd",
  "php",
  "rb",
  "swift",
];
