/**
 * The requests about open files, answered by `idl/language/`.
 *
 * @module
 */
import { format } from "../../idl/format/format.ts";
import { complete } from "../../idl/language/completion.ts";
import { hover } from "../../idl/language/hover.ts";
import { completePath } from "../../idl/language/include_paths.ts";
import type { Occurrence } from "../../idl/language/occurrences.ts";
import { outline } from "../../idl/language/outline.ts";
import { rename, unrenamable } from "../../idl/language/rename.ts";
import { definitionOf, nameOf, type Place } from "../../idl/language/symbols.ts";
import type { Module } from "../../idl/model.ts";
import { parse } from "../../idl/parser.ts";
import { type Location, toCompletionItem, toEdits, toMarkdown, toSymbol } from "./answers.ts";
import { codeActionsOf } from "./code_actions.ts";
import { ErrorCode, ResponseError } from "./json_rpc.ts";
import { objectOrNone, type Params, textOf } from "./params.ts";
import { toRange } from "./positions.ts";
import type { Compiled, Project } from "./project.ts";

/** What the client has open. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
}

/** A place the client asked about. */
export interface Asked {
  readonly project: Project;
  readonly compiled: Compiled;
  readonly module: Module;
  readonly offset: number;
}

/** What the answers need of the server. */
export interface FeatureHost {
  /** Folders that includes are looked for in. */
  readonly includeDirs: readonly string[];
  /** The open file that a request names. */
  document(params: Params): { readonly path: string; readonly open: OpenDocument };
  /** The file of a request, in the program of the open files, or in the one of all files. */
  opened(params: Params, signal: AbortSignal, all?: boolean): Promise<Omit<Asked, "offset">>;
  /** The same with the place that a request names. */
  asked(params: Params, signal: AbortSignal, all?: boolean): Promise<Asked>;
  /** A place in the words of the protocol. */
  location(project: Project, place: Place): Location;
  /** The URI of a file by its absolute path, as the client wrote it where it has the file open. */
  uriOf(path: string): string;
}

/** Items of a completion that are sent at once. */
const MAX_ITEMS = 2000;

type Request = (server: FeatureHost, params: Params, signal: AbortSignal) => unknown;

/** The answers, by the names of the requests. */
export const FEATURES: Readonly<Record<string, Request | undefined>> = {
  __proto__: null as never,
  "textDocument/hover": answerHover,
  "textDocument/definition": answerDefinition,
  "textDocument/references": answerReferences,
  "textDocument/documentHighlight": answerHighlight,
  "textDocument/completion": answerComplete,
  "textDocument/documentSymbol": answerSymbols,
  "textDocument/formatting": answerFormat,
  "textDocument/prepareRename": answerPrepareRename,
  "textDocument/codeAction": codeActionsOf,
  "textDocument/rename": answerRename,
};

/** Answers `textDocument/hover`. */
async function answerHover(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const { compiled, module, offset } = await server.asked(params, signal);
  const found = hover(compiled.occurrences, module, offset);
  if (found === undefined) return null;
  return {
    contents: { kind: "markdown", value: toMarkdown(found) },
    range: toRange(module.document.source, found),
  };
}

/** Answers `textDocument/definition`. */
async function answerDefinition(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const asked = await server.asked(params, signal);
  const found = occurrenceAt(asked);
  return found === undefined ? null : server.location(asked.project, definitionOf(found.named));
}

/** Answers `textDocument/references`, from all files of the folder. */
async function answerReferences(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const asked = await server.asked(params, signal, true);
  const found = occurrenceAt(asked);
  if (found === undefined) return [];
  const withDefinition = objectOrNone(params.context, "context").includeDeclaration !== false;
  return [...asked.compiled.occurrences.everywhere(asked.compiled.program, found.named)]
    .filter((each) => withDefinition || !each.defines)
    .map((each) => server.location(asked.project, each));
}

/** Answers `textDocument/documentHighlight`. */
async function answerHighlight(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const asked = await server.asked(params, signal);
  const found = occurrenceAt(asked);
  if (found === undefined) return [];
  return [...asked.compiled.occurrences.everywhere({ modules: [asked.module], mains: [] }, found.named)]
    .map((each) => ({ range: toRange(asked.module.document.source, each), kind: each.defines ? 3 : 2 }));
}

/** Answers `textDocument/completion`. */
async function answerComplete(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const { project, module, offset } = await server.asked(params, signal);
  const completion = complete(module, offset);
  if (completion === undefined) return { isIncomplete: false, items: [] };
  const items = completion.wantsPath
    ? await completePath(completion.typed, module.path, server.includeDirs, (folder) => project.list(folder))
    : completion.items;
  const wanted = items.length <= MAX_ITEMS
    ? items
    : items.filter(({ label }) => label.toLowerCase().includes(completion.typed.toLowerCase()));
  const range = toRange(module.document.source, completion);
  return {
    isIncomplete: items.length > MAX_ITEMS,
    items: wanted.slice(0, MAX_ITEMS).map((item, order) => toCompletionItem(item, range, order)),
  };
}

/** Answers `textDocument/documentSymbol`. */
function answerSymbols(server: FeatureHost, params: Params): unknown {
  const { path, open } = server.document(params);
  const document = parse(path, open.text).value;
  return outline(document).map((entry) => toSymbol(document.source, entry));
}

/** Answers `textDocument/formatting`; a file that cannot be read whole is not touched. */
function answerFormat(server: FeatureHost, params: Params): unknown {
  const { path, open } = server.document(params);
  const { value, diagnostics } = format(path, open.text);
  const broken = diagnostics.find((each) => each.severity === "error");
  if (broken !== undefined) {
    throw new ResponseError(ErrorCode.RequestFailed, `line ${broken.line} has to be mended first: ${broken.message}`);
  }
  return toEdits(open.text, value);
}

/** Answers `textDocument/prepareRename`. */
async function answerPrepareRename(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const asked = await server.asked(params, signal);
  const found = occurrenceAt(asked);
  if (found === undefined) return null;
  const never = unrenamable(found.named);
  if (never !== undefined) throw new ResponseError(ErrorCode.RequestFailed, never);
  return { range: toRange(asked.module.document.source, found), placeholder: nameOf(found.named) };
}

/** Answers `textDocument/rename`, in all files of the folder. */
async function answerRename(server: FeatureHost, params: Params, signal: AbortSignal): Promise<unknown> {
  const asked = await server.asked(params, signal, true);
  const found = occurrenceAt(asked);
  if (found === undefined) throw new ResponseError(ErrorCode.RequestFailed, "there is no name here");
  const newName = textOf(params, "newName");
  const outcome = rename(asked.compiled.program, asked.compiled.occurrences, found.named, newName);
  if ("refused" in outcome) throw new ResponseError(ErrorCode.RequestFailed, outcome.refused);
  const changes: Record<string, unknown[]> = {};
  for (const place of outcome.places) {
    const { uri, range } = server.location(asked.project, place);
    (changes[uri] ??= []).push({ range, newText: newName });
  }
  return { changes };
}

function occurrenceAt({ compiled, module, offset }: Asked): Occurrence | undefined {
  return compiled.occurrences.at(module, offset);
}
