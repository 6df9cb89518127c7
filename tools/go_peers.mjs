/**
 * Builds the Go programs under `tests/interop/go`: real Kitex servers and clients, and load generators.
 *
 * Kitex's code for the IDL files is generated into a temporary folder, only the programs stay, in `tests/interop/bin`
 * (ignored by git). Nothing is built when sources and Go are those of the last time. A first build takes minutes.
 *
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./bootstrap.mjs";

const interop = join(root, "tests", "interop");
const sources = join(interop, "go");
const bin = join(interop, "bin");
const NAMES = [
  "kitex-server",
  "kitex-client",
  "raw-load",
  "frame-load",
  "netpoll-echo",
  "kitex-registry",
  "hpack",
  "validator-verdicts",
];
const TOOLS = ["kitex", "thriftgo", "thrift-gen-validator"];
const IDL = ["echo.thrift", "echo.proto", "validator/rules.thrift"];
/** Programs of modules of their own: the module's folder, the package, the name here, and what the linker is told. */
const FOREIGN = [
  ["grpc", "google.golang.org/grpc/interop/client", "grpc-interop-client"],
  ["grpc", "google.golang.org/grpc/interop/server", "grpc-interop-server"],
  ["grpc", "github.com/fullstorydev/grpcurl/cmd/grpcurl", "grpcurl"],
  ["grpc", "./channelz", "grpc-channelz"],
  ["http2", "github.com/summerwind/h2spec/cmd/h2spec", "h2spec", "-X main.VERSION=2.6.0"],
];
const OLDEST_GO = [1, 26];
/** Where installers put Go without adding it to PATH. */
const GO_FOLDERS = ["/usr/local/go/bin", "/usr/lib/go/bin"];

/**
 * @typedef {object} GoPeers
 * @property {string} server Serves `echo.thrift` and `echo.proto` on Kitex.
 * @property {string} client Checks or loads such a server with Kitex.
 * @property {string} rawLoad Loads an echo of length-prefixed frames.
 * @property {string} frameLoad Loads a server of framed Thrift.
 * @property {string} grpcClient grpc-go's interop client.
 * @property {string} grpcServer grpc-go's interop server.
 * @property {string} grpcurl Calls gRPC servers from the shell.
 * @property {string} channelz Compares a server's channelz with grpc-go's own.
 * @property {string} h2spec Checks HTTP/2 servers.
 * @property {string} registry A Kitex service and a client that find each other through etcd, Consul or ZooKeeper.
 * @property {string} hpack Encodes and decodes header blocks with Go's HPACK.
 * @property {string} verdicts Judges values of `validator/rules.thrift` by the code of `thrift-gen-validator`.
 * @property {string} netpollEcho Echoes length-prefixed frames on Netpoll.
 * @property {string} kitex The kitex tool, which generates code.
 * @property {string} thriftgo The Thrift compiler it stands on.
 * @property {string} validator A plugin of that: `thrift-gen-validator`.
 */

/**
 * The programs' paths, after building what is missing or old.
 *
 * @returns {Promise<GoPeers>}
 * @throws {Error} With a message for people: no Go, too old a Go, or what the build said.
 */
export async function goPeers() {
  const go = await findGo();
  const stamp = join(bin, "stamp");
  const current = fingerprint(go.version, [...IDL.map((name) => join(interop, name)), ...filesUnder(sources)]);
  const programs = [...NAMES, ...TOOLS, ...FOREIGN.map(([, , name]) => name)];
  const built = programs.every((name) => existsSync(join(bin, name))) && existsSync(stamp) &&
    readFileSync(stamp, "utf8") === current;
  if (!built) {
    rmSync(stamp, { force: true });
    await build(go);
    writeFileSync(stamp, current);
  }
  const [server, client, rawLoad, frameLoad, netpollEcho, registry, hpack, verdicts] = NAMES.map((name) =>
    join(bin, name)
  );
  const [kitex, thriftgo, validator] = TOOLS.map((name) => join(bin, name));
  const [grpcClient, grpcServer, grpcurl, channelz, h2spec] = FOREIGN.map(([, , name]) => join(bin, name));
  return {
    server,
    client,
    rawLoad,
    frameLoad,
    netpollEcho,
    registry,
    hpack,
    verdicts,
    kitex,
    thriftgo,
    validator,
    grpcClient,
    grpcServer,
    grpcurl,
    channelz,
    h2spec,
  };
}

