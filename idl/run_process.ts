/**
 * Runs a program with bytes as its input, and takes what it writes, within limits of time and size.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Child, Platform } from "../lib/platform.ts";
import { interruptible } from "./interrupted.ts";
import { withinLimit } from "./time_limit.ts";

/** What to run, and how long and how much it may. */
export interface ProcessRun {
  /** What messages call it. */
  readonly name: string;
  /** The program, a path or a name to look up in PATH, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What it reads; then its input ends. */
  readonly input: Uint8Array;
  /** Milliseconds until it is killed; 0 for no limit. */
  readonly timeLimitMs: number;
  /** Bytes it may write to standard output. */
  readonly maxOutputBytes: number;
  /** Variables added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How it went. */
export interface ProcessOutcome {
  /** Exit code; 128 + the signal's number if a signal ended it. */
  readonly code: number;
  /** All of its standard output. */
  readonly stdout: Uint8Array;
  /** The first MiB of its standard error. */
  readonly stderr: string;
}

/** How much of the standard error is kept. */
const MAX_ERROR_BYTES = 1024 * 1024;

/**
 * Runs a program to its end. Rejects with an `RpcError` of kind `"invalid"` if there is no such program, and when it exceeds a
 * limit, with `Interrupted` on SIGINT and SIGTERM: it is killed then, and nobody waits for it.
 */
export async function runProcess(
  platform: Pick<Platform, "spawn" | "onSignal">,
  run: ProcessRun,
): Promise<ProcessOutcome> {
  return await interruptible(platform, async (interrupted) => {
    const [program, ...args] = run.command;
    const child = await platform.spawn(program, args, run.env === undefined ? {} : { env: run.env });
    const stdout = child.stdout.getReader();
    const stderr = child.stderr.getReader();
    try {
      const whole = Promise.all([
        child.exited,
        readUpTo(stdout, run),
        readSome(stderr, MAX_ERROR_BYTES),
        feed(child, run.input),
      ]);
      const [{ code }, out, err] = await withinLimit(Promise.race([whole, interrupted]), run.timeLimitMs, run.name);
      return { code, stdout: out, stderr: new TextDecoder().decode(err) };
    } catch (reason) {
      child.kill(true);
      // a process that it started may hold these open for longer
      await Promise.allSettled([stdout.cancel(), stderr.cancel()]);
      throw reason;
    }
  });
}

/** Writes the input. A program that does not read it has its reasons: how it ends says them. */
async function feed(child: Child, input: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(input);
    await writer.close();
  } catch {
    // it closed its input before all was written
  }
}

async function readUpTo(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { name, maxOutputBytes: limit }: ProcessRun,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    length += step.value.length;
    if (length > limit) throw new RpcError("invalid", `${name} wrote more than ${limit} bytes`);
    chunks.push(step.value);
  }
  return joinBytes(chunks);
}

/** Reads to the end, but keeps the beginning only. */
async function readSome(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    const part = step.value.subarray(0, limit - length);
    if (part.length === 0) continue;
    chunks.push(part);
    length += part.length;
  }
  return joinBytes(chunks);
}

/** The chunks as one. */
export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
