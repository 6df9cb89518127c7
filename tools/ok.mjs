/**
 * `npm run ok`: all that must be green before a change is handed in.
 *
 * `npm run ok -- NAME...` runs only these steps, `npm run ok -- -NAME...` all but these (for example `-tests`).
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { binFolder, root, run } from "./bootstrap.mjs";
import { nodeProgram } from "./runtimes.mjs";
import { report, runSteps } from "./steps.mjs";

const deno = join(binFolder, "deno");
const manifest = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
const entries = Object.values(manifest.exports);
const published = manifest.publish.include.filter((path) =>
  !/\.(json|md)$|^LICENSE$/.test(path) && existsSync(join(root, path))
);
const documents = ["README.md", "docs"].filter((path) => existsSync(join(root, path)));

/** Deno's commands get the root's settings by name: tools/ and tests/std/ have manifests of their own. */
const CONFIG = ["--config", "deno.json"];

/** @type {import("./steps.mjs").Step[]} */
const STEPS = [
  { name: "format", program: deno, args: ["fmt", "--check", ...CONFIG] },
  { name: "lint", program: deno, args: ["lint", ...CONFIG] },
  { name: "types", program: deno, args: ["check", ...CONFIG] },
  { name: "types-5", program: nodeProgram, args: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"] },
  {
    name: "types-golden",
    program: nodeProgram,
    args: ["tools/node_modules/typescript6/bin/tsc", "-p", "tests/golden/tsconfig.json"],
  },
  { name: "types-6", program: nodeProgram, args: ["tools/node_modules/typescript6/bin/tsc", "-p", "tsconfig.json"] },
  { name: "doc-lint", program: nodeProgram, args: ["tools/doc_lint.mjs", deno, ...entries] },
  { name: "doc-tests", program: deno, args: ["test", "-A", "--doc", ...CONFIG, ...published, ...documents] },
  { name: "publish", program: deno, args: ["publish", "--dry-run", "--allow-dirty"] },
  { name: "tests", program: nodeProgram, args: ["tools/test.mjs"], live: true },
];

await run(async () => {
  const args = process.argv.slice(2);
  const unknown = args.filter((arg) => !STEPS.some(({ name }) => name === arg.replace(/^-/, "")));
  if (unknown.length > 0) {
    throw new Error(`no step ${unknown.join(", ")}; there are: ${STEPS.map(({ name }) => name).join(", ")}`);
  }
  const only = args.filter((arg) => !arg.startsWith("-"));
  const steps = STEPS.filter(({ name }) => (only.length === 0 || only.includes(name)) && !args.includes(`-${name}`));
  return report(await runSteps(steps));
});
