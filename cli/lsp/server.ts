/**
 * The language server: what the protocol asks, answered by `idl/language/`.
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
import { folderOf } from "../../idl/paths.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { VERSION } from "../version.ts";
import { type Location, toCompletionItem, toDiagnostic, toEdits, toMarkdown, toSymbol } from "./answers.ts";
import { ErrorCode, type Handlers, ResponseError, type RpcPeer } from "./json_rpc.ts";
import {
  changesOf,
  documentOf,
  listOf,
  objectOf,
  objectOrNone,
  type Params,
  positionOf,
  textOf,
  textsOf,
} from "./params.ts";
import { applyChanges, toOffset, toRange } from "./positions.ts";
import { type Compiled, deepestRoot, Project } from "./project.ts";
import { toPath, toUri } from "./uris.ts";
import { Watcher } from "./watcher.ts";

/** What the client has open. */
interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
}

/** A place the client asked about. */
interface Asked {
  readonly project: Project;
  readonly compiled: Compiled;
  readonly module: Module;
  readonly offset: number;
}

/** Items of a completion that are sent at once. */
const MAX_ITEMS = 2000;

const CAPABILITIES = {
  positionEncoding: "utf-16",
  textDocumentSync: { openClose: true, change: 2, save: true },
  completionProvider: { triggerCharacters: [".", '"', "'", "/", "<", "(", "="] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  documentSymbolProvider: true,
  documentFormattingProvider: true,
  renameProvider: { prepareProvider: true },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

/** The state of one conversation. */
export class LanguageServer implements Handlers {
  /** The exit code, once the client has ended the conversation. */
  exitCode: number | undefined;
  readonly #platform: Platform;
  readonly #peer: () => RpcPeer;
  readonly #watcher: Watcher;
  readonly #open = new Map<string, OpenDocument>();
  readonly #projects = new Map<string, Project>();
  readonly #published = new Map<string, string>();
  readonly #givenDirs: readonly string[];
  #includeDirs: readonly string[];
  #roots: Set<string> = new Set();
  #phase: "new" | "running" | "shut down" = "new";
  #watches = false;
  #stale = false;

  /** Answers through `peer`, which is asked for when there is something to send. */
  constructor(platform: Platform, includeDirs: readonly string[], peer: () => RpcPeer) {
    this.#platform = platform;
    this.#peer = peer;
    this.#givenDirs = includeDirs;
    this.#includeDirs = includeDirs;
    this.#watcher = new Watcher(platform.files, () => {
      this.#changed();
      peer().poke();
    });
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#watcher.close();
  }

  /** Writes to the editor's log. */
  log(message: string): void {
    this.#peer().notify("window/logMessage", { type: 2, message });
  }

  /** Answers a request. */
  request(method: string, params: unknown, signal: AbortSignal): unknown {
    if (method === "initialize") return this.#initialize(objectOrNone(params, "params"));
    if (this.#phase === "new") throw new ResponseError(ErrorCode.ServerNotInitialized, "send initialize first");
    if (this.#phase === "shut down") throw new ResponseError(ErrorCode.InvalidRequest, "the server is shut down");
    const request = REQUESTS[method];
    if (request === undefined) throw new ResponseError(ErrorCode.MethodNotFound, `there is no ${method}`);
    return request(this, objectOrNone(params, "params"), signal);
  }

  /** Takes a notification; one that is not known is ignored. */
  notify(method: string, params: unknown): void {
    if (method === "exit") {
      this.exitCode = this.#phase === "shut down" ? 0 : 1;
      return this.#peer().end();
    }
    if (this.#phase !== "running") return;
    const given = objectOrNone(params, "params");
    switch (method) {
      case "initialized":
        return this.#initialized();
      case "textDocument/didOpen": {
        const document = objectOf(given.textDocument, "textDocument");
        return this.#edit(textOf(document, "uri"), document.version, textOf(document, "text"));
      }
      case "textDocument/didChange": {
        const { version } = objectOf(given.textDocument, "textDocument");
        const uri = documentOf(given);
        const path = toPath(uri);
        const known = path === undefined ? undefined : this.#open.get(path);
        if (known === undefined) throw new ResponseError(ErrorCode.InvalidParams, `${uri} is not open`);
        return this.#edit(uri, version, applyChanges(known.text, changesOf(given)));
      }
      case "textDocument/didClose": {
        const path = toPath(documentOf(given));
        if (path !== undefined && this.#open.delete(path)) this.#changed();
        return;
      }
      case "textDocument/didSave":
      case "workspace/didChangeWatchedFiles":
        return this.#changed();
      case "workspace/didChangeConfiguration":
        return this.#configure(objectOrNone(objectOrNone(given.settings, "settings").updraft, "settings.updraft"));
      case "workspace/didChangeWorkspaceFolders": {
        const event = objectOf(given.event, "event");
        for (const root of foldersOf(event, "removed")) this.#roots.delete(root);
        for (const root of foldersOf(event, "added")) this.#roots.add(root);
        return this.#changed();
      }
    }
  }

  /** Checks what has changed, once nothing else is to be done. */
  async idle(): Promise<void> {
    if (!this.#stale || this.#phase !== "running") return;
    this.#stale = false;
    try {
      await this.#publish();
    } catch (reason) {
      this.log(`checking failed: ${reason instanceof Error ? reason.stack ?? reason.message : String(reason)}`);
    }
  }

  #initialize(params: Params): unknown {
    if (this.#phase !== "new") throw new ResponseError(ErrorCode.InvalidRequest, "initialize was sent already");
    const folders = foldersOf(params, "workspaceFolders");
    const root = typeof params.rootUri === "string" ? toPath(params.rootUri) : undefined;
    this.#roots = new Set(folders.length > 0 ? folders : root === undefined ? [] : [root]);
    const workspace = objectOrNone(objectOrNone(params.capabilities, "capabilities").workspace, "workspace");
    this.#watches = objectOrNone(workspace.didChangeWatchedFiles, "didChangeWatchedFiles").dynamicRegistration === true;
    this.#configure(objectOrNone(params.initializationOptions, "initializationOptions"));
    this.#phase = "running";
    return { capabilities: CAPABILITIES, serverInfo: { name: "updraft", version: VERSION } };
  }

  #initialized(): void {
    if (!this.#watches) return;
    const watchers = [{ globPattern: "**/*.thrift" }];
    const method = "workspace/didChangeWatchedFiles";
    // without an answer worth waiting for: a client that cannot do it has said so
    void this.#peer().request("client/registerCapability", {
      registrations: [{ id: "updraft-files", method, registerOptions: { watchers } }],
    });
  }

  #configure(settings: Params): void {
    this.#includeDirs = [...this.#givenDirs, ...textsOf(settings, "includeDirs")];
    this.#changed();
  }

  /** Answers `shutdown`: nothing but `exit` is taken from now on. */
  shutdown(): null {
    this.#phase = "shut down";
    return null;
  }

  #edit(uri: string, version: unknown, text: string): void {
    const path = toPath(uri);
    // an unsaved document has no path, so it cannot be included, and not be checked with what it includes
    if (path === undefined) return;
    this.#open.set(path, { uri, version: typeof version === "number" ? version : 0, text });
    this.#changed();
  }

  #changed(): void {
    this.#stale = true;
    for (const project of this.#projects.values()) project.changed();
  }

  #projectOf(path: string): Project {
    const root = deepestRoot(this.#roots, path) ?? folderOf(path);
    let project = this.#projects.get(root);
    if (project === undefined) this.#projects.set(root, project = new Project(root, this.#platform.files, this.#open));
    return project;
  }

  /** Open files by project. */
  #openByProject(): Map<Project, string[]> {
    const groups = new Map<Project, string[]>();
    for (const path of this.#open.keys()) {
      const project = this.#projectOf(path);
      const group = groups.get(project);
      if (group === undefined) groups.set(project, [path]);
      else group.push(path);
    }
    for (const [root, project] of this.#projects) if (!groups.has(project)) this.#projects.delete(root);
    return groups;
  }

  async #publish(): Promise<void> {
    const found = new Map<string, unknown[]>();
    const onDisk = new Set<string>();
    for (const [project, mains] of this.#openByProject()) {
      const compiled = await project.openFiles(mains, this.#includeDirs);
      for (const path of compiled.onDisk) {
        if (!this.#watches || deepestRoot(this.#roots, path) === undefined) onDisk.add(path);
      }
      for (const path of mains) if (!found.has(path)) found.set(path, []);
      const uriOf = (file: string): string => this.#uriOf(project.absolute(file));
      for (const diagnostic of compiled.diagnostics) {
        const path = project.absolute(diagnostic.file);
        const list = found.get(path);
        const item = toDiagnostic(diagnostic, uriOf);
        if (list === undefined) found.set(path, [item]);
        else list.push(item);
      }
    }
    this.#watcher.watch(onDisk);
    for (const [path, diagnostics] of found) this.#publishFile(path, diagnostics);
    for (const path of [...this.#published.keys()]) if (!found.has(path)) this.#publishFile(path, []);
  }

  #publishFile(path: string, diagnostics: readonly unknown[]): void {
    const open = this.#open.get(path);
    const params = {
      uri: this.#uriOf(path),
      diagnostics,
      ...(open === undefined ? {} : { version: open.version }),
    };
    const text = JSON.stringify(params);
    if (this.#published.get(path) === text) return;
    if (diagnostics.length === 0 && open === undefined) this.#published.delete(path);
    else this.#published.set(path, text);
    this.#peer().notify("textDocument/publishDiagnostics", params);
  }

  /** As the client wrote it, where it has the file open. */
  #uriOf(path: string): string {
    return this.#open.get(path)?.uri ?? toUri(path);
  }

  #document(params: Params): { readonly path: string; readonly open: OpenDocument } {
    const uri = documentOf(params);
    const path = toPath(uri);
    const open = path === undefined ? undefined : this.#open.get(path);
    if (path === undefined || open === undefined) {
      throw new ResponseError(ErrorCode.InvalidParams, `${uri} is not open`);
    }
    return { path, open };
  }

  /** The place of a request, in the program of the open files, or in the one of all files. */
  async #asked(params: Params, signal: AbortSignal, all = false): Promise<Asked> {
    const { path } = this.#document(params);
    const position = positionOf(params.position);
    const project = this.#projectOf(path);
    const mains = this.#openByProject().get(project) ?? [path];
    const compiled = all
      ? await project.everything(mains, this.#includeDirs, signal).catch(failed)
      : await project.openFiles(mains, this.#includeDirs);
    signal.throwIfAborted();
    const module = project.moduleOf(compiled, path);
    if (module === undefined) throw new ResponseError(ErrorCode.RequestFailed, `${path} could not be read`);
    return { project, compiled, module, offset: toOffset(module.document.source, position) };
  }

  #location(project: Project, place: Place): Location {
    return {
      uri: this.#uriOf(project.absolute(place.module.path)),
      range: toRange(place.module.document.source, place),
    };
  }

  /** Answers `textDocument/hover`. */
  async hover(params: Params, signal: AbortSignal): Promise<unknown> {
    const { compiled, module, offset } = await this.#asked(params, signal);
    const found = hover(compiled.occurrences, module, offset);
    if (found === undefined) return null;
    return {
      contents: { kind: "markdown", value: toMarkdown(found) },
      range: toRange(module.document.source, found),
    };
  }

  /** Answers `textDocument/definition`. */
  async definition(params: Params, signal: AbortSignal): Promise<unknown> {
    const asked = await this.#asked(params, signal);
    const found = occurrenceAt(asked);
    return found === undefined ? null : this.#location(asked.project, definitionOf(found.named));
  }

  /** Answers `textDocument/references`, from all files of the folder. */
  async references(params: Params, signal: AbortSignal): Promise<unknown> {
    const asked = await this.#asked(params, signal, true);
    const found = occurrenceAt(asked);
    if (found === undefined) return [];
    const withDefinition = objectOrNone(params.context, "context").includeDeclaration !== false;
    return [...asked.compiled.occurrences.everywhere(asked.compiled.program, found.named)]
      .filter((each) => withDefinition || !each.defines)
      .map((each) => this.#location(asked.project, each));
  }

  /** Answers `textDocument/documentHighlight`. */
  async highlight(params: Params, signal: AbortSignal): Promise<unknown> {
    const asked = await this.#asked(params, signal);
    const found = occurrenceAt(asked);
    if (found === undefined) return [];
    return [...asked.compiled.occurrences.everywhere({ modules: [asked.module], mains: [] }, found.named)]
      .map((each) => ({ range: toRange(asked.module.document.source, each), kind: each.defines ? 3 : 2 }));
  }

  /** Answers `textDocument/completion`. */
  async complete(params: Params, signal: AbortSignal): Promise<unknown> {
    const { project, module, offset } = await this.#asked(params, signal);
    const completion = complete(module, offset);
    if (completion === undefined) return { isIncomplete: false, items: [] };
    const items = completion.wantsPath
      ? await completePath(completion.typed, module.path, this.#includeDirs, (folder) => project.list(folder))
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
  symbols(params: Params): unknown {
    const { path, open } = this.#document(params);
    const document = parse(path, open.text).value;
    return outline(document).map((entry) => toSymbol(document.source, entry));
  }

  /** Answers `textDocument/formatting`; a file that cannot be read whole is not touched. */
  format(params: Params): unknown {
    const { path, open } = this.#document(params);
    const { value, diagnostics } = format(path, open.text);
    const broken = diagnostics.find((each) => each.severity === "error");
    if (broken !== undefined) {
      throw new ResponseError(ErrorCode.RequestFailed, `line ${broken.line} has to be mended first: ${broken.message}`);
    }
    return toEdits(open.text, value);
  }

  /** Answers `textDocument/prepareRename`. */
  async prepareRename(params: Params, signal: AbortSignal): Promise<unknown> {
    const asked = await this.#asked(params, signal);
    const found = occurrenceAt(asked);
    if (found === undefined) return null;
    const never = unrenamable(found.named);
    if (never !== undefined) throw new ResponseError(ErrorCode.RequestFailed, never);
    return { range: toRange(asked.module.document.source, found), placeholder: nameOf(found.named) };
  }

  /** Answers `textDocument/rename`, in all files of the folder. */
  async rename(params: Params, signal: AbortSignal): Promise<unknown> {
    const asked = await this.#asked(params, signal, true);
    const found = occurrenceAt(asked);
    if (found === undefined) throw new ResponseError(ErrorCode.RequestFailed, "there is no name here");
    const newName = textOf(params, "newName");
    const outcome = rename(asked.compiled.program, asked.compiled.occurrences, found.named, newName);
    if ("refused" in outcome) throw new ResponseError(ErrorCode.RequestFailed, outcome.refused);
    const changes: Record<string, unknown[]> = {};
    for (const place of outcome.places) {
      const { uri, range } = this.#location(asked.project, place);
      (changes[uri] ??= []).push({ range, newText: newName });
    }
    return { changes };
  }
}

type Request = (server: LanguageServer, params: Params, signal: AbortSignal) => unknown;

const REQUESTS: Readonly<Record<string, Request | undefined>> = {
  __proto__: null as never,
  "shutdown": (server) => server.shutdown(),
  "textDocument/hover": (server, params, signal) => server.hover(params, signal),
  "textDocument/definition": (server, params, signal) => server.definition(params, signal),
  "textDocument/references": (server, params, signal) => server.references(params, signal),
  "textDocument/documentHighlight": (server, params, signal) => server.highlight(params, signal),
  "textDocument/completion": (server, params, signal) => server.complete(params, signal),
  "textDocument/documentSymbol": (server, params) => server.symbols(params),
  "textDocument/formatting": (server, params) => server.format(params),
  "textDocument/prepareRename": (server, params, signal) => server.prepareRename(params, signal),
  "textDocument/rename": (server, params, signal) => server.rename(params, signal),
};

function occurrenceAt({ compiled, module, offset }: Asked): Occurrence | undefined {
  return compiled.occurrences.at(module, offset);
}

/** The paths of folders that the client names. */
function foldersOf(params: Params, name: string): string[] {
  return listOf(params, name).map((folder) => toPath(textOf(objectOf(folder, name), "uri")))
    .filter((path) => path !== undefined);
}

/** A file that cannot be read is told, like any other failure of a request. */
function failed(reason: unknown): never {
  if (reason instanceof RpcError) throw new ResponseError(ErrorCode.RequestFailed, reason.message);
  throw reason;
}
