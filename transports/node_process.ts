/**
 * Child processes through `node:child_process`.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import type { Child, ExitStatus, SpawnOptions } from "../lib/platform.ts";
import { programError } from "./file_errors.ts";
import { toReadable, toWritable } from "./node_streams.ts";

/** Starts a process without a shell; rejects with kind `"invalid"` if it cannot be started. */
export function spawnChild(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: "pipe",
      env: { ...process.env, ...options.env },
      ...options.cwd === undefined ? undefined : { cwd: options.cwd },
    });
    const exited = new Promise<ExitStatus>((settle) => {
      child.once("exit", (code, signal) => settle({ code: code ?? 128 + (constants.signals[signal!] ?? 0) }));
    });
    // After the start, errors are failed kills of a process that is gone.
    child.on("error", (cause) => reject(programError(command, options.cwd, cause)));
    child.once("spawn", () =>
      resolve({
        pid: child.pid!,
        stdin: toWritable(child.stdin),
        stdout: toReadable(child.stdout),
        stderr: toReadable(child.stderr),
        exited,
        kill: (force) => void child.kill(force ? "SIGKILL" : "SIGTERM"),
      }));
  });
}
