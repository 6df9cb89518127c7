import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { scanImports } from "./scanner.ts";

/** The imports of a source, each as `kind specifier`. */
function scan(source: string): string[] {
  return scanImports(source).map(({ kind, specifier }) => `${kind} ${specifier}`);
}

describe("scanImports", () => {
  it("finds each form of import", () => {
    assertEquals(scan(`import a from "a"; import * as b from 'b'; import { c, type D } from "c"; import "d";`), [
      "static a",
      "static b",
      "static c",
      "static d",
    ]);
  });

  it("finds re-exports, but no other exports", () => {
    assertEquals(
      scan(
        `export * from "a"; export { b as c } from "b"; export { d }; export const from = "e"; export class F { g = "h" }`,
      ),
      ["static a", "static b"],
    );
  });

  it("tells imports of types alone from others", () => {
    assertEquals(
      scan(
        `import type { A } from "a"; export type * from "b"; import { type C, type D } from "c"; import type E from "e";`,
      ),
      ["type a", "type b", "type c", "type e"],
    );
    assertEquals(scan(`import { type A, b } from "a"; import type, { c } from "c";`), ["static a", "static c"]);
  });

  it("finds dynamic imports, but not import.meta", () => {
    assertEquals(scan(`const a = await import("a"); import.meta.url; f(import(name));`), ["dynamic a"]);
  });

  it("is not fooled by comments, strings, templates and regular expressions", () => {
    const source = [
      `// import "a";`,
      `/* import "b"; */`,
      `const c = 'import "c"';`,
      'const d = `import "d" ${f({ e: `${import(\'e\')}` })} import "f"`;',
      `const g = /["'\`/]/.test(x) / 2; const h = /[/"]/; return /"/;`,
      `import { i } from "i";`,
    ].join("\n");
    assertEquals(scan(source), ["dynamic e", "static i"]);
  });

  it("does not take a type declaration for a re-export", () => {
    assertEquals(scan(`export type A = { from: "b" }; export interface C { d: "e" } type F = typeof import("g");`), [
      "dynamic g",
    ]);
  });
});
