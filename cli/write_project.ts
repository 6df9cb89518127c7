/**
 * Puts the files of a project into its folder, and touches nothing a person wrote.
 *
 * @module
 */
import { below, joinPath, normalizePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { writeOutputs } from "./write_outputs.ts";
import { findCompiler } from "./scaffold/compiler.ts";
import { handlersFile } from "./scaffold/handlers.ts";
import { mergeHandlers } from "./scaffold/merge_handlers.ts";
import type { Scaffold, ScaffoldService } from "./scaffold/model.ts";
import { GENERATED, type ProjectFile } from "./scaffold/project_files.ts";
import type { TemplateFile } from "./scaffold/template_folder.ts";

/** What happened to a file. */
export interface ProjectChange {
  /** Its path. */
  readonly path: string;
  /** What was done. */
  readonly how: "wrote" | "kept" | "unchanged" | "added to" | "could not add to";
  /** What was added, or why not. */
  readonly detail?: string;
}

/** Writes the files that are new or may be covered, and adds to those that may be added to. */
export async function writeFiles(
  platform: Platform,
  folder: string,
  files: readonly (ProjectFile | TemplateFile)[],
): Promise<ProjectChange[]> {
  const changes: ProjectChange[] = [];
  for (const file of files) {
    const path = pathIn(folder, file.path);
    const there = await textAt(platform, path);
    if (there === undefined || file.update === "cover") {
      changes.push({ path, how: await write(platform, folder, file.path, file.text) });
    } else {
      let text = there;
      const added: string[] = [];
      for (const addition of "additions" in file ? file.additions : []) {
        if (hasWord(text, addition.key)) continue;
        text += addition.text;
        added.push(addition.key);
      }
      if (added.length > 0) await write(platform, folder, file.path, text);
      changes.push(added.length === 0 ? { path, how: "kept" } : { path, how: "added to", detail: added.join(", ") });
    }
  }
  return changes;
}

/** Writes files of handlers that are new, and adds stubs to the others. */
export async function writeHandlers(platform: Platform, folder: string, project: Scaffold): Promise<ProjectChange[]> {
  const changes: ProjectChange[] = [];
  for (const service of project.services) {
    const name = `handlers/${service.file}.ts`;
    const path = pathIn(folder, name);
    const there = await textAt(platform, path);
    const fresh = handlersFile(service, GENERATED);
    if (there === undefined) {
      await write(platform, folder, name, fresh);
      changes.push({ path, how: "wrote" });
    } else if (there === fresh) {
      changes.push({ path, how: "kept" }); // it need not be read to know what is in it
    } else {
      changes.push(await addStubs(platform, folder, name, there, service));
    }
  }
  return changes;
}

async function addStubs(
  platform: Platform,
  folder: string,
  name: string,
  text: string,
  service: ScaffoldService,
): Promise<ProjectChange> {
  const path = pathIn(folder, name);
  const cwd = platform.cwd();
  const compiler = await findCompiler(platform, [joinPath(cwd, folder), cwd]);
  if (compiler === undefined) {
    const detail = "the package typescript, which reads it, is not installed: install it and run this again";
    return { path, how: "could not add to", detail };
  }
  const outcome = mergeHandlers(compiler, text, service);
  if ("problem" in outcome) {
    const names = outcome.missing.map(({ key }) => key).join(", ");
    return { path, how: "could not add to", detail: `${outcome.problem}; see to these yourself: ${names}` };
  }
  if (outcome.added.length === 0) return { path, how: "kept" };
  await write(platform, folder, name, outcome.text);
  return { path, how: "added to", detail: outcome.added.map(({ key }) => key).join(", ") };
}

async function write(platform: Platform, folder: string, path: string, text: string): Promise<"wrote" | "unchanged"> {
  await platform.files.makeDir(folder);
  const written = await writeOutputs(platform.files, folder, [{ path, text }]);
  return written.length > 0 ? "wrote" : "unchanged";
}

function pathIn(folder: string, path: string): string {
  const target = joinPath(normalizePath(folder), path);
  if (below(normalizePath(folder), target) === undefined) {
    throw new RpcError("invalid", `${path} is outside of ${folder}`);
  }
  return target;
}

async function textAt(platform: Platform, path: string): Promise<string | undefined> {
  return await platform.files.stat(path) === null ? undefined : await platform.files.readText(path);
}

function hasWord(text: string, word: string): boolean {
  return text.split(/[^\w$]+/).includes(word);
}
