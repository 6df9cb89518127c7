/**
 * Generated files are what `tests/golden` says; `node tests/idl/emit/update_golden.ts` writes them anew.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { generateCase, GOLDEN_CASES } from "./golden_cases.ts";

describe("generated files", () => {
  for (const each of GOLDEN_CASES) {
    it(`are the expected ones for ${each.files.join(", ")} in ${each.folder}`, async () => {
      const platform = await autoPlatform();
      for (const { path, text } of await generateCase(platform, each)) {
        assertEquals(text, await platform.files.readText(path), path);
      }
    });
  }

  it("call nothing when they are loaded that a bundler could not leave out", async () => {
    const platform = await autoPlatform();
    let calls = 0;
    for (const { path, text } of (await Promise.all(GOLDEN_CASES.map((each) => generateCase(platform, each)))).flat()) {
      if (!path.endsWith(".ts")) continue;
      const imports = [...text.matchAll(/^import \{([^}]*)\} from/gm)].flatMap(([, names]) => names!.split(","));
      const names = imports.map((name) => name.trim()).filter((name) => /^[a-z]+[A-Z]\w*$/.test(name));
      if (names.length === 0) continue;
      // Functions begin at the margin, and so do their ends.
      const atTop = text.replace(/^(?:export )?(?:async )?function [^]*?^}$/gm, "");
      for (const [call, mark] of atTop.matchAll(new RegExp(`(\\S+ )?\\b(?:${names.join("|")})(?:<[^(]*>)?\\(`, "g"))) {
        assertEquals(mark, "*/ ", `${path}: ${call}`);
        calls++;
      }
    }
    assert(calls > 100);
  });
});
