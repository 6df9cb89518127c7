/**
 * What `.ci/run` runs: every command of this repository that tests something, one after the other, and their sum.
 *
 * @module
 */
import { run } from "./bootstrap.mjs";
import { report, runSteps } from "./steps.mjs";

/** The npm scripts that test, with their arguments, quick ones first. */
const SCRIPTS = [
  ["ok", "-tests"],
  ["test"],
  ["test:package"],
  ["demo"],
  ["interop"],
];

// The Node that people have, not the one that bootstrapping brings: tests choose that one by themselves.
const env = { PATH: process.env.PATH ?? "" };

await run(async () => {
  const steps = SCRIPTS.map(([name, ...args]) => {
    const command = [...(name === "test" ? ["test"] : ["run", name]), ...(args.length > 0 ? ["--", ...args] : [])];
    return { name: ["npm", ...command].join(" "), program: "npm", args: command, env, live: true };
  });
  return report(await runSteps(steps));
});
