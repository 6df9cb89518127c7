/**
 * The runtimes that everything here is tried on, and how each is started.
 *
 * `node` is the Node that runs this script; before 24 through tsx, since it cannot strip types or does not know `using`, and
 * then `node24` is there too. Call `bootstrap()` first.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { binFolder, root } from "./bootstrap.mjs";

/**
 * @typedef {object} Runtime
 * @property {"deno" | "bun" | "node" | "node24"} id
 * @property {string} title Name and version, for people.
 * @property {string} program Path of its program.
 * @property {string[]} flags What comes before the script's path so that a TypeScript file runs with all permissions.
 */

/** Where tsx is loaded from when an old Node needs it. */
const TSX = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;

/**
 * The runtimes of this machine, in the order they are shown.
 *
 * @returns {Promise<Runtime[]>}
 */
export async function runtimes() {
  const list = [
    await runtime("deno", "Deno", join(binFolder, "deno"), ["run", "-A", "--no-check"]),
    await runtime("bun", "Bun", join(binFolder, "bun"), ["run"]),
  ];
  const node24 = join(binFolder, "node");
  if (process.versions.deno || process.versions.bun) return [...list, await runtime("node", "Node", node24)];
  if (Number(process.versions.node.split(".")[0]) >= 24) {
    return [...list, await runtime("node", "Node", process.execPath)];
  }
  const old = await runtime("node", "Node", process.execPath, ["--import", TSX]);
  return [...list, { ...old, title: `${old.title} with tsx` }, await runtime("node24", "Node", node24)];
}

async function runtime(id, name, program, flags = []) {
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  return { id, title: `${name} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "?"}`, program, flags };
}

/** The Node that scripts are run with: the one that runs this, unless that is Deno or Bun. */
export const nodeProgram = process.versions.deno || process.versions.bun ? join(binFolder, "node") : process.execPath;

/** The environment for programs started here: no colours, no update checks, and `tools/bin` first on PATH. */
export function environment() {
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" };
  delete env.FORCE_COLOR;
  env.PATH = binFolder + delimiter + (process.env.PATH ?? "");
  return env;
}
