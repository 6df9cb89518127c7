/**
 * Runs a program with bytes for its input, to its end.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";

/** A program and what comes before its own arguments. */
export interface Program {
  /** Its name in messages. */
  readonly name: string;
  /** What is started. */
  readonly command: string;
  /** Arguments before those of the call. */
  readonly prefix: readonly string[];
}

/** What a program did. */
export interface ProgramOutcome {
  /** Its exit code. */
  readonly code: number;
  /** All it wrote to its standard output. */
  readonly stdout: Uint8Array;
  /** What it wrote to its standard error, as text. */
  readonly stderr: string;
}

/** Milliseconds a program may take. */
const LIMIT_MS = 60_000;
/** Bytes a program may write to one of its outputs. */
const MAX_OUTPUT = 512 * 1024 * 1024;

/**
 * Runs a program. Rejects with an `RpcError` of kind `"invalid"` if it cannot be started, writes too much, or does not end
 * within a minute; it is ended then.
 */
export async function runProgram(
  platform: Platform,
  program: Program,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Promise<ProgramOutcome> {
  const child = await platform.spawn(program.command, [...program.prefix, ...args], {
    env: { NO_COLOR: "1" },
  });
  let failure: RpcError | undefined;
  const end = (text: string): void => {
    failure ??= new RpcError("invalid", `${program.name} ${text}`);
    child.kill(true);
  };
  const timer = setTimeout(() => end(`did not end within ${LIMIT_MS / 1000} s`), LIMIT_MS);
  try {
    const tooMuch = (): void => end(`wrote more than ${MAX_OUTPUT} bytes`);
    const [{ code }, stdout, stderr] = await Promise.all([
      child.exited,
      readAll(child.stdout, tooMuch),
      readAll(child.stderr, tooMuch),
      feed(child.stdin, input),
    ]);
    if (failure !== undefined) throw failure;
    return { code, stdout, stderr: new TextDecoder().decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}

/** A program that ends before it read everything says why by its exit code and its errors. */
async function feed(stdin: WritableStream<Uint8Array>, input: Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  try {
    if (input.length > 0) await writer.write(input);
    await writer.close();
  } catch {
    writer.releaseLock();
  }
}

async function readAll(stream: ReadableStream<Uint8Array>, tooMuch: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_OUTPUT) {
      tooMuch();
      break;
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
