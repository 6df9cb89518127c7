/**
 * Holds the guides to `updraft fmt`, `lint` and `breaking` to what these do.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { breaking } from "../../cli/breaking.ts";
import type { Command } from "../../cli/command.ts";
import { fmt } from "../../cli/fmt.ts";
import { lint } from "../../cli/lint.ts";
import { readBreakingSettings } from "../../idl/breaking/settings.ts";
import { MAX_COLUMNS } from "../../idl/format/line_formatter.ts";
import { format } from "../../idl/format/format.ts";
import { readLintSettings } from "../../idl/lint/settings.ts";
import { blocksOf, textOf } from "./documents.ts";
import { breakingTable, compact, lintSections } from "./idl_tables.ts";

const GUIDES: readonly (readonly [document: string, command: Command])[] = [
  ["docs/formatting.md", fmt],
  ["docs/linting.md", lint],
  ["docs/breaking_changes.md", breaking],
];

describe("guides to the tools for IDL", () => {
  for (const [document, command] of GUIDES) {
    it(`${document} names every option`, () => {
      const text = textOf(document);
      assertEquals(command.options.filter(({ name }) => !text.includes(`\`--${name}`)).map(({ name }) => name), []);
    });
  }
  it("have every lint rule as it is", () => {
    assert(compact(textOf("docs/linting.md")).includes(compact(lintSections())));
  });
  it("have every rule of breaking changes as it is", () => {
    assert(compact(textOf("docs/breaking_changes.md")).includes(compact(breakingTable())));
  });
  it("show what formatting does", () => {
    const snippet = (name: string): string => textOf(`tests/docs/snippets/${name}.thrift`);
    assertEquals(format("messy.thrift", snippet("messy")).value, snippet("neat"));
    assert(textOf("docs/formatting.md").includes(`${MAX_COLUMNS} columns`));
  });
  it("show configurations that are understood", () => {
    const shown = ["docs/linting.md", "docs/breaking_changes.md"].flatMap(blocksOf).filter(({ language }) =>
      language === "json"
    );
    assertEquals(shown.length, 2);
    for (const { text } of shown) {
      const errors: string[] = [];
      const value = JSON.parse(text) as Record<string, unknown>;
      readLintSettings(value["lint"], errors);
      readBreakingSettings(value["breaking"], errors);
      assertEquals([Object.keys(value).length, errors], [1, []]);
    }
  });
});
