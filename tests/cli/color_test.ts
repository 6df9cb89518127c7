import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hasColors } from "../../cli/color.ts";

/** Variables, and whether there are colours on a terminal and elsewhere. */
const CASES: readonly (readonly [Record<string, string>, onTerminal: boolean, elsewhere: boolean])[] = [
  [{}, true, false],
  [{ TERM: "xterm" }, true, false],
  [{ TERM: "dumb" }, false, false],
  [{ NO_COLOR: "1" }, false, false],
  [{ NO_COLOR: "" }, true, false],
  [{ FORCE_COLOR: "1" }, true, true],
  [{ FORCE_COLOR: "" }, true, false],
  [{ FORCE_COLOR: "0" }, false, false],
  [{ FORCE_COLOR: "3", TERM: "dumb" }, true, true],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, false],
];

describe("hasColors", () => {
  for (const [variables, onTerminal, elsewhere] of CASES) {
    it(`follows ${JSON.stringify(variables)}`, () => {
      const platform = { env: (name: string): string | undefined => variables[name] };
      assertEquals(hasColors(platform, { isTerminal: true }), onTerminal);
      assertEquals(hasColors(platform, { isTerminal: false }), elsewhere);
    });
  }
});
