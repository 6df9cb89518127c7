/**
 * Runs named steps one after the other: each timed, a failed one shown in full, and all of them run even if one fails.
 *
 * @module
 */
import { runProgram } from "./processes.mjs";

/** The line that commands which count end with. */
const COUNTS = /^(\d+) passed, (\d+) failed$/gm;
const TIMEOUT_MS = 25 * 60_000;

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} program
 * @property {string[]} args
 * @property {Record<string, string>} [env] Variables to set.
 * @property {boolean} [live] Show its output while it runs rather than only when it fails.
 */

/**
 * Runs the steps and prints how each went.
 *
 * @param {Step[]} steps
 * @returns {Promise<{ passed: number, failed: number }>} Tests where a step counts them, else the step.
 */
export async function runSteps(steps) {
  const total = { passed: 0, failed: 0 };
  const broken = [];
  for (const { name, program, args, live, env } of steps) {
    if (live) console.log(`\n== ${name}`);
    const started = Date.now();
    const { problem: ending, late, output } = await runProgram(program, args, { timeoutMs: TIMEOUT_MS, live, env });
    const problem = late ? `took longer than ${TIMEOUT_MS / 60_000} minutes` : ending;
    const counts = [...output.matchAll(COUNTS)].at(-1);
    const failed = counts ? Number(counts[2]) : 0;
    total.passed += counts ? Number(counts[1]) : problem ? 0 : 1;
    total.failed += problem ? Math.max(1, failed) : failed;
    if (problem && !live) console.log(`\n${output.trimEnd()}`);
    if (problem) broken.push(`${name}: ${problem}`);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${problem ? "FAILED" : "ok    "} ${name} (${seconds} s)${problem ? `: ${problem}` : ""}`);
  }
  if (broken.length > 0) console.log(`\n${broken.length} of ${steps.length} steps failed:\n  ${broken.join("\n  ")}`);
  return total;
}

/** Prints the closing line that people and CI read; gives the exit code. */
export function report({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
