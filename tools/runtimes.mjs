/**
 * The runtimes that everything here is tried on, and how each is started.
 *
 * `node` is the Node that runs this script (through tsx before 22.18, which cannot strip types itself); `node24` is there when
 * that one is older than 24. Call `bootstrap()` first.
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
  const strips = Boolean(process.features.typescript);
  const node = await runtime("node", "Node", process.execPath, strips ? [] : ["--import", TSX]);
  list.push(strips ? node : { ...node, title: `${node.title} with tsx` });
  if (Number(process.versions.node.split(".")[0]) < 24) list.push(await runtime("node24", "Node", node24));
  return list;
}

async function runtime(id, name, program, flags = []) {
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  return { id, title: `${name} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "?"}`, program, flags };
}

/** The environment for programs started here: no colours, no update checks, and `tools/bin` first on PATH. */
export function environment() {
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" };
  delete env.FORCE_COLOR;
  env.PATH = binFolder + delimiter + (process.env.PATH ?? "");
  return env;
}
