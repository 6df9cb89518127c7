/**
 * `npm run bench:compile [-- ROUNDS | -- --sizes]`: the compiler beside the real Thriftgo, as whole processes.
 *
 * Both compile the same tree of files; a file with one struct is compiled beside it, and its time, the start-up, is taken
 * off. All take turns in every round, so that what else the machine does meets all of them. Printed are medians with their
 * spread, the ratio to Thriftgo, and the sizes of generated code and of a bundled client beside Apache Thrift's. All of it
 * is saved in bench/out/. Needs Go (for Thriftgo) and Apache's Thrift compiler (for the sizes). With `--sizes` only these are
 * measured, and the modules that take most of the client are listed.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { root, run } from "./bootstrap.mjs";
import { goPeers } from "./go_peers.mjs";
import { runProgram } from "./processes.mjs";
import { runtimes } from "./runtimes.mjs";

const FILES = 25;
const STRUCTS = 27;
const FIELDS = 12;
/** Files that the others include. */
const BASES = 4;
const MAX_RATIO = 1.5;
const MAX_START_MS = 150;
const MAX_SIZE_RATIO = 0.5;
/** How many modules of the client are listed. */
const LARGEST = 20;

await run(async () => {
  const onlySizes = process.argv[2] === "--sizes";
  const rounds = onlySizes ? 0 : Number(process.argv[2] ?? 7);
  if (!onlySizes && !(rounds >= 1 && rounds <= 50)) {
    console.error("usage: npm run bench:compile [-- ROUNDS (1 to 50) | -- --sizes]");
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "updraft-bench-"));
  try {
    const times = onlySizes ? {} : await compareTimes(folder, rounds);
    const { sizes, modules } = await measureSizes(folder);
    reportSizes(sizes);
    if (onlySizes) reportModules(modules);
    const out = join(root, "bench", "out");
    mkdirSync(out, { recursive: true });
    const results = { ...times, sizes, modules };
    writeFileSync(join(out, onlySizes ? "sizes.json" : "compile.json"), JSON.stringify(results, null, 2));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

/** Lets all compilers take turns, and prints how long they took. */
async function compareTimes(folder, rounds) {
  const lines = writeTree(folder);
  const compilers = await findCompilers(folder);
  const times = await measure(compilers, rounds);
  return { rounds, lines, results: reportTimes(compilers, times, lines), times };
}

/** Writes `tree/` and `small.thrift`; gives the lines of the tree. */
function writeTree(folder) {
  mkdirSync(join(folder, "tree"));
  let lines = 0;
  for (let file = 0; file < FILES; file++) {
    const text = makeFile(file);
    lines += text.split("\n").length;
    writeFileSync(join(folder, "tree", `f${file}.thrift`), text);
  }
  writeFileSync(join(folder, "small.thrift"), "namespace go small\nstruct Small {\n  1: i32 a\n}\n");
  return lines;
}

/** A file as people write them: every include used, comments, annotations, a service. */
function makeFile(file) {
  const types = ["bool", "i64", "string", "list<string>", "map<string, i64>", "Kind", "double", "binary", "i32"];
  const lines = [`namespace go tree.f${file}`];
  // no diamonds in rows: Thriftgo walks every path through them
  const included = file < BASES ? [] : file < FILES - 1 ? [file % BASES] : Array.from({ length: file }, (_, i) => i);
  for (const other of included) lines.push(`include "f${other}.thrift"`);
  lines.push("/** Kinds of things. */", "enum Kind {", ...Array.from({ length: 10 }, (_, i) => `  K${i} = ${i},`), "}");
  for (let struct = 0; struct < STRUCTS; struct++) {
    lines.push(`// Struct ${struct} of file ${file}.`, `struct S${struct} {`);
    for (let field = 1; field <= FIELDS; field++) {
      const word = ["", "required ", "optional "][(field + struct) % 3];
      lines.push(`  ${field}: ${word}${types[(field * 7 + struct) % types.length]} field${field} (go.tag = "x")`);
    }
    included.forEach((other, i) => lines.push(`  ${100 + i}: optional f${other}.S${struct} from${other}`));
    lines.push("}");
  }
  lines.push(`service Service${file} {`);
  for (let method = 0; method < 8; method++) lines.push(`  S${method} call${method}(1: S${method} request)`);
  lines.push("}", "");
  return lines.join("\n");
}

/** Each compiler with its command lines for the tree and for the small file. */
async function findCompilers(folder) {
  const { thriftgo } = await goPeers();
  const main = (name) => name === "tree" ? join(folder, "tree", `f${FILES - 1}.thrift`) : join(folder, "small.thrift");
  const compilers = [{
    name: "thriftgo",
    command: (name, out) => [thriftgo, ["-r", "-g", "go:package_prefix=x", "-o", out, main(name)]],
  }];
  for (const { title, program, flags } of await runtimes()) {
    const args = [...flags, join(root, "cli", "main.ts"), "gen", "-q"];
    compilers.push({ name: `updraft, ${title}`, command: (name, out) => [program, [...args, main(name), "-o", out]] });
  }
  return compilers.map(({ name, command }) => ({
    name,
    command: (what) => command(what, join(folder, "out", name.replace(/\W+/g, "_"), what)),
    clean: () => rmSync(join(folder, "out"), { recursive: true, force: true }),
  }));
}

/** Milliseconds of each run: `times[compiler][what]`. Every run writes all of its files. */
async function measure(compilers, rounds) {
  const times = compilers.map(() => ({ tree: [], small: [] }));
  for (let round = -1; round < rounds; round++) { // the first fills caches of files and is not counted
    for (const [i, { name, command, clean }] of compilers.entries()) {
      for (const what of ["tree", "small"]) {
        clean();
        const [program, args] = command(what);
        const started = performance.now();
        const { problem, output } = await runProgram(program, args, { timeoutMs: 120_000 });
        const ms = performance.now() - started;
        if (problem) throw new Error(`${name} failed on the ${what}: ${problem}\n${output.slice(-2000)}`);
        if (round >= 0) times[i][what].push(ms);
      }
    }
    if (round >= 0) console.log(`bench: ${round + 1} of ${rounds} rounds done`);
  }
  return times;
}

function reportTimes(compilers, times, lines) {
  const works = times.map(({ tree, small }) => tree.map((ms, i) => ms - small[i]));
  const limit = median(works[0]);
  console.log(`\n${lines} lines in ${FILES} files; milliseconds, median (least to most)`);
  console.log(`${"".padEnd(24)}${"start-up".padStart(22)}${"start-up taken off".padStart(26)}   x thriftgo`);
  const results = compilers.map(({ name }, i) => {
    const ratio = median(works[i]) / limit;
    const start = median(times[i].small);
    console.log(
      `${name.padEnd(24)}${spread(times[i].small).padStart(22)}${spread(works[i]).padStart(26)}   ${ratio.toFixed(2)}` +
        (i > 0 && ratio > MAX_RATIO ? ` (target ${MAX_RATIO})` : "") +
        (name.includes("Bun") && start > MAX_START_MS ? ` (start-up: target ${MAX_START_MS} ms)` : ""),
    );
    return { name, startMs: start, workMs: median(works[i]), ratio };
  });
  return results;
}

function reportSizes(sizes) {
  console.log(`\nechoing service, bytes${"".padEnd(16)}   Updraft    Apache`);
  for (const [what, { updraft, apache }] of Object.entries(sizes)) {
    console.log(
      `${what.padEnd(38)} ${String(updraft).padStart(9)} ${String(apache).padStart(9)}   ${
        (updraft / apache).toFixed(2)
      } x Apache's (target ${MAX_SIZE_RATIO.toFixed(2)})`,
    );
  }
}

/** Prints what the largest modules of our client take of it. */
function reportModules(modules) {
  const total = modules.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`\nour client has ${modules.length} modules, ${total} bytes minified, not gzipped; the largest:`);
  for (const { path, bytes } of modules.slice(0, LARGEST)) console.log(`${String(bytes).padStart(6)}  ${path}`);
}

/**
 * Bytes of generated code, and of a client bundled with its runtime, minified and gzipped, of ours and of Apache's; and the
 * modules of our client, the largest first.
 */
async function measureSizes(folder) {
  const { build } = createRequire(join(root, "tools", "package.json"))("esbuild");
  const idl = join(root, "tests", "interop", "echo.thrift");
  const ping = join(folder, "ping", "echo.thrift"); // the same service with one method, so that Apache's code is as little
  mkdirSync(dirname(ping));
  writeFileSync(ping, "namespace go echo\nservice EchoService {\n  void ping()\n}\n");
  const at = (name) => join(folder, name);
  const gen = (file, name, ...options) => {
    const cli = ["--import", "tsx", join(root, "cli", "main.ts"), "gen", "-q", file, "-o", at(name), ...options];
    return mustRun(process.execPath, cli);
  };
  const genApache = (file, name) => {
    mkdirSync(at(name));
    return mustRun("thrift", ["-r", "--gen", "js:node,ts", "-out", at(name), file]);
  };
  await gen(idl, "ours");
  await gen(idl, "trimmed", "--trim", "EchoService.ping");
  await gen(ping, "ours_ping");
  await genApache(idl, "apache");
  await genApache(ping, "apache_ping");
  const files = (name, ending) =>
    readdirSync(at(name)).filter((file) => file.endsWith(ending)).map((file) => join(at(name), file));
  const size = (paths) => paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const bundle = async (text, options) => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: text, resolveDir: folder, loader: "ts" },
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      logLevel: "error",
      ...options,
    });
    const [{ inputs }] = Object.values(metafile.outputs);
    const modules = Object.entries(inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }));
    return {
      bytes: gzipSync(outputFiles[0].contents).length,
      modules: modules.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes),
    };
  };
  const exports = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports;
  const alias = Object.fromEntries(
    Object.entries(exports).filter(([name]) => name !== ".").map((
      [name, path],
    ) => [`@updraft/rpc${name.slice(1)}`, join(root, path)]),
  );
  const client = (generated) =>
    `import { createDirectClient } from "@updraft/rpc/core";
import { framedClient } from "@updraft/rpc/thrift-client";
import { nodeTcp } from "@updraft/rpc/node";
import { EchoService } from "./${generated}/echo.ts";
const client = createDirectClient(EchoService, { to: "127.0.0.1:9090", transport: nodeTcp(), protocol: framedClient() });
console.log(await client.ping());`;
  const apacheClient = (generated) =>
    `import thrift from "thrift";
import EchoService from ${JSON.stringify(join(at(generated), "EchoService.js"))};
const options = { transport: thrift.TFramedTransport, protocol: thrift.TBinaryProtocol };
const client = thrift.createClient(EchoService, thrift.createConnection("127.0.0.1", 9090, options));
console.log(await client.ping());`;
  const nodePaths = [join(root, "node_modules")];
  const bundleOurs = (generated) => bundle(client(generated), { alias, nodePaths });
  const bundleApache = (generated) => bundle(apacheClient(generated), { nodePaths });
  const updraftBundle = await bundleOurs("ours");
  const trimmedBundle = await bundleOurs("trimmed");
  const updraftPing = await bundleOurs("ours_ping");
  const apacheBundle = await bundleApache("apache");
  const apachePing = await bundleApache("apache_ping");
  const sizes = {
    "generated code": {
      updraft: size(files("ours", ".ts")),
      apache: size([...files("apache", ".js"), ...files("apache", ".ts")]),
    },
    "client, bundled, minified, gzipped": { updraft: updraftBundle.bytes, apache: apacheBundle.bytes },
    "its one method kept by --trim": { updraft: trimmedBundle.bytes, apache: apacheBundle.bytes },
    "of an IDL of one method": { updraft: updraftPing.bytes, apache: apachePing.bytes },
  };
  return { sizes, modules: updraftBundle.modules };
}

async function mustRun(program, args) {
  const { problem, output } = await runProgram(program, args, { timeoutMs: 60_000 });
  if (problem) throw new Error(`${program} failed: ${problem}\n${output.slice(-2000)}`);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return `${median(values).toFixed(0)} (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)})`;
}
