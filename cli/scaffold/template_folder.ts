/**
 * Custom templates: a folder whose files become files of the project.
 *
 * A file's path and text are filled in (see `template.ts`). It may begin with lines between two `---` lines that say more:
 * `path: P` (another path), `update: skip|cover|append` (what happens if the file is there; default `skip`), `loop:
 * service` or `loop: method` (a file for each), and for `append`, `key: K`: what stands behind a line `--- append` is added
 * for every method whose filled-in key is no word of the file yet.
 *
 * @module
 */
import { below, normalizePath, pathProblem } from "../../idl/paths.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Files } from "../../lib/platform.ts";
import type { Scaffold } from "./model.ts";
import { render } from "./template.ts";

/** A file that templates make. */
export interface TemplateFile {
  /** Path relative to the project. */
  readonly path: string;
  /** Its text when it is new. */
  readonly text: string;
  /** What happens if it is there. */
  readonly update: "skip" | "cover" | "append";
  /** What to add to a file that is there, each unless its key is in it. */
  readonly additions: readonly { readonly key: string; readonly text: string }[];
}

/** The files that the templates of a folder make of a project. Throws an `RpcError` of kind `"invalid"` for bad ones. */
export async function templateFiles(files: Files, folder: string, project: Scaffold): Promise<TemplateFile[]> {
  const found = await templatesIn(files, folder, "");
  if (found.length === 0) throw new RpcError("invalid", `there is no template in ${folder}`);
  const made = found.flatMap(({ path, text }) => {
    const where = `${folder}/${path}`;
    return expand(where, path, text, project).map((file) => ({ where, file }));
  });
  const byPath = new Map<string, string>();
  for (const { where, file: { path } } of made) {
    const key = normalizePath(path).toLowerCase();
    const problem = pathProblem(path) ??
      (below(".", normalizePath(path)) === undefined ? "leads out of it" : undefined);
    if (problem !== undefined) {
      throw new RpcError(
        "invalid",
        `${where}: ${JSON.stringify(path)} is no path of a file of the project: it ${problem}`,
      );
    }
    const other = byPath.get(key);
    if (other !== undefined) {
      const who = other === where ? "it makes" : `it and ${other} make`;
      throw new RpcError(
        "invalid",
        `${where}: ${who} ${path} twice; a loop needs a path: with {{service.file}} or such`,
      );
    }
    byPath.set(key, where);
  }
  return made.map(({ file }) => file);
}

async function templatesIn(files: Files, folder: string, prefix: string): Promise<{ path: string; text: string }[]> {
  const templates: { path: string; text: string }[] = [];
  for (const { name, kind } of await files.list(`${folder}/${prefix}`)) {
    const path = prefix + name;
    if (kind === "directory") templates.push(...await templatesIn(files, folder, `${path}/`));
    else if (kind === "file") templates.push({ path, text: await files.readText(`${folder}/${path}`) });
  }
  return templates;
}

const KEYS: readonly string[] = ["path", "update", "loop", "key"];

function expand(where: string, path: string, text: string, project: Scaffold): TemplateFile[] {
  const { header, body } = split(where, text);
  const { update = "skip", loop, key } = header;
  if (update !== "skip" && update !== "cover" && update !== "append") {
    throw new RpcError("invalid", `${where}: update cannot be ${update}: choose skip, cover, append`);
  }
  if (loop !== undefined && loop !== "service" && loop !== "method") {
    throw new RpcError("invalid", `${where}: loop cannot be ${loop}: choose service, method`);
  }
  const [whole = "", append] = body.split(/^--- append\r?\n/m);
  if ((update === "append") !== (key !== undefined && append !== undefined)) {
    throw new RpcError("invalid", `${where}: update: append, key: and a line --- append go together`);
  }
  return scopesOf(project, loop).map((scope) => ({
    path: render(header.path ?? path, scope, where),
    text: render(whole, scope, where),
    update,
    additions: update !== "append" || key === undefined || append === undefined
      ? []
      : methodScopes(scope).map((inner) => ({
        key: render(key, inner, where),
        text: render(append, inner, where),
      })),
  }));
}

function split(where: string, text: string): { header: Partial<Record<string, string>>; body: string } {
  const match = /^---\r?\n([\s\S]*?)^---\r?\n/m.exec(text);
  if (match === null || match.index !== 0) return { header: {}, body: text };
  const header: Partial<Record<string, string>> = Object.create(null);
  for (const line of (match[1] ?? "").split("\n").filter((line) => line.trim() !== "")) {
    const [, name = "", value = ""] = /^(\w+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (!KEYS.includes(name)) throw new RpcError("invalid", `${where}: ${line.trim()} is none of ${KEYS.join(", ")}`);
    header[name] = value;
  }
  return { header, body: text.slice(match[0].length) };
}

type Scope = Scaffold & { readonly service?: Scaffold["services"][number] };

function scopesOf(project: Scaffold, loop: "service" | "method" | undefined): Scope[] {
  if (loop === undefined) return [project];
  const services = project.services.map((service): Scope => ({ ...project, service }));
  return loop === "service" ? services : services.flatMap(methodScopes);
}

function methodScopes(scope: Scope): Scope[] {
  const services = scope.service === undefined ? scope.services : [scope.service];
  return services.flatMap((service) => service.methods.map((method) => ({ ...scope, service, method })));
}
