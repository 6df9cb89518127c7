/**
 * Builds a real Consul through Go's module proxy, into `tests/interop/bin` (ignored by git).
 *
 * 1.8.19, since later ones take several times as long: 1.20 has more than twice the packages. What joins servers in clouds is
 * replaced, see `tests/interop/consul/discover`. The build takes three and a half minutes of CPU, not optimised. Nothing is built
 * when the files and Go are those of the last time.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { filesUnder, findGo, fingerprint, move, runStep } from "./go_peers.mjs";

const source = join(root, "tests", "interop", "consul");
const bin = join(root, "tests", "interop", "bin");

/**
 * The program's path, after building it if it is missing or old.
 *
 * @returns {Promise<string>}
 * @throws {Error} With a message for people.
 */
export async function consulProgram() {
  const go = await findGo();
  const program = join(bin, "consul");
  const stamp = join(bin, "consul.stamp");
  const current = fingerprint(go.version, filesUnder(source));
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, "utf8") === current) return program;
  const work = mkdtempSync(join(tmpdir(), "updraft-consul-"));
  try {
    const built = join(work, "consul");
    const flags = ["-trimpath", "-gcflags=all=-N -l", "-ldflags=-s -w"];
    const env = { ...go.env, CGO_ENABLED: "0" };
    const args = ["build", ...flags, "-o", built, "github.com/hashicorp/consul"];
    await runStep("building Consul", "go", args, { cwd: source, env });
    mkdirSync(bin, { recursive: true });
    move(built, program);
    writeFileSync(stamp, current);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}
