import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { areaOf, AREAS, importProblem, isPublished, resolve } from "../../tools/lint/rules.ts";
import { allFiles, findCycle, importsOf, reach } from "./project.ts";

const imports = importsOf(allFiles());

describe("imports", () => {
  it("keep to the rules", () => {
    const problems = [...imports].flatMap(([path, list]) =>
      list.map(({ specifier, kind }) => importProblem(path, specifier, kind)).filter((problem) => problem !== undefined)
        .map((problem) => `${path}: ${problem}`)
    );
    assertEquals(problems, []);
  });

  it("name files that exist", () => {
    const files = new Set(allFiles());
    const missing = [...imports].flatMap(([path, list]) =>
      list.filter(({ specifier }) => specifier.startsWith(".") && !files.has(resolve(path, specifier)))
        .map(({ specifier }) => `${path}: ${specifier}`)
    );
    assertEquals(missing, []);
  });

  it("of published files form no cycle, types aside", () => {
    const edges = new Map<string, string[]>();
    for (const [path, list] of imports) {
      if (!isPublished(path)) continue;
      const statics = list.filter(({ kind, specifier }) => kind === "static" && specifier.startsWith("."));
      edges.set(path, statics.map(({ specifier }) => resolve(path, specifier)));
    }
    assertEquals(findCycle(edges), undefined);
  });

  it("between areas form no cycle, not even by types", () => {
    const edges = new Map(AREAS.map(({ at }) => [at, new Set<string>()]));
    for (const [path, list] of imports) {
      const from = areaOf(path)?.at;
      for (const { specifier } of list) {
        const to = specifier.startsWith(".") ? areaOf(resolve(path, specifier))?.at : undefined;
        if (from !== undefined && to !== undefined && from !== to) edges.get(from)!.add(to);
      }
    }
    assertEquals(findCycle(edges), undefined);
  });

  for (const entry of ["mod.ts", "core.ts", "web.ts", "codecs/codegen.ts"]) {
    it(`lead from ${entry} to no transport, compiler or package, dynamic ones aside`, () => {
      const reached = [...reach(entry, imports)].filter((path) =>
        /^(transports|idl|http|cli)\/|^[^./]+$|^@|:/.test(path) && !areaOf(entry)!.imports.includes(path)
      );
      assertEquals(reached, []);
    });
  }
});

describe("findCycle", () => {
  it("gives the chain, or nothing", () => {
    assertEquals(findCycle(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c", "b"]);
    assertEquals(findCycle(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), undefined);
  });
});
