/**
 * `npm run pack`: builds the npm package in dist/ (ES2022 and declarations, a file for each source file) and packs it.
 *
 * What the entries of deno.json reach is compiled; `.ts` becomes `.js` in specifiers, the parts of `@std` in use are taken
 * along (npm has no such packages), and dist/ gets a package.json of its own. `--no-tarball` leaves the last step out.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { npmCommand, root, run } from "./bootstrap.mjs";

const DIST = join(root, "dist");
/** Where the stand-ins for `@std` are, and where they go. */
const STAND_INS = "tests/std/";
const VENDORED = "std/";
/** The commands, and the programs behind them. */
const COMMANDS = {
  "updraft": "cli/main.js",
  "protoc-gen-updraft": "cli/protoc_gen_updraft.js",
  "thrift-gen-ts": "cli/thrift_gen_ts.js",
};
const PROGRAMS = Object.values(COMMANDS);
/** What only those who compile .proto files install, beside it. */
const OPTIONAL = ["@bufbuild/buf", "@bufbuild/protoc-gen-es"];
/** Of what only types are imported, and what is used in any version that a project has. */
const NOT_INSTALLED = [...OPTIONAL, "typescript"];

/**
 * Builds dist/.
 *
 * @returns {Promise<object>} The package's manifest.
 */
export async function build() {
  const { default: ts } = await import("typescript");
  const deno = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
  const npm = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { packages, files } = compile(ts, Object.values(deno.exports).map((path) => join(root, path)));

  const versions = { ...npm.devDependencies, ...npm.dependencies };
  const outside = [...packages].filter((name) => !versions[name]);
  if (outside.length > 0) throw new Error(`package.json names no version of ${outside.join(", ")}`);
  const exports = {};
  for (const [entry, path] of Object.entries(deno.exports)) {
    const stem = path.replace(/\.ts$/, "");
    exports[entry] = { types: `${stem}.d.ts`, default: `${stem}.js` };
  }
  const commands = Object.entries(COMMANDS).filter(([, path]) => files.has(path)).map((
    [name, path],
  ) => [name, `./${path}`]);
  const manifest = {
    name: npm.name,
    version: npm.version,
    description: npm.description,
    license: npm.license,
    type: "module",
    engines: npm.engines,
    sideEffects: commands.length > 0 ? commands.map(([, path]) => path) : false,
    bin: commands.length > 0 ? Object.fromEntries(commands) : undefined,
    exports,
    dependencies: Object.fromEntries(
      [...packages].filter((name) => !NOT_INSTALLED.includes(name)).sort().map((name) => [name, `^${versions[name]}`]),
    ),
    peerDependencies: Object.fromEntries(OPTIONAL.map((name) => [name, `^${versions[name]}`])),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  };

  rmSync(DIST, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(DIST, path)), { recursive: true });
    writeFileSync(join(DIST, path), text, { mode: PROGRAMS.includes(path) ? 0o755 : 0o644 });
  }
  writeFileSync(join(DIST, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) cpSync(join(root, name), join(DIST, name));
  return manifest;
}

/**
 * Packs dist/.
 *
 * @param {string} folder Where the tarball goes.
 * @returns {Promise<string>} Its path.
 */
export async function pack(folder = root) {
  const [command, ...prefix] = npmCommand();
  const args = [...prefix, "pack", DIST, "--json", "--loglevel=error", `--pack-destination=${folder}`];
  const { stdout } = await promisify(execFile)(command, args, { cwd: root });
  const [{ filename }] = JSON.parse(stdout);
  return join(folder, filename.replace("@", "").replace("/", "-"));
}

/** Compiles what `entries` reach; gives the files of dist/ and the names of the packages that they import. */
function compile(ts, entries) {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson(config, root);
  const program = ts.createProgram(entries, {
    ...options,
    noEmit: false,
    noEmitOnError: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: DIST,
  });
  const files = new Map();
  const packages = new Set();
  const emitted = program.emit(undefined, (file, text) => {
    const path = outputPath(relative(DIST, file));
    const resolve = (specifier) =>
      ts.resolveModuleName(specifier, join(root, "mod.ts"), options, ts.sys).resolvedModule?.resolvedFileName;
    files.set(path, rewrite(ts, path, text, packages, resolve));
  });
  const problems = ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics]);
  if (problems.length > 0) {
    const host = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
    throw new Error(`the sources do not compile:\n${ts.formatDiagnostics(problems, host)}`);
  }
  return { files, packages };
}

function outputPath(path) {
  const name = path.split(sep).join("/");
  return name.startsWith(STAND_INS) ? VENDORED + name.slice(STAND_INS.length) : name;
}

/** Rewrites the specifiers of an emitted file and notes the packages among them. */
function rewrite(ts, path, text, packages, resolve) {
  let result = "";
  let done = 0;
  for (const { fileName: specifier, pos, end } of ts.preProcessFile(text, true, true).importedFiles) {
    const next = newSpecifier(path, specifier, packages, resolve);
    // `pos` to `end` is the specifier, in some versions with its quotes.
    const at = text.indexOf(specifier, pos);
    if (at < 0 || at > end) throw new Error(`${path}: "${specifier}" is not where the scanner says`);
    result += text.slice(done, at) + next;
    done = at + specifier.length;
  }
  result += text.slice(done);
  if (path.endsWith(".d.ts") && /Symbol\.(asyncDispose|dispose)/.test(result)) {
    result = `/// <reference lib="esnext.disposable" />\n${result}`; // for those who compile for ES2022
  }
  if (!PROGRAMS.includes(path)) return result;
  return result.startsWith("#!") ? result : `#!/usr/bin/env node\n${result}`;
}

function newSpecifier(path, specifier, packages, resolve) {
  if (specifier.startsWith(".")) return specifier.replace(/\.ts$/, ".js");
  if (specifier.startsWith("node:")) return specifier;
  if (specifier.startsWith("@std/")) {
    const source = resolve(specifier);
    if (!source) throw new Error(`${path}: "${specifier}" is not among the stand-ins`);
    const target = relative(dirname(path), outputPath(relative(root, source)).replace(/\.ts$/, ".js"));
    return target.startsWith(".") ? target : `./${target}`;
  }
  packages.add(specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/"));
  return specifier;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await run(async () => {
    const { name, version, exports, dependencies } = await build();
    console.log(`dist/: ${name} ${version}, ${Object.keys(exports).length} entries`);
    console.log(
      `depends on: ${Object.keys(dependencies).join(", ") || "nothing"}`,
    );
    if (!process.argv.includes("--no-tarball")) console.log(relative(root, await pack()));
  });
}
