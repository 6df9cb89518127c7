/**
 * `deno doc --lint` over all entries, except that types of packages that a file imports count as public: they are, there.
 *
 * Run as `node tools/doc_lint.mjs DENO ENTRY...`.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const [deno, ...entries] = process.argv.slice(2);
const { status, stdout, stderr } = spawnSync(deno, ["doc", "--lint", ...entries], {
  encoding: "utf8",
  env: { ...process.env, NO_COLOR: "1" },
  maxBuffer: 1 << 28,
});
const [, ...problems] = `\n${stdout}${stderr}`.split(/\n(?=error\[)/);
const real = problems.filter((problem) => !isOfPackage(problem));
if (status !== 0 && problems.length === 0) process.stderr.write(stderr);
if (real.length > 0) process.stderr.write(`${real.join("\n")}\n${real.length} of these\n`);
process.exitCode = status === 0 || problems.length > 0 && real.length === 0 ? 0 : 1;

/** Is it about a type that the file at fault imports from a package? */
function isOfPackage(problem) {
  const name = /^error\[private-type-ref\]: public type '[^']+' references private type '(\w+)'/.exec(problem)?.[1];
  const path = /--> (.+?):\d+:\d+/.exec(problem)?.[1];
  if (!name || !path) return false;
  const imports = readFileSync(path, "utf8").matchAll(/^import (?:type )?\{([^}]*)\} from "([^".][^"]*)";/gm);
  return [...imports].some(([, names]) => names.split(",").some((item) => item.trim().replace(/^type /, "") === name));
}
