/**
 * Generated files are what `tests/golden` says; `node tests/idl/emit/update_golden.ts` writes them anew.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
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
});
