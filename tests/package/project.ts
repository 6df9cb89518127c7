/**
 * An empty npm project with the packed package installed, and programs run in it.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The runtimes' programs. `node` is the one that runs this. */
export const PROGRAMS: Readonly<Record<"node" | "node24" | "bun" | "deno", string>> = {
  node: process.execPath,
  node24: join(ROOT, "tools/bin/node"),
  bun: join(ROOT, "tools/bin/bun"),
  deno: join(ROOT, "tools/bin/deno"),
};

/** A temporary project; `await using` removes it. */
export interface Project {
  readonly folder: string;
  /** Writes a file in it. */
  write(name: string, text: string): void;
  /** Runs a program in it to its end and gives what it printed; rejects with that if it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Installs packages in it, besides those its manifest names. */
  install(...packages: string[]): Promise<void>;
  /** A project in a folder of this one. */
  inside(name: string): Project;
  close(): void;
}

/** Makes an empty project and installs the tarball that `npm run test:package` packed. */
export async function installedProject(): Promise<Project> {
  const tarball = process.env["UPDRAFT_TARBALL"];
  if (!tarball) throw new Error("these tests are started by `npm run test:package`, which packs the package first");
  const folder = mkdtempSync(join(tmpdir(), "updraft-package-"));
  const project = projectIn(folder);
  try {
    project.write("package.json", JSON.stringify({ name: "empty", private: true, type: "module" }));
    await project.install(tarball);
    return project;
  } catch (error) {
    project.close();
    throw error;
  }
}

function projectIn(folder: string): Project {
  return {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text),
    run: (program, ...args) => run(folder, program, args),
    async install(...packages) {
      const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline", "--ignore-scripts"];
      await run(folder, npm(), ["install", ...packages, ...flags]);
    },
    inside: (name) => projectIn(join(folder, name)),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function npm(): string {
  return join(dirname(process.execPath), process.platform === "win32" ? "npm.cmd" : "npm");
}

function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: "1" };
  for (const key of Object.keys(env)) {
    if (/^(npm_(?!config_)|NODE_OPTIONS$)/.test(key)) delete env[key as keyof typeof env];
  }
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { cwd, env, maxBuffer: 1 << 24, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${error.code ?? error.signal}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}
