/**
 * docs/defaults.md lists every default that tests/lib/rpc/defaults_test.ts holds to Kitex's, with its value.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { KITEX_DEFAULTS } from "../lib/rpc/kitex_defaults.ts";
import { linesOf, unaligned } from "./defaults_table.ts";
import { textOf } from "./documents.ts";

const text = textOf("docs/defaults.md");

describe("docs/defaults.md", () => {
  it("has these sections and no others", () => {
    const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assertEquals(titles, Object.keys(KITEX_DEFAULTS));
  });

  for (const [title, rows] of Object.entries(KITEX_DEFAULTS)) {
    it(`says what is so: ${title.toLowerCase()}`, async () => {
      const [, after = ""] = text.split(`## ${title}\n`);
      const lines = after.split("\n## ")[0]!.split("\n").filter((line) => line.startsWith("|"));
      assertEquals(lines.slice(2).map(unaligned), await linesOf(rows));
    });
  }
});
