import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isPublished } from "../../tools/lint/rules.ts";
import { allFiles, read, readJson } from "./project.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
}
interface NpmManifest extends Manifest {
  readonly workspaces: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
interface DenoManifest extends Manifest {
  readonly imports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[] };
  readonly tasks: Readonly<Record<string, string>>;
}

const npm = readJson<NpmManifest>("package.json");
const deno = readJson<DenoManifest>("deno.json");
const files = allFiles();

describe("the manifests", () => {
  it("agree on name, version, license and exports (npm run manifests copies them)", () => {
    const shared = ({ name, version, license, exports }: Manifest): unknown => ({ name, version, license, exports });
    assertEquals(shared(npm), shared(deno));
  });

  it("export files that exist and are published", () => {
    const paths = Object.values(deno.exports).map((path) => path.replace("./", ""));
    assertEquals(paths.filter((path) => !files.includes(path) || !isPublished(path)), []);
  });

  it("publish the folders the rules know, and nothing else that is code", () => {
    const folders = deno.publish.include.filter((path) => !path.includes(".") || path.endsWith(".ts"));
    const known = folders.filter((path) => path !== "LICENSE");
    assertEquals(known.filter((path) => !isPublished(`${path}/x.ts`) && !isPublished(path)), []);
  });

  it("pin what npm installs to exact versions", () => {
    const tools = readJson<NpmManifest>("tools/package.json");
    const ranges = [npm.dependencies, npm.devDependencies, tools.dependencies].flatMap((set) =>
      Object.entries(set ?? {})
    );
    assertEquals(ranges.filter(([, range]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(range)), []);
  });

  it("leave the runtimes' npm packages to tools/package.json", () => {
    for (const name of ["deno", "bun", "node"]) assert(!(name in npm.devDependencies), name);
  });

  it("name the stand-ins as the packages they stand for", () => {
    for (const folder of npm.workspaces) {
      const [member, twin] = [readJson<Manifest>(`${folder}/package.json`), readJson<Manifest>(`${folder}/deno.json`)];
      assertEquals([member.name, member.version, member.exports], [twin.name, twin.version, twin.exports]);
      assert(deno.imports[member.name]?.startsWith(`jsr:${member.name}@`), member.name);
    }
  });

  it("offer the same commands by deno task as by npm run", () => {
    assertEquals(
      Object.keys(deno.tasks).sort(),
      Object.keys(npm.scripts).filter((name) => name !== "bootstrap").sort(),
    );
  });

  it("run only scripts that exist", () => {
    const commands = [...Object.values(npm.scripts), ...Object.values(deno.tasks)];
    const scripts = commands.flatMap((command) => command.match(/[\w/]+\.(mjs|ts)\b/g) ?? []);
    assertEquals(scripts.filter((path) => !files.includes(path)), []);
  });
});

describe("the license", () => {
  it("is the Apache License 2.0, as the manifests say", () => {
    assertEquals(npm.license, "Apache-2.0");
    assert(read("LICENSE").includes("Apache License") && read("LICENSE").includes("Version 2.0, January 2004"));
  });
});
