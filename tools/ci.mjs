/**
 * What `.ci/run` runs: every command of this repository that tests something, one after the other, and their sum.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./bootstrap.mjs";
import { report, runSteps } from "./steps.mjs";

/** The npm scripts that test, with their arguments, quick ones first. */
const SCRIPTS = [
  ["ok", "-tests"],
  ["test"],
  ["test:package"],
  ["demo"],
  ["interop"],
];

await run(async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const steps = SCRIPTS.map(([name, ...args]) => {
    const [program, ...rest] = (scripts[name] ?? "").split(" ");
    if (program !== "node") throw new Error(`package.json has no script ${name} that runs node`);
    return {
      name: ["npm run", name, ...args].join(" "),
      program: process.execPath,
      args: [...rest, ...args],
      live: true,
    };
  });
  return report(await runSteps(steps));
});