/**
 * Finds a Go that is new enough.
 *
 * @returns {Promise<{ version: string, env: Record<string, string> }>} Its version, and the environment it is to be run in.
 * @throws {Error} With a message for people.
 */
export async function findGo() {
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-buildvcs=false", GOWORK: "off" };
  env.PATH = [env.PATH ?? "", ...GO_FOLDERS].join(delimiter);
  const text = await new Promise((resolve, reject) => {
    execFile("go", ["version"], { env }, (error, stdout) => {
      if (!error) resolve(stdout);
      else if (error.code === "ENOENT") {
        reject(
          new Error(`Go is missing: install Go ${OLDEST_GO.join(".")} or newer (https://go.dev/dl) and put it on PATH`),
        );
      } else reject(new Error(`"go version" failed: ${error.message}`));
    });
  });
  const found = /go(\d+)\.(\d+)\S*/.exec(text);
  const [major, minor] = [Number(found?.[1]), Number(found?.[2])];
  if (!(major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1]))) {
    throw new Error(`Go ${OLDEST_GO.join(".")} or newer is needed, this is "${text.trim()}"`);
  }
  return { version: text.trim(), env };
}

/**
 * Changes whenever programs could that this Go makes of these files.
 *
 * @param {string} version Go's.
 * @param {string[]} files Their paths.
 */
export function fingerprint(version, files) {
  const hash = createHash("sha256").update(version);
  for (const file of files.sort()) hash.update(`\0${relative(interop, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/** The files of a folder and those below it. */
export function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

async function build({ env }) {
  const started = Date.now();
  const work = mkdtempSync(join(tmpdir(), "updraft-go-"));
  const module = join(work, "go");
  const out = join(work, "bin");
  const kitex = join(out, "kitex");
  try {
    mkdirSync(out);
    cpSync(sources, module, { recursive: true });
    for (const name of IDL) cpSync(join(interop, name), join(work, name));
    const step = (number, what, cwd, command, ...args) =>
      runStep(`${number} of 4: ${what}`, command, args, { cwd, env });
    const tools = join(module, "tools");
    await step(1, "building Kitex's code generators", tools, "go", "build", "-trimpath", "-o", `${out}/`, "tool");
    const generate = ["-module", "updraft/interop", "-streamx"];
    const pb = ["-type", "protobuf", "-I", work];
    await step(2, "generating code for echo.thrift", module, kitex, ...generate, join(work, IDL[0]));
    await step(2, "generating code for echo.proto", module, kitex, ...generate, ...pb, join(work, IDL[1]));
    const rules = ["-thrift-plugin", `validator=${join(out, "thrift-gen-validator")}`];
    await step(2, "generating code for rules.thrift", module, kitex, ...generate, ...rules, join(work, IDL[2]));
    await step(
      3,
      "building servers, clients and load generators",
      module,
      "go",
      "build",
      "-trimpath",
      "-o",
      `${out}/`,
      "./cmd/...",
    );
    for (const [folder, path, name, flags = ""] of FOREIGN) {
      const args = ["build", "-trimpath", "-ldflags", flags, "-o", join(out, name), path];
      await step(4, `building ${name}`, join(module, folder), "go", ...args);
    }
    mkdirSync(bin, { recursive: true });
    for (const name of [...NAMES, ...TOOLS, ...FOREIGN.map(([, , name]) => name)]) {
      move(join(out, name), join(bin, name));
    }
    say(`ready after ${Math.round((Date.now() - started) / 1000)} s`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Puts a program in its place whole, also when the temporary folder is on another disk and the old one runs. */
export function move(from, to) {
  const near = `${to}.${process.pid}`;
  cpSync(from, near);
  renameSync(near, to);
}

/** Runs one command, saying every ten seconds that it is still at work. */
export async function runStep(what, command, args, options) {
  say(`${what} ...`);
  const started = Date.now();
  const alive = setInterval(() => say(`... ${what}, ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
  try {
    const { code, output } = await new Promise((resolve, reject) => {
      const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.on("data", (chunk) => output += chunk);
      child.stderr.on("data", (chunk) => output += chunk);
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, output }));
    });
    if (code !== 0) {
      throw new Error(`${what} failed (exit code ${code}); can Go modules be downloaded?\n${output.trim()}`);
    }
  } finally {
    clearInterval(alive);
  }
}

function say(text) {
  process.stderr.write(`go peers: ${text}\n`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    console.log(Object.values(await goPeers()).join("\n"));
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  }
}
