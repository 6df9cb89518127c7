/**
 * Compiles `.proto` files by buf, which reports every error with its place.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { type Diagnostic, Diagnostics, type Outcome, sortDiagnostics } from "../diagnostics.ts";
import type { SourceReader } from "../load.ts";
import { joinPath } from "../paths.ts";
import { SourceText } from "../source.ts";
import { loadProto, type ProtoFileSet } from "./load.ts";
import { findProgram, runProto } from "./programs.ts";

/** Files that were compiled. */
export interface CompiledProto {
  /** All descriptors with their comments, each after those it imports. */
  readonly set: FileDescriptorSet;
  /** Names of the files asked for, as imports name them. */
  readonly mains: readonly string[];
}

/** Where `.proto` files come from. */
export interface ProtoOptions {
  /** Folders that imports are relative to. Default: none but the folder that the files share. */
  readonly includeDirs?: readonly string[];
}

/** An error as buf prints it; lines from 1, columns from 1 and in bytes. */
interface BufError {
  readonly path: string;
  readonly message: string;
  readonly start_line?: number;
  readonly start_column?: number;
  readonly end_line?: number;
  readonly end_column?: number;
}

/**
 * Compiles files and what they import; the value is `undefined` if there are errors.
 * Rejects with an `RpcError` of kind `"invalid"` if buf is not installed or cannot work.
 */
export async function compileProto(
  platform: Platform,
  paths: readonly string[],
  reader: SourceReader,
  options: ProtoOptions = {},
): Promise<Outcome<CompiledProto | undefined>> {
  const loaded = await loadProto(paths, reader, { includeDirs: options.includeDirs ?? [], cwd: platform.cwd() });
  if (loaded.missing.length > 0) {
    const diagnostics = new Diagnostics();
    for (const path of loaded.missing) {
      diagnostics.error("UT2001", new SourceText(path, ""), { start: 0, end: 0 }, "there is no such file");
    }
    return { value: undefined, diagnostics: diagnostics.list };
  }
  const buf = await findProgram(platform, "@bufbuild/buf");
  const { files } = platform;
  const folder = await files.makeTempDir("updraft-proto-");
  try {
    const root = `${folder}/root`;
    for (const { name, text } of loaded.files.values()) {
      const path = joinPath(root, name);
      await files.makeDir(path.slice(0, path.lastIndexOf("/")));
      await files.write(path, text);
    }
    const output = `${folder}/set.binpb`;
    const { code, stderr } = await runProto(platform, buf, [
      ...["alpha", "protoc", "--error_format=json", "--include_imports", "--include_source_info"],
      ...["-I", root, `--descriptor_set_out=${output}`],
      ...loaded.mains.map((name) => joinPath(root, name)),
    ]);
    if (code !== 0) return { value: undefined, diagnostics: diagnosticsOf(stderr, root, loaded) };
    const set = fromBinary(FileDescriptorSetSchema, await files.read(output));
    return { value: { set, mains: loaded.mains }, diagnostics: [] };
  } finally {
    await files.remove(folder);
  }
}

/** What buf said about the files; what it says about itself is thrown. */
function diagnosticsOf(stderr: string, root: string, { files, roots }: ProtoFileSet): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  const sources = new Map<string, SourceText>();
  const general: string[] = [];
  for (const line of stderr.split("\n")) {
    if (line.trim() === "") continue;
    const error = bufError(line);
    const name = error?.path.replaceAll("\\", "/").replace(`${root}/`, "");
    const file = files.get(name ?? "");
    if (error === undefined || file === undefined) {
      general.push(error?.message ?? line.replace(/^Failure: /, ""));
      continue;
    }
    let source = sources.get(file.path);
    if (source === undefined) sources.set(file.path, source = new SourceText(file.path, file.text));
    const { start_line = 1, start_column = 1, end_line = start_line, end_column = start_column } = error;
    const start = offsetOf(source, start_line, start_column);
    const end = Math.max(start, offsetOf(source, end_line, end_column));
    const suggestion = error.message === "imported file does not exist"
      ? `imports are looked for in ${roots.join(", ")}; -I adds a folder`
      : undefined;
    diagnostics.error("buf/compile", source, { start, end }, error.message, { suggestion });
  }
  if (diagnostics.list.length === 0) throw new RpcError("invalid", `buf: ${general.join("; ") || "it failed"}`);
  return sortDiagnostics(diagnostics.list);
}

function bufError(line: string): BufError | undefined {
  try {
    const { path, message, ...place } = JSON.parse(line) as Partial<BufError>;
    return typeof path === "string" && typeof message === "string" ? { path, message, ...place } : undefined;
  } catch {
    return undefined; // a line for people
  }
}

/** The offset of a column that counts bytes. */
function offsetOf(source: SourceText, line: number, column: number): number {
  const text = source.line(line);
  let bytes = column - 1;
  let at = 0;
  for (const char of text) {
    if (bytes <= 0) break;
    const code = char.codePointAt(0) ?? 0;
    bytes -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += char.length;
  }
  return source.lineStart(line) + at;
}
