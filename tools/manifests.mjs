/**
 * `npm run manifests`: copies what the two root manifests share, the exports above all, from deno.json to package.json.
 *
 * A new entry is one line in deno.json's `exports` and this command.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";

const deno = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
const path = join(root, "package.json");
const npm = JSON.parse(readFileSync(path, "utf8"));
for (const key of ["name", "version", "license", "exports"]) npm[key] = deno[key];
writeFileSync(path, JSON.stringify(npm, null, 2) + "\n");
console.log(`package.json: version ${npm.version}, ${Object.keys(npm.exports).length} entries`);
