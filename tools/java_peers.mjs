/**
 * Gets grpc-java's interop client and server from Maven Central, with what they need.
 *
 * The jars go to `tests/interop/bin/java` (ignored by git) and are fetched again only when their list changes.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "./bootstrap.mjs";

const run = promisify(execFile);
const pom = join(root, "tests", "interop", "java", "pom.xml");
const folder = join(root, "tests", "interop", "bin", "java");
/** Longest time Maven may take. */
const FETCH_MS = 300_000;
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/**
 * Programs of grpc-java, as what comes after `java` on its command line.
 *
 * @returns {Promise<{ program: string, client: string[], server: string[] }>}
 * @throws {Error} With a message for people: no Java, no Maven, or what Maven said.
 */
export async function javaPeers() {
  await present("java", "default-jre-headless");
  const current = createHash("sha256").update(readFileSync(pom)).digest("hex");
  const stamp = join(folder, "stamp");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== current) await fetch(current);
  const jars = readdirSync(folder).filter((name) => name.endsWith(".jar"))
    .sort((a, b) => Number(b.startsWith("protobuf-java-3")) - Number(a.startsWith("protobuf-java-3")))
    .map((name) => join(folder, name));
  const main = (name) => ["-cp", jars.join(delimiter), `io.grpc.testing.integration.${name}`];
  return { program: "java", client: main("TestServiceClient"), server: main("TestServiceServer") };
}

async function fetch(current) {
  await present("mvn", "maven");
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  try {
    process.stderr.write("java peers: fetching grpc-java ...\n");
    await run("mvn", ["-q", "-B", "-f", pom, COPY, `-DoutputDirectory=${fresh}`], { timeout: FETCH_MS });
    writeFileSync(join(fresh, "stamp"), current);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    throw new Error(`grpc-java cannot be fetched from Maven Central: ${error.stdout || error.message}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function present(program, debian) {
  try {
    await run(program, ["--version"]);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new Error(`${program} is missing: install the package "${debian}"`);
  }
}
