import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const { Deno: deno } = globalThis as { Deno?: typeof Deno };

/** Runs the plugin over a source and gives the ids of the rules it breaks. */
async function broken(path: string, source: string): Promise<string[]> {
  const { default: plugin } = await import("../../../tools/lint/plugin.ts");
  const file = decodeURIComponent(
    new URL(`../../../${path}`, import.meta.url).pathname,
  );
  return deno!.lint.runPlugin(plugin, file, source).map(({ id }) => id.replace("updraft/", ""));
}

const CASES: readonly (readonly [
  rule: string,
  path: string,
  bad: string,
  good: string,
])[] = [
  [
    "imports",
    "lib/rpc/x.ts",
    `import { a } from "../../codecs/x.ts"; export { a };`,
    `export { a } from "../io/x.ts";`,
  ],
  [
    "imports",
    "lib/rpc/x.ts",
    `export * from "../io/x";`,
    `export * from "../io/x.ts";`,
  ],
  [
    "imports",
    "mod.ts",
    `import { a } from "./transports/auto.ts"; export { a };`,
    `export const a = () => import("./transports/auto.ts");`,
  ],
  [
    "imports",
    "lib/io/x.ts",
    `import "./y.ts";`,
    `import { y } from "./y.ts"; export { y };`,
  ],
  [
    "runtime-names",
    "lib/io/x.ts",
    `export const a = () => Deno.pid;`,
    `export const a = (b: { Deno: 1 }) => b.Deno;`,
  ],
  [
    "runtime-names",
    "lib/io/x.ts",
    `export const a = () => globalThis.process;`,
    `export interface A { process: number }`,
  ],
  [
    "runtime-names",
    "transports/auto.ts",
    `export const a = () => Bun.version;`,
    `export const Bunch = 1;`,
  ],
  ["language-subset", "lib/x.ts", `export default 1;`, `export const a = 1;`],
  [
    "language-subset",
    "bench/x.ts",
    `export enum A { B }`,
    `export type A = "b";`,
  ],
  [
    "language-subset",
    "tests/x.ts",
    `namespace A { export const b = 1; }`,
    `declare global { var b: 1; }`,
  ],
  [
    "language-subset",
    "lib/x.ts",
    `class A { constructor(readonly a: 1) {} }`,
    `class A { readonly a = 1; }`,
  ],
  [
    "language-subset",
    "lib/x.ts",
    `class A { private a = 1; }`,
    `class A { #a = 1; }`,
  ],
  [
    "language-subset",
    "lib/x.ts",
    `interface IThing {}`,
    `interface IPv4 {} interface Inner {}`,
  ],
  [
    "no-module-state",
    "lib/x.ts",
    `export let a = 1;`,
    `export function f() { let a = 1; return a; }`,
  ],
  [
    "no-module-state",
    "lib/x.ts",
    `const a = new Map();`,
    `const a = new Map([["b", 1]]);`,
  ],
  [
    "no-module-state",
    "lib/x.ts",
    `register();`,
    `export function f() { register(); }`,
  ],
  [
    "no-console",
    "middleware/x.ts",
    `export const a = () => console.log(1);`,
    `export const a = (console2: A) => console2.log(1);`,
  ],
  [
    "no-eval",
    "codecs/x.ts",
    `export const a = () => new Function("return 1");`,
    `export const a = (b: Function) => b();`,
  ],
];

describe("the lint plugin", () => {
  for (const [rule, path, bad, good] of CASES) {
    it(`${rule} reports ${bad} in ${path}`, {
      skip: deno ? false : "deno lint is Deno's",
    }, async () => {
      assertEquals(await broken(path, bad), [rule]);
      assertEquals(await broken(path, good), []);
    });
  }

  it("leaves generated files alone", {
    skip: deno ? false : "deno lint is Deno's",
  }, async () => {
    assertEquals(await broken("examples/gen/x.ts", `export default 1;`), []);
  });
});
