/**
 * The language server: what the protocol asks, answered by `idl/language/`.
 *
 * @module
 */
import type { Place } from "../../idl/language/symbols.ts";
import { folderOf } from "../../idl/paths.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import { CONFIG_FILE } from "../config.ts";
import { VERSION } from "../version.ts";
import { type Location, toDiagnostic } from "./answers.ts";
import { CODE_ACTION_KINDS } from "./code_actions.ts";
import { type Asked, type FeatureHost, FEATURES, type OpenDocument } from "./features.ts";
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
import { deepestRoot, Project } from "./project.ts";
import { toPath, toUri } from "./uris.ts";
import { Watcher } from "./watcher.ts";

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
  codeActionProvider: { codeActionKinds: CODE_ACTION_KINDS },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

/** The state of one conversation. */
export class LanguageServer implements Handlers, FeatureHost {
  /** Folders that includes are looked for in. */
  includeDirs: readonly string[];
  /** The exit code, once the client has ended the conversation. */
  exitCode: number | undefined;
  readonly #platform: Platform;
  readonly #peer: () => RpcPeer;
  readonly #watcher: Watcher;
  readonly #open = new Map<string, OpenDocument>();
  /** Documents without a path, by URI: they cannot be included, and not be checked with what they include. */
  readonly #unsaved = new Map<string, OpenDocument>();
  readonly #projects = new Map<string, Project>();
  readonly #published = new Map<string, string>();
  readonly #givenDirs: readonly string[];
  #roots: Set<string> = new Set();
  #phase: "new" | "running" | "shut down" = "new";
  #watches = false;
  #stale = false;

  /** Answers through `peer`, which is asked for when there is something to send. */
  constructor(platform: Platform, includeDirs: readonly string[], peer: () => RpcPeer) {
    this.#platform = platform;
    this.#peer = peer;
    this.#givenDirs = includeDirs;
    this.includeDirs = includeDirs;
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
    if (method === "shutdown") return this.#shutdown();
    const request = Object.hasOwn(FEATURES, method) ? FEATURES[method] : undefined;
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
        return this.#edit(uri, version, applyChanges(this.document(given).open.text, changesOf(given)));
      }
      case "textDocument/didClose": {
        const uri = documentOf(given);
        const path = toPath(uri);
        if (path === undefined) this.#unsaved.delete(uri);
        else if (this.#open.delete(path)) this.#changed();
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
    const watchers = [{ globPattern: "**/*.thrift" }, { globPattern: `**/${CONFIG_FILE}` }];
    const method = "workspace/didChangeWatchedFiles";
    // without an answer worth waiting for: a client that cannot do it has said so
    void this.#peer().request("client/registerCapability", {
      registrations: [{ id: "updraft-files", method, registerOptions: { watchers } }],
    });
  }

  #configure(settings: Params): void {
    this.includeDirs = [...this.#givenDirs, ...textsOf(settings, "includeDirs")];
    this.#changed();
  }

  /** Nothing but `exit` is taken from now on. */
  #shutdown(): null {
    this.#phase = "shut down";
    return null;
  }

  #edit(uri: string, version: unknown, text: string): void {
    const path = toPath(uri);
    const document = { uri, version: typeof version === "number" ? version : 0, text };
    if (path === undefined) return void this.#unsaved.set(uri, document);
    this.#open.set(path, document);
    this.#changed();
  }

  #changed(): void {
    this.#stale = true;
    for (const project of this.#projects.values()) project.changed();
  }

  #projectOf(path: string): Project {
    const root = deepestRoot(this.#roots, path) ?? folderOf(path);
    let project = this.#projects.get(root);
    if (project === undefined) {
      this.#projects.set(
        root,
        project = new Project(root, this.#platform.files, this.#open, (text) => this.log(text)),
      );
    }
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
    const seen = new Map<string, number | null>();
    for (const [project, mains] of this.#openByProject()) {
      const compiled = await project.openFiles(mains, this.includeDirs);
      for (const [path, mtimeMs] of compiled.seen) {
        if (!this.#watches || deepestRoot(this.#roots, path) === undefined) seen.set(path, mtimeMs);
      }
      for (const path of mains) if (!found.has(path)) found.set(path, []);
      const uriOf = (file: string): string => this.uriOf(project.absolute(file));
      for (const diagnostic of compiled.diagnostics) {
        const path = project.absolute(diagnostic.file);
        const list = found.get(path);
        const item = toDiagnostic(diagnostic, uriOf);
        if (list === undefined) found.set(path, [item]);
        else list.push(item);
      }
    }
    await this.#watcher.watch(seen);
    for (const [path, diagnostics] of found) this.#publishFile(path, diagnostics);
    for (const path of [...this.#published.keys()]) if (!found.has(path)) this.#publishFile(path, []);
  }

  #publishFile(path: string, diagnostics: readonly unknown[]): void {
    const open = this.#open.get(path);
    const params = {
      uri: this.uriOf(path),
      diagnostics,
      ...(open === undefined ? {} : { version: open.version }),
    };
    const text = JSON.stringify(params);
    if (this.#published.get(path) === text) return;
    if (diagnostics.length === 0 && open === undefined) this.#published.delete(path);
    else this.#published.set(path, text);
    this.#peer().notify("textDocument/publishDiagnostics", params);
  }

  /** The URI of a path, as the client wrote it where it has the file open. */
  uriOf(path: string): string {
    return this.#open.get(path)?.uri ?? toUri(path);
  }

  /** The open file that a request names; the path of one that is not saved is its URI. */
  document(params: Params): { readonly path: string; readonly open: OpenDocument } {
    const uri = documentOf(params);
    const path = toPath(uri);
    const open = path === undefined ? this.#unsaved.get(uri) : this.#open.get(path);
    if (open === undefined) throw new ResponseError(ErrorCode.InvalidParams, `${uri} is not open`);
    return { path: path ?? uri, open };
  }

  /** The file of a request, in the program of the open files, or in the one of all files. */
  async opened(params: Params, signal: AbortSignal, all = false): Promise<Omit<Asked, "offset">> {
    const { path, open } = this.document(params);
    if (this.#unsaved.get(path) === open) {
      throw new ResponseError(ErrorCode.RequestFailed, `save ${path} first: includes are relative to a file`);
    }
    const project = this.#projectOf(path);
    const mains = this.#openByProject().get(project) ?? [path];
    const compiled = all
      ? await project.everything(mains, this.includeDirs, signal).catch(failed)
      : await project.openFiles(mains, this.includeDirs);
    signal.throwIfAborted();
    const module = project.moduleOf(compiled, path);
    if (module === undefined) throw new ResponseError(ErrorCode.RequestFailed, `${path} could not be read`);
    return { project, compiled, module };
  }

  /** The same with the place that a request names. */
  async asked(params: Params, signal: AbortSignal, all = false): Promise<Asked> {
    const position = positionOf(params.position);
    const file = await this.opened(params, signal, all);
    return { ...file, offset: toOffset(file.module.document.source, position) };
  }

  /** A place in the words of the protocol. */
  location(project: Project, place: Place): Location {
    return {
      uri: this.uriOf(project.absolute(place.module.path)),
      range: toRange(place.module.document.source, place),
    };
  }
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
