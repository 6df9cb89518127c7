/**
 * Generates what the Apache Thrift peers of the interop suite need: JavaScript from `echo.thrift`, by Apache's own compiler.
 *
 * It goes to `tests/interop/bin/apache` (ignored by git) and is made again only when the IDL or the compiler changes.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "./bootstrap.mjs";

const run = promisify(execFile);
const idl = join(root, "tests", "interop", "echo.thrift");
const folder = join(root, "tests", "interop", "bin", "apache");

/** Paths of the Apache peers. */
export const apache = {
  /** Serves `echo.thrift` on every transport and protocol that Apache's library has for Node. */
  server: join(root, "tests", "interop", "apache", "server.mjs"),
  /** Checks or loads such a server. */
  client: join(root, "tests", "interop", "apache", "client.mjs"),
};

/**
 * Makes sure that the generated code is there.
 *
 * @throws {Error} With a message for people: no compiler, or what it said.
 */
export async function apachePeers() {
  let version;
  try {
    version = (await run("thrift", ["--version"])).stdout;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new Error('Apache\'s Thrift compiler is missing: install the package "thrift-compiler" (Debian has 0.17)');
  }
  const current = createHash("sha256").update(version).update(readFileSync(idl)).digest("hex");
  const stamp = join(folder, "stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === current) return apache;
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  try {
    await run("thrift", ["--gen", "js:node,es6", "-out", fresh, idl]);
    writeFileSync(join(fresh, "package.json"), '{ "type": "commonjs" }\n');
    writeFileSync(join(fresh, "stamp"), current);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return apache;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    console.log(Object.values(await apachePeers()).join("\n"));
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  }
}
