/**
 * `npm run test:package`: packs the npm package and runs tests/package/ against it.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./bootstrap.mjs";
import { build, pack } from "./pack.mjs";
import { report } from "./steps.mjs";
import { runTests } from "./test.mjs";

await run(async () => {
  const folder = mkdtempSync(join(tmpdir(), "updraft-tarball-"));
  try {
    await build();
    process.env.UPDRAFT_TARBALL = await pack(folder);
    return report(await runTests(["node", ...process.argv.slice(2)], { folder: "tests/package", timeoutMs: 480_000 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
