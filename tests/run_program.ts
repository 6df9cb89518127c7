/**
 * Runs TypeScript programs of the repository as child processes, on the runtime that runs the test.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Child, Platform, SpawnOptions } from "../lib/platform.ts";
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

/** How to run it. */
export interface ProgramOptions extends SpawnOptions {
  /** Sent to its standard input, which is then closed. Default: nothing. */
  readonly stdin?: string;
}

/** A running program; `stop` it, or wait until it `ended`. */
export interface Program {
  /** The process. */
  readonly child: Child;
  /** Resolves when it has ended; rejects if it had to be ended because it took too long. */
  readonly ended: Promise<Outcome>;
  /** The next line of its standard output; rejects if it ends without one. */
  line(): Promise<string>;
  /** Ends it and waits until it has. */
  stop(): Promise<void>;
}

/** Runs a program to its end. `file` is relative to the root, or absolute. */
export async function runProgram(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<Outcome> {
  return await (await startProgram(file, args, options)).ended;
}

/** Starts a program that the test goes on to talk with. */
export async function startProgram(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<Program> {
  const platform = await autoPlatform();
  const path = file.startsWith("/") ? file : `${ROOT}/${file}`;
  const child = await platform.spawn(platform.execPath, [...flags(platform), path, ...args], {
    ...options,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
  });
  const stdin = child.stdin.getWriter();
  const input = options.stdin === undefined ? Promise.resolve() : stdin.write(new TextEncoder().encode(options.stdin));
  input.then(() => stdin.close()).catch(() => {}); // a program that ends without reading it all is fine

  const lines = lineQueue();
  const stdout = readText(child.stdout, lines.take).finally(lines.end);
  const stderr = readText(child.stderr);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill(true);
  }, LIMIT_MS);
  const ended = (async () => {
    const { code } = await child.exited;
    clearTimeout(timer);
    const outcome = { code, stdout: await stdout, stderr: await stderr };
    if (late) throw new Error(`${file} did not end within ${LIMIT_MS / 1000} s\n${outcome.stdout}${outcome.stderr}`);
    return outcome;
  })();
  ended.catch(() => {}); // whoever waits for it still gets it
  return {
    child,
    ended,
    async line() {
      const line = await lines.next();
      if (line === undefined) throw new Error(`${file} ended: ${(await ended).stderr}`);
      return line;
    },
    async stop() {
      child.kill(true);
      await ended;
    },
  };
}

/** What comes before the path of a TypeScript file. */
function flags(platform: Platform): string[] {
  if (platform.name === "deno") return ["run", "-A", "--no-check"];
  if (platform.name === "bun") return ["run"];
  const { versions } = (globalThis as unknown as { process: { versions: { node: string } } }).process;
  return parseInt(versions.node) >= 24 ? [] : ["--import", import.meta.resolve("tsx")]; // older ones do not know `using`
}

async function readText(stream: ReadableStream<Uint8Array>, take: (text: string) => void = () => {}): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    all += text;
    take(text);
  }
  return all;
}

/** Cuts text into lines that are asked for one by one. */
function lineQueue(): { take(text: string): void; end(): void; next(): Promise<string | undefined> } {
  const lines: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let rest = "";
  let ended = false;
  return {
    take(text) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      for (const part of parts) {
        const waiter = waiting.shift();
        if (waiter === undefined) lines.push(part);
        else waiter(part);
      }
    },
    end() {
      ended = true;
      for (const waiter of waiting.splice(0)) waiter(undefined);
    },
    next() {
      if (lines.length > 0 || ended) return Promise.resolve(lines.shift());
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
