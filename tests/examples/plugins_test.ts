/**
 * Runs the plugins among the examples, and what they generate.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { ROOT, runProgram } from "../run_program.ts";
import { temporaryFolder } from "../transports/fixtures.ts";

const IDL = `struct Point { 1: i32 x, 2: i32 y = 2 }
struct Line { 1: Point start, 2: optional string name, 3: i64 length }
union Shape { 1: Point point, 2: Line line }
`;

describe("examples/plugins/summary.ts", () => {
  const folder = temporaryFolder();

  for (const [prefix, option] of [["summarize", ""], ["show", ":prefix=show"]] as const) {
    it(`adds a function ${prefix}X for every struct X`, async () => {
      const { files } = await autoPlatform();
      // inside of the project, where generated code finds its runtime
      const out = `${ROOT}/tests/examples/gen/${crypto.randomUUID()}`;
      await files.write(`${folder()}/shapes.thrift`, IDL);
      try {
        const plugin = `summary=${ROOT}/examples/plugins/summary.ts${option}`;
        const args = ["gen", `${folder()}/shapes.thrift`, "-o", out, "-q", "--plugin", plugin];
        assertEquals(await runProgram("cli/main.ts", args), { code: 0, stdout: "", stderr: "" });
        const module = await import(`file://${out}/shapes.ts`);
        const { [`${prefix}Point`]: ofPoint, [`${prefix}Line`]: ofLine, Line } = module;
        assertEquals(ofPoint({ x: 1, y: 2 }), "Point(x: 1, y: 2)");
        assertEquals(ofLine(Line.create({ length: 5n, name: "a" })), "Line(start: undefined, name: a, length: 5)");
        assertEquals(Object.keys(module).filter((name) => name.startsWith(prefix)), [
          `${prefix}Line`,
          `${prefix}Point`,
        ]);
      } finally {
        await files.remove(out);
      }
    });
  }
});
