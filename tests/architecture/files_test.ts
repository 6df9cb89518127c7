import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EXAMPLE_MAX_LINES, isGenerated, isPublished } from "../../tools/lint/rules.ts";
import { allFiles, read } from "./project.ts";

const files = allFiles();
const sources = files.filter((path) => path.endsWith(".ts") && !isGenerated(path));
const TEXT = /\.(ts|mjs|js|json|jsonc|toml|md|go|mod|thrift|proto|yaml|yml|sh)$|(^|\/)[^.]+$/;

/** True if the file opens with a module comment that ends in `@module`; a first line for a shell may stand before it. */
function hasHeader(path: string): boolean {
  return /^(?:#!.*\n)?\/\*\*\n(?: \*.*\n)* \* @module\n \*\//.test(read(path));
}

describe("files", () => {
  it("open with a module comment, tests named after a source file aside", () => {
    assertEquals(sources.filter((path) => !path.endsWith("_test.ts") && !hasHeader(path)), []);
  });

  it("have names in snake_case", () => {
    assertEquals(sources.filter((path) => !/^[a-z0-9_]+(\.[a-z]+)?\.ts$/.test(path.split("/").at(-1)!)), []);
  });

  it("are no dumping grounds", () => {
    assertEquals(
      sources.filter((path) => isPublished(path) && /(^|\/)(utils?|helpers?|common|misc)\.ts$/.test(path)),
      [],
    );
  });

  it("hold no path of a machine", () => {
    const machine = /(^|[^\w./-])\/(home|root|work|Users)\//m;
    assertEquals(files.filter((path) => TEXT.test(path) && machine.test(read(path))), []);
  });

  it("hold no unfinished business", () => {
    assertEquals(sources.filter((path) => /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/.test(read(path))), []);
  });

  it("of examples are short", () => {
    const lines = (path: string): number => read(path).trimEnd().split("\n").length;
    const examples = sources.filter((path) => path.startsWith("examples/"));
    assertEquals(examples.filter((path) => lines(path) > EXAMPLE_MAX_LINES), []);
  });

  it("of 500 lines and more say why in their header", () => {
    const long = sources.filter((path) => isPublished(path) && read(path).split("\n").length > 500);
    const silent = long.filter((path) => !/above \d+ lines because/i.test(read(path).split("*/")[0]!));
    assertEquals(silent, []);
  });
});

describe("tests", () => {
  it("mirror a source file, or say in a header what they cover", () => {
    const strays = files.filter((path) => path.endsWith("_test.ts")).filter((path) => {
      const source = path.replace(/^tests\//, "").replace(/_test\.ts$/, ".ts");
      const mirrored = [source, source.replace(/\.ts$/, ".mjs"), path.replace(/_test\.ts$/, ".ts")];
      return !path.startsWith("tests/architecture/") && !mirrored.some((name) => files.includes(name)) &&
        !hasHeader(path);
    });
    assertEquals(strays, []);
  });

  it("are only where the runners look", () => {
    assertEquals(files.filter((path) => /[._]test\.\w+$/.test(path) && !/^tests\/.*_test\.(ts|go)$/.test(path)), []);
  });
});
