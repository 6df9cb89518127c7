/**
 * Writes the files of `tests/golden` anew; run it from the root of the project and read the difference.
 *
 * @module
 */
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { generateCase, GOLDEN_CASES } from "./golden_cases.ts";

const platform = await autoPlatform();
for (const each of GOLDEN_CASES) {
  for (const { path, text } of await generateCase(platform, each)) {
    await platform.files.makeDir(path.slice(0, path.lastIndexOf("/")));
    await platform.files.write(path, text);
    await platform.stdout.write(`${path}\n`);
  }
}
