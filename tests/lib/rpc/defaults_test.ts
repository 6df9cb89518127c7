import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { KITEX_DEFAULTS, oursOf } from "./kitex_defaults.ts";

for (const [what, rows] of Object.entries(KITEX_DEFAULTS)) {
  describe(`Kitex's defaults, ${what.toLowerCase()}`, () => {
    for (const row of rows) {
      const [kitex, value, , because] = row;
      it(because === undefined ? `are ours: ${kitex}` : `are not ours: ${kitex}, for ${because}`, async () => {
        const ours = await oursOf(row);
        if (because === undefined) assertEquals(ours, value);
        else assert(ours !== undefined && ours !== value, `${kitex} is ${ours}`);
      });
    }
  });
}
