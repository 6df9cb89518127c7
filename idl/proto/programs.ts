/**
 * Finds the programs that `.proto` files need: a compiler, and the generator of messages.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { folderOf, normalizePath } from "../paths.ts";
import type { Program } from "./run_program.ts";

/** The versions that Updraft is tested with. */
export const PACKAGES = { "@bufbuild/buf": "1.75.0", "@bufbuild/protoc-gen-es": "2.13.0" } as const;

/** A package of `PACKAGES`. */
export type PackageName = keyof typeof PACKAGES;

/**
 * The program of a package that is installed in the working directory or above it.
 * Rejects with an `RpcError` of kind `"invalid"` that says how to install it.
 */
export async function findProgram(platform: Platform, name: PackageName): Promise<Program> {
  const program = name.slice(name.lastIndexOf("/") + 1);
  const { files } = platform;
  for (let folder = normalizePath(platform.cwd());; folder = folderOf(folder)) {
    const path = `${folder === "/" ? "" : folder}/node_modules/${name}/bin/${program}`;
    if (await files.stat(path) !== null) {
      const flags = platform.name === "deno" ? ["run", "-A", "--no-lock"] : [];
      return { name: program, command: platform.execPath, prefix: [...flags, path] };
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
