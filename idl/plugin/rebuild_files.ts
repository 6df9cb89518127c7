/**
 * The files of a request from Thriftgo, as the compiler has them after loading: each is written as IDL and parsed again.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { Diagnostics, type Outcome } from "../diagnostics.ts";
import { walk } from "../graph.ts";
import type { FileSet, LoadedFile, LoadedInclude } from "../load.ts";
import { parseSource } from "../parser.ts";
import { below, joinPath, normalizePath, stemOf } from "../paths.ts";
import { SourceText } from "../source.ts";
import type { AstFile } from "./gen/protocol.ts";
import { writeIdl } from "./write_idl.ts";

/**
 * The files that `main` consists of, with what is wrong in the text written for them. Throws an `RpcError` of kind
 * `"protocol"` if they include each other, or leave out what a definition needs.
 */
export function rebuildFiles(main: AstFile, cwd: string): Outcome<FileSet> {
  const { order, cycles } = walk([main], (file) => includedBy(file).map(({ reference }) => reference));
  const [cycle] = cycles;
  if (cycle !== undefined) {
    const names = [...cycle, ...cycle.slice(0, 1)].map((file) => file.filename).join(" -> ");
    throw new RpcError("protocol", `files of the request include each other: ${names}`);
  }
  const diagnostics = new Diagnostics();
  const files = new Map<AstFile, LoadedFile>();
  for (const file of order) files.set(file, rebuildFile(file, files, cwd, diagnostics));
  const rebuilt = files.get(main);
  return {
    value: { mains: rebuilt === undefined ? [] : [rebuilt], files: [...files.values()] },
    diagnostics: diagnostics.list,
  };
}

/** Rebuilds a file; those it includes are in `files`. */
function rebuildFile(
  ast: AstFile,
  files: ReadonlyMap<AstFile, LoadedFile>,
  cwd: string,
  diagnostics: Diagnostics,
): LoadedFile {
  const from = normalizePath(cwd);
  const path = below(from, joinPath(from, ast.filename)) ?? normalizePath(ast.filename);
  const document = parseSource(new SourceText(path, writeIdl(ast)), diagnostics);
  const nodes = document.headers.filter((header) => header.kind === "include");
  const includes = includedBy(ast).flatMap(({ path: written, reference }): LoadedInclude[] => {
    const file = files.get(reference);
    const node = nodes.find((each) => each.path.raw === written);
    return file === undefined || node === undefined ? [] : [{ node, prefix: stemOf(file.path), file }];
  });
  return { path, document, includes };
}

function includedBy(file: AstFile): { readonly path: string; readonly reference: AstFile }[] {
  return file.includes.flatMap(({ path, reference }) => reference === undefined ? [] : [{ path, reference }]);
}
