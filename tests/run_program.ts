/**
 * Runs TypeScript programs of the repository as child processes, on the runtime that runs the test.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Platform, SpawnOptions } from "../lib/platform.ts";
import { autoPlatform } from "../transports/auto_platform.ts";

/** The root folder of the repository, without a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Longest a program may run before it is ended and the test fails. */
const LIMIT_MS = 60_000;

/** What a program did. */
export interface Outcome {
  /** Its exit code. */
  readonly code: number;
  /** All it wrote to its standard output. */
  readonly stdout: string;
  /** All it wrote to its standard error. */
  readonly stderr: string;
}

/** Runs a program, with no standard input, to its end. `file` is relative to the root. */
export async function runProgram(
  file: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): Promise<Outcome> {
  const platform = await autoPlatform();
  const child = await platform.spawn(platform.execPath, [...flags(platform), `${ROOT}/${file}`, ...args], {
    ...options,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
  });
  child.stdin.close().catch(() => {}); // it may have ended already
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill(true);
  }, LIMIT_MS);
  const [{ code }, stdout, stderr] = await Promise.all([child.exited, readText(child.stdout), readText(child.stderr)]);
  clearTimeout(timer);
  if (late) throw new Error(`${file} did not end within ${LIMIT_MS / 1000} s\n${stdout}${stderr}`);
  return { code, stdout, stderr };
}

/** What comes before the path of a TypeScript file. */
function flags(platform: Platform): string[] {
  if (platform.name === "deno") return ["run", "-A", "--no-check"];
  if (platform.name === "bun") return ["run"];
  const { versions } = (globalThis as unknown as { process: { versions: { node: string } } }).process;
  return parseInt(versions.node) >= 24 ? [] : ["--import", import.meta.resolve("tsx")]; // older ones do not know `using`
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
