/**
 * A Worker in `workerd`, Cloudflare's runtime of Workers, that has our service.
 *
 * `workerd` comes from npm when it is first needed, into `tests/interop/bin/workerd` (ignored by git).
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npmCommand, root } from "./bootstrap.mjs";

const PACKAGE = `@cloudflare/workerd-${process.platform}-${process.arch === "x64" ? "64" : process.arch}`;
const VERSION = "1.20261117.1";
const folder = join(root, "tests", "interop", "bin", "workerd");
const esbuild = join(root, "tools", "node_modules", "esbuild", "bin", "esbuild");
const service = join(root, "tests", "interop", "mounts", "worker.ts");
/** Longest time that installing may take. */
const INSTALL_MS = 180_000;
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["enable_request_signal"],
);
`;

/** How such a Worker is started, from a script made in `folder`: `{ program, args }`. It tells its port as JSON. */
export function workerCommand(scriptFolder) {
  const program = join(folder, "node_modules", PACKAGE, "bin", "workerd");
  if (!existsSync(program)) install();
  mkdirSync(scriptFolder, { recursive: true });
  const script = execFileSync(process.execPath, [esbuild, "--bundle", "--format=esm", "--platform=browser"], {
    cwd: root,
    input: `import { respond } from ${
      JSON.stringify(service)
    };\nexport default { fetch: (request) => respond(request) };\n`,
    maxBuffer: 16 << 20,
    timeout: INSTALL_MS,
  });
  writeFileSync(join(scriptFolder, "worker.js"), script);
  writeFileSync(join(scriptFolder, "config.capnp"), CONFIG);
  return { program, args: ["serve", "--control-fd=1", join(scriptFolder, "config.capnp")] };
}

function install() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: { [PACKAGE]: VERSION } }));
  const [npm, ...prefix] = npmCommand();
  const flags = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync(npm, [...prefix, "install", `--prefix=${folder}`, ...flags], {
    cwd: folder,
    stdio: "pipe",
    timeout: INSTALL_MS,
  });
}
