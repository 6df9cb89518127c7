/**
 * Finds and runs the programs that `.proto` files need: a compiler, and the generator of messages.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { folderOf, normalizePath } from "../paths.ts";
import { type ProcessOutcome, runProcess } from "../run_process.ts";

/** A program and what comes before its own arguments. */
export interface ProtoProgram {
  /** Its name in messages. */
  readonly name: string;
  /** What is started, and arguments before those of the call. */
  readonly command: readonly [string, ...string[]];
}

/** The versions that Updraft is tested with. */
export const PACKAGES = { "@bufbuild/buf": "1.75.0", "@bufbuild/protoc-gen-es": "2.13.0" } as const;

/** A package of `PACKAGES`. */
export type PackageName = keyof typeof PACKAGES;

/**
 * The program of a package that is installed in the working directory or above it.
 * Rejects with an `RpcError` of kind `"invalid"` that says how to install it.
 */
export async function findProgram(platform: Platform, name: PackageName): Promise<ProtoProgram> {
  const program = name.slice(name.lastIndexOf("/") + 1);
  const { files } = platform;
  for (let folder = normalizePath(platform.cwd());; folder = folderOf(folder)) {
    const path = `${folder === "/" ? "" : folder}/node_modules/${name}/bin/${program}`;
    if (await files.stat(path) !== null) {
      const flags = platform.name === "deno" ? ["run", "-A", "--no-lock"] : [];
      return { name: program, command: [platform.execPath, ...flags, path] };
    }
    if (folder === folderOf(folder)) break;
  }
  throw new RpcError("invalid", `.proto files need ${name}, which is not installed here: ${installCommand(platform)}`);
}

/** What installs all of them, in the words of the runtime's own package manager. */
function installCommand(platform: Platform): string {
  const packages = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
  if (platform.name === "bun") return `bun add -d ${packages.join(" ")}`;
  if (platform.name === "node") return `npm install -D ${packages.join(" ")}`;
  const named = packages.map((name) => `npm:${name}`);
  return `deno add --dev ${named.join(" ")} && deno install (with "nodeModulesDir": "auto" in deno.json)`;
}

/** Milliseconds that such a program may take. */
const LIMIT_MS = 60_000;
/** Bytes that it may answer. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** Runs a program with more arguments, and bytes as its input. Rejects as `runProcess` does. */
export async function runProto(
  platform: Platform,
  { name, command }: ProtoProgram,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Promise<ProcessOutcome> {
  return await runProcess(platform, {
    name,
    command: [...command, ...args],
    input,
    timeLimitMs: LIMIT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    env: { NO_COLOR: "1" },
  });
}
