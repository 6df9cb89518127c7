/**
 * Starts programs in process groups of their own, so that what they leave behind can be ended with them.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { root } from "./bootstrap.mjs";
import { environment } from "./runtimes.mjs";

/** Most output kept of one program: the end of it. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/**
 * Runs a program in the root folder to its end; after `timeoutMs` it is killed with all that it started.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ timeoutMs: number, live?: boolean, env?: Record<string, string> }} options `live` shows the output as it comes.
 * @returns {Promise<{ problem?: string, late: boolean, output: string }>} `problem` says how it ended, unless well.
 */
export function runProgram(program, args, { timeoutMs, live = false, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...environment(), ...env },
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
    const interrupted = () => {
      kill();
      setImmediate(() => process.exit(130)); // after the others' handlers
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => take(`${error.message}\n`));
    child.on("exit", kill); // what it left behind would keep the pipes open
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      const ending = signal ?? (child.pid === undefined ? "could not be started" : `exit code ${code}`);
      resolve({ problem: code === 0 ? undefined : ending, late, output });
    });
  });
}
