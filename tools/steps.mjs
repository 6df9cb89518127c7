/**
 * Runs named steps one after the other: each timed, a failed one shown in full, and all of them run even if one fails.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { root } from "./bootstrap.mjs";
import { environment } from "./runtimes.mjs";

/** The line that commands which count end with. */
const COUNTS = /^(\d+) passed, (\d+) failed$/gm;
/** Most output kept of one step. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} program
 * @property {string[]} args
 * @property {boolean} [live] Show its output while it runs rather than only when it fails.
 * @property {number} [timeoutMs] Default: 15 minutes.
 */

/**
 * Runs the steps and prints how each went.
 *
 * @param {Step[]} steps
 * @returns {Promise<{ passed: number, failed: number }>} Tests where a step counts them, else steps.
 */
export async function runSteps(steps) {
  const total = { passed: 0, failed: 0 };
  const broken = [];
  for (const step of steps) {
    if (step.live) console.log(`\n== ${step.name}`);
    const started = Date.now();
    const { problem, output } = await runStep(step);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const counts = [...output.matchAll(COUNTS)].at(-1);
    const passed = counts ? Number(counts[1]) : problem ? 0 : 1;
    const failed = counts ? Number(counts[2]) : problem ? 1 : 0;
    total.passed += passed;
    total.failed += problem && failed === 0 ? 1 : failed;
    if (problem && !step.live) console.log(`\n${output.trimEnd()}`);
    if (problem) broken.push(`${step.name}: ${problem}`);
    console.log(`${problem ? "FAILED" : "ok    "} ${step.name} (${seconds} s)${problem ? `: ${problem}` : ""}`);
  }
  if (broken.length > 0) console.log(`\n${broken.length} of ${steps.length} steps failed:\n  ${broken.join("\n  ")}`);
  return total;
}

/** Runs one step; `problem` says what went wrong, if anything. */
function runStep({ program, args, live, timeoutMs = 15 * 60_000 }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    let output = "";
    let late = false;
    const take = (chunk) => {
      if (live) process.stdout.write(chunk);
      output = (output + chunk).slice(-MAX_OUTPUT);
    };
    const kill = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL"); // no process groups here, or the group is gone already
      }
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => take(`${error.message}\n`));
    child.on("exit", kill); // what it left behind would keep the pipes open
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const problem = late
        ? `took longer than ${timeoutMs / 60_000} minutes`
        : code === 0
        ? undefined
        : signal ?? (child.pid === undefined ? `${program} could not be started` : `exit code ${code}`);
      resolve({ problem, output });
    });
  });
}
