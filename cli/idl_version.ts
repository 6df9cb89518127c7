/**
 * One version of an IDL: a file or a folder, as it is on disk or in a commit of git.
 *
 * @module
 */
import type { KeyOf } from "../idl/breaking/matches.ts";
import type { Diagnostic } from "../idl/diagnostics.ts";
import { below, folderOf, joinPath, normalizePath, relativePath } from "../idl/paths.ts";
import { SourceText } from "../idl/source.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { UsageError } from "./command.ts";
import { type GitFiles, openGit } from "./git_files.ts";
import { assertThrift, listIdlFiles } from "./idl_files.ts";
import { type CompiledInput, compileInput, type RecordedReader, recordedReader } from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";

/** What a command line says of a version. */
export interface VersionSpec {
  /** Commit; `undefined` for what is on disk. */
  readonly ref: string | undefined;
  /** File or folder; `undefined` for that of the other version. */
  readonly path: string | undefined;
}

/** A compiled version. */
export interface IdlVersion extends Pick<CompiledInput, "program" | "line"> {
  /** What is wrong with it; files are named as `nameOf` does. */
  readonly diagnostics: readonly Diagnostic[];
  /** By what a file is known in both versions: its way from the folder, or from the folder of the file. */
  readonly keyOf: KeyOf;
  /** How messages name a file. */
  nameOf(path: string): string;
}

/** Understands `PATH`, `git:REF`, `git:REF:PATH` and `REF:PATH`; what exists is a path, whatever it looks like. */
export async function parseVersion(platform: Platform, text: string): Promise<VersionSpec> {
  if (text === "") throw new UsageError("an empty argument names no version");
  if (await platform.files.stat(assertThrift(text)) !== null) return { ref: undefined, path: text };
  const rest = text.startsWith("git:") ? text.slice(4) : text.includes(":") ? text : undefined;
  if (rest === undefined) {
    throw new RpcError("invalid", `there is no ${text}; for a commit, branch or tag write git:${text}`);
  }
  const colon = rest.indexOf(":");
  const ref = colon < 0 ? rest : rest.slice(0, colon);
  const path = colon < 0 ? "" : rest.slice(colon + 1);
  if (ref === "") throw new RpcError("invalid", `${text} names no commit: write git:REF or REF:PATH`);
  return { ref, path: path === "" ? undefined : path };
}

/** Compiles a version. Rejects with an `RpcError` of kind `"invalid"` if there is none. */
export async function loadVersion(
  platform: Platform,
  options: ParsedOptions,
  spec: VersionSpec,
  otherPath: string | undefined,
): Promise<IdlVersion> {
  const path = fromCwd(platform, spec.path ?? otherPath ?? ".");
  if (spec.ref === undefined) {
    const isFolder = (await platform.files.stat(path))?.kind === "directory";
    const files = isFolder ? await listIdlFiles(platform.files, path) : [path];
    return await compileVersion(platform, options, recordedReader(platform), path, files, isFolder, "");
  }
  const git = await openGit(platform, spec.ref);
  try {
    const found = await git.stat(path);
    if (found === null) throw new RpcError("invalid", `there is no ${path} in ${spec.ref}`);
    const isFolder = found.kind === "directory";
    const files = isFolder ? await listIdlFiles(git, path) : [path];
    return await compileVersion(
      platform,
      options,
      gitReader(git, recordedReader(platform)),
      path,
      files,
      isFolder,
      `${spec.ref}:`,
    );
  } finally {
    await git.close();
  }
}

/** A path as the compiler writes it: from the working directory, if it is there. */
function fromCwd(platform: Platform, path: string): string {
  const cwd = normalizePath(platform.cwd());
  const whole = joinPath(cwd, path);
  return whole === cwd ? "." : below(cwd, whole) ?? normalizePath(path);
}

async function compileVersion(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  path: string,
  files: readonly string[],
  isFolder: boolean,
  label: string,
): Promise<IdlVersion> {
  if (files.length === 0) throw new RpcError("invalid", `there is no .thrift file below ${label}${path}`);
  const { program, diagnostics } = await compileInput(platform, options, reader, files);
  const nameOf = (file: string): string => label + file;
  const [main] = isFolder ? [] : program.mains;
  const root = isFolder ? path : folderOf(main?.path ?? path);
  return {
    program,
    diagnostics: diagnostics.map((diagnostic) => {
      const related = diagnostic.related?.map((each) => ({ ...each, file: nameOf(each.file) }));
      return { ...diagnostic, file: nameOf(diagnostic.file), ...(related === undefined ? {} : { related }) };
    }),
    // a single file may have been renamed
    keyOf: (module) => module === main ? "" : relativePath(root, module.path),
    nameOf,
    line: (file, line) => file.startsWith(label) ? reader.line(file.slice(label.length), line) : undefined,
  };
}

/** Reads from a commit; what is outside of the repository, such as an include folder, has no versions and is read from disk. */
function gitReader(git: GitFiles, disk: RecordedReader): RecordedReader {
  const sources = new Map<string, SourceText>();
  return {
    seen: new Map(),
    async read(path) {
      if (!git.holds(path)) return await disk.read(path);
      const text = await git.read(path);
      if (text !== null) sources.set(path, new SourceText(path, text));
      return text;
    },
    line: (file, line) => sources.get(file)?.line(line) ?? disk.line(file, line),
  };
}
