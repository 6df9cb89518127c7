/**
 * `updraft lsp` as a process on this runtime, driven by the client library that VS Code uses.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ChildProcess, spawn } from "node:child_process";
import {
  createProtocolConnection,
  type ProtocolConnection,
  TextDocument,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import type { Platform } from "../../../lib/platform.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { toUri } from "../../../cli/lsp/uris.ts";
import { ROOT } from "../../run_program.ts";

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly { readonly code: string; readonly range: { readonly start: unknown } }[];
}

interface Action {
  readonly title: string;
  readonly kind: string;
  readonly isPreferred?: boolean;
  readonly diagnostics?: readonly { readonly code: string }[];
  readonly edit: { readonly changes: Readonly<Record<string, unknown>> };
}

/** A server, its client, and a folder with files. */
class Session {
  readonly connection: ProtocolConnection;
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #platform: Platform;
  readonly #published = new Map<string, Published>();
  #heard: (() => void)[] = [];
  #stderr = "";

  static async start(files: Record<string, string>, args: readonly string[] = []): Promise<Session> {
    const platform = await autoPlatform();
    const folder = await platform.files.realPath(await platform.files.makeTempDir("updraft-lsp-"));
    const unlinted = { "updraft.json": '{ "lint": { "extends": "none" } }' };
    for (const [path, text] of Object.entries({ ...unlinted, ...files })) {
      if (path.includes("/")) await platform.files.makeDir(`${folder}/${path.slice(0, path.lastIndexOf("/"))}`);
      await platform.files.write(`${folder}/${path}`, text);
    }
    return new Session(platform, folder, args);
  }

  constructor(platform: Platform, folder: string, args: readonly string[]) {
    this.#platform = platform;
    this.folder = folder;
    this.#child = spawnServer(platform, args);
    this.#child.stderr?.on("data", (chunk) => this.#stderr += String(chunk));
    this.connection = createProtocolConnection(this.#child.stdout!, this.#child.stdin!);
    this.connection.onNotification("textDocument/publishDiagnostics", (params: Published) => {
      this.#published.set(params.uri, params);
      for (const heard of this.#heard.splice(0)) heard();
    });
    this.connection.onRequest("client/registerCapability", () => null);
    this.connection.listen();
  }

  async initialize(capabilities: unknown = {}): Promise<{ capabilities: Record<string, unknown> }> {
    const rootUri = toUri(this.folder);
    const result = await this.connection.sendRequest("initialize", { processId: null, rootUri, capabilities });
    await this.connection.sendNotification("initialized", {});
    return result as { capabilities: Record<string, unknown> };
  }

  uri(path: string): string {
    return toUri(`${this.folder}/${path}`);
  }

  async open(path: string): Promise<string> {
    const text = await this.#platform.files.readText(`${this.folder}/${path}`);
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri: this.uri(path), languageId: "thrift", version: 1, text },
    });
    return text;
  }

  write(path: string, text: string): Promise<void> {
    return this.#platform.files.write(`${this.folder}/${path}`, text);
  }

  remove(path: string): Promise<void> {
    return this.#platform.files.remove(`${this.folder}/${path}`);
  }

  /** Resolves when the codes that were published last for a file are these. */
  async codes(path: string, expected: readonly string[]): Promise<void> {
    for (;;) {
      const codes = this.#published.get(this.uri(path))?.diagnostics.map((each) => each.code);
      if (codes !== undefined && JSON.stringify(codes) === JSON.stringify(expected)) return;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  /** Resolves when a diagnostic with that code was published last for a file. */
  async finds(path: string, code: string): Promise<void> {
    while (this.#published.get(this.uri(path))?.diagnostics.some((each) => each.code === code) !== true) {
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  async ask<T>(method: string, path: string, line: number, character: number, more: object = {}): Promise<T> {
    return await this.connection.sendRequest(`textDocument/${method}`, {
      textDocument: { uri: this.uri(path) },
      position: { line, character },
      ...more,
    });
  }

  /** Ends the server as an editor does; gives its exit code. */
  async end(): Promise<number | null> {
    const exited = exitOf(this.#child);
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await exited;
    this.connection.dispose();
    await this.#platform.files.remove(this.folder);
    assertEquals(this.#stderr, "");
    return code;
  }
}

function spawnServer(platform: Platform, args: readonly string[] = []): ChildProcess {
  const flags = { deno: ["run", "-A", "--no-check"], bun: [], node: ["--import", "tsx"] }[platform.name];
  return spawn(platform.execPath, [...flags, `${ROOT}/cli/main.ts`, "lsp", ...args], { cwd: ROOT });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on("exit", resolve));
}

const FILES = {
  "idl/base.thrift": "/** Colors. */\nenum Color { RED = 1 }\nstruct Shared { 1: i64 id }\n",
  "idl/main.thrift": 'include "base.thrift"\n\nstruct A {\n  1: base.Shared s\n  2: base.Color c = base.Color.RED\n}\n',
  "other.thrift": 'include "idl/base.thrift"\nconst base.Color C = base.Color.RED\n',
};

describe("updraft lsp", () => {
  it("answers what an editor asks, across files, open or not", async () => {
    const session = await Session.start(FILES);
    const { capabilities } = await session.initialize();
    assertEquals(capabilities.positionEncoding, "utf-16");
    await session.open("idl/main.thrift");
    await session.codes("idl/main.thrift", []);
    const place = { uri: session.uri("idl/base.thrift"), range: range(1, 5, 1, 10) };
    assertEquals(await session.ask("definition", "idl/main.thrift", 4, 12), place);
    const shown = await session.ask<{ contents: { value: string } }>("hover", "idl/main.thrift", 4, 12);
    assertStringIncludes(shown.contents.value, "Colors.");
    const references = await session.ask<{ uri: string }[]>("references", "idl/main.thrift", 4, 12, {
      context: { includeDeclaration: false },
    });
    assertEquals(references.map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1)).sort(), [
      "main.thrift",
      "main.thrift",
      "other.thrift",
      "other.thrift",
    ]);
    const { items } = await session.ask<{ items: { label: string }[] }>("completion", "idl/main.thrift", 4, 10);
    assert(items.some(({ label }) => label === "base.Shared"));
    const symbols = await session.ask<{ name: string; children: unknown[] }[]>(
      "documentSymbol",
      "idl/main.thrift",
      0,
      0,
    );
    assertEquals(symbols.map(({ name, children }) => [name, children.length]), [["A", 2]]);
    const prepared = await session.ask("prepareRename", "idl/main.thrift", 4, 12);
    assertEquals(prepared, { range: range(4, 10, 4, 15), placeholder: "Color" });
    const { changes } = await session.ask<{ changes: Record<string, unknown[]> }>("rename", "idl/main.thrift", 4, 12, {
      newName: "Hue",
    });
    assertEquals(Object.entries(changes).map(([uri, edits]) => [uri, edits.length]).sort(), [
      [session.uri("idl/base.thrift"), 1],
      [session.uri("idl/main.thrift"), 2],
      [session.uri("other.thrift"), 2],
    ]);
    const refused = await session.ask("rename", "idl/main.thrift", 4, 12, { newName: "Shared" }).catch((e: Error) => e);
    assertStringIncludes((refused as Error).message, "Shared is defined twice");
    assertEquals(await session.end(), 0);
  });

  it("follows edits of any range, formats, and completes paths", async () => {
    const session = await Session.start(FILES);
    await session.initialize();
    await session.open("idl/main.thrift");
    await session.codes("idl/main.thrift", []);
    const change = (version: number, contentChanges: unknown[]): Promise<void> =>
      session.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri: session.uri("idl/main.thrift"), version },
        contentChanges,
      });
    await change(2, [{ range: range(3, 5, 3, 16), text: "Sharet" }, { range: range(1, 0, 1, 0), text: "// 😀\r\n" }]);
    await session.codes("idl/main.thrift", ["UT3002"]);
    await change(3, [{ range: range(4, 5, 4, 11), text: "base.Shared" }]);
    await session.codes("idl/main.thrift", []);
    await change(4, [{ text: "struct   A{1:i32   a}" }]);
    await session.codes("idl/main.thrift", []);
    const edits = await session.ask<{ newText: string }[]>("formatting", "idl/main.thrift", 0, 0, {
      options: { tabSize: 2, insertSpaces: true },
    });
    assert(edits.length === 1);
    await change(5, [{ text: 'include "ba"' }]);
    const { items } = await session.ask<{ items: { label: string }[] }>("completion", "idl/main.thrift", 0, 11);
    assertEquals(items.map(({ label }) => label), ["idl/", "other.thrift", "base.thrift"]);
    assertEquals(await session.end(), 0);
  });

  it("sees changes of included files, in the editor and on disk, and clears what is closed", async () => {
    const session = await Session.start(FILES, ["--stdio"]);
    await session.initialize();
    await session.open("idl/main.thrift");
    await session.codes("idl/main.thrift", []);
    await session.write("idl/base.thrift", "enum Color { RED = 1 }\n");
    await session.codes("idl/main.thrift", ["UT3002"]);
    await session.open("idl/base.thrift");
    await session.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: session.uri("idl/base.thrift"), version: 2 },
      contentChanges: [{ text: FILES["idl/base.thrift"] }],
    });
    await session.codes("idl/main.thrift", []);
    await session.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: session.uri("idl/base.thrift"), version: 3 },
      contentChanges: [{ text: "enum { nonsense" }],
    });
    await session.codes("idl/main.thrift", ["UT2004", "UT3002", "UT3002"]);
    for (const path of ["idl/base.thrift", "idl/main.thrift"]) {
      await session.connection.sendNotification("textDocument/didClose", { textDocument: { uri: session.uri(path) } });
    }
    await session.codes("idl/main.thrift", []);
    assertEquals(await session.end(), 0);
  });

  it("sees included files come and go, and another configuration", async () => {
    const session = await Session.start({ "main.thrift": 'include "new.thrift"\nstruct A {\n  1: new.B b\n}\n' });
    await session.initialize();
    await session.open("main.thrift");
    await session.codes("main.thrift", ["UT2001", "UT3002"]);
    await session.write("new.thrift", "struct B {}\n");
    await session.codes("main.thrift", []);
    await session.remove("new.thrift");
    await session.codes("main.thrift", ["UT2001", "UT3002"]);
    await session.write("new.thrift", "struct B {}\n");
    await session.codes("main.thrift", []);
    await session.write("updraft.json", '{ "lint": { "extends": "none", "rules": { "namespace-missing": "warn" } } }');
    await session.codes("main.thrift", ["UL5001"]);
    await session.write("updraft.json", "{");
    await session.codes("main.thrift", []);
    await session.remove("updraft.json");
    await session.codes("main.thrift", ["UL5001"]);
    assertEquals(await session.end(), 0);
  });

  it("searches files as they are on disk, which nobody watches", async () => {
    const session = await Session.start(FILES);
    await session.initialize();
    await session.open("idl/base.thrift");
    await session.codes("idl/base.thrift", []);
    const files = async (): Promise<string[]> => {
      const more = { context: { includeDeclaration: false } };
      const found = await session.ask<{ uri: string }[]>("references", "idl/base.thrift", 1, 6, more);
      return found.map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1)).sort();
    };
    const before = ["main.thrift", "main.thrift", "other.thrift", "other.thrift"];
    assertEquals(await files(), before);
    await session.write("other.thrift", 'include "idl/base.thrift"\n\nstruct Other { 1: base.Color c }\n');
    assertEquals(await files(), before.slice(0, 3));
    await session.write("more.thrift", 'include "idl/base.thrift"\nstruct More { 1: base.Color c }\n');
    assertEquals(await files(), ["main.thrift", "main.thrift", "more.thrift", "other.thrift"]);
    await session.remove("more.thrift");
    assertEquals(await files(), before.slice(0, 3));
    assertEquals(await session.end(), 0);
  });

  it("tells what lint rules find, and offers what mends it", async () => {
    const session = await Session.start({
      "a.thrift": 'namespace go x\ninclude "b.thrift"\nstruct Acount { 1: i32 a }\nstruct B { 1: Account a }\n',
      "b.thrift": "struct C {}\n",
      "updraft.json": '{ "lint": { "extends": "none", "rules": { "doc-missing": "warn" } } }',
    });
    await session.initialize();
    const text = await session.open("a.thrift");
    await session.codes("a.thrift", ["UT2004", "UT3002"]);
    const range = { start: { line: 3, character: 16 }, end: { line: 3, character: 16 } };
    const actions = (from: typeof range, only?: string[]) =>
      session.ask<Action[]>("codeAction", "a.thrift", 0, 0, { range: from, context: { diagnostics: [], only } });
    const [meant] = await actions(range);
    assertEquals([meant?.title, meant?.kind, meant?.isPreferred], ["Change to Acount", "quickfix", true]);
    assertEquals(meant?.diagnostics?.[0]?.code, "UT3002");
    assertEquals(meant?.edit.changes[session.uri("a.thrift")], [{
      range: { start: { line: 3, character: 14 }, end: { line: 3, character: 21 } },
      newText: "Acount",
    }]);
    const mended = text.replace("1: Account", "1: Acount");
    await session.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: session.uri("a.thrift"), version: 2 },
      contentChanges: [{ text: mended }],
    });
    await session.codes("a.thrift", ["UT2004", "UL6001", "UL6001"]);
    const [organised] = await actions({ start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, ["source"]);
    assertEquals(organised?.kind, "source.organizeImports");
    assertEquals(organised?.edit.changes[session.uri("a.thrift")], [{
      range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } },
      newText: "",
    }]);
    const [ignored] = await actions({ start: { line: 2, character: 8 }, end: { line: 2, character: 8 } });
    assertEquals(ignored?.title, "Ignore doc-missing here");
    assertEquals(await session.end(), 0);
  });

  it("mends all that rules can in one edit, when an editor asks for source.fixAll", async () => {
    const text = "namespace go x\r\n// ünï 🎉\r\nenum Kind {\r\n  NONE = 0\r\n  SOME\r\n  MORE\r\n}\r\n" +
      "struct A { byte a, i32 b }\r\nservice S { async void f(1: A a) }\r\n";
    const session = await Session.start({
      "a.thrift": text,
      "updraft.json":
        '{ "lint": { "extends": "none", "rules": { "enum-value-missing": "warn", "field-id-missing": "warn", "deprecated-syntax": "warn" } } }',
    });
    await session.initialize();
    await session.open("a.thrift");
    await session.finds("a.thrift", "UL3002");
    const everywhere = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const asked = async (only?: string[]): Promise<Action[]> =>
      await session.ask<Action[]>("codeAction", "a.thrift", 0, 0, {
        range: everywhere,
        context: { diagnostics: [], only },
      });
    const menu = await asked();
    assertEquals(menu.filter(({ kind }) => kind !== "quickfix"), []);
    assertEquals(await asked(["source.organizeImports"]), []);
    const [all, ...others] = await asked(["source.fixAll"]);
    assertEquals([all?.kind, others.length], ["source.fixAll", 0]);
    const [uri] = Object.keys(all!.edit.changes);
    assertEquals(uri, session.uri("a.thrift"));
    const document = TextDocument.create("", "", 1, text);
    const mended = TextDocument.applyEdits(document, all!.edit.changes[uri!] as TextEdit[]);
    const lines = ["namespace go x", "// ünï 🎉", "enum Kind {", "  NONE = 0", "  SOME = 1", "  MORE = 2", "}"];
    assertEquals(mended.split("\r\n"), [
      ...lines,
      "struct A { 1: i8 a, 2: i32 b }",
      "service S { oneway void f(1: A a) }",
      "",
    ]);
    await session.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: session.uri("a.thrift"), version: 2 },
      contentChanges: [{ text: mended }],
    });
    await session.codes("a.thrift", []);
    assertEquals(await asked(["source.fixAll"]), []);
    assertEquals(await session.end(), 0);
  });

  it("formats and outlines what is not saved anywhere", async () => {
    const session = await Session.start(FILES);
    await session.initialize();
    const { connection } = session;
    const textDocument = { uri: "untitled:Untitled-1" };
    const document = { ...textDocument, languageId: "thrift", version: 1, text: "struct A {}" };
    await connection.sendNotification("textDocument/didOpen", { textDocument: document });
    await connection.sendNotification("textDocument/didChange", {
      textDocument: { ...textDocument, version: 2 },
      contentChanges: [{ range: range(0, 7, 0, 8), text: "  B" }],
    });
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await connection.sendRequest<unknown[]>("textDocument/formatting", { textDocument, options });
    assertEquals(edits.length, 1);
    const symbols = await connection.sendRequest<{ name: string }[]>("textDocument/documentSymbol", { textDocument });
    assertEquals(symbols.map(({ name }) => name), ["B"]);
    const position = { line: 0, character: 9 };
    const hover = await connection.sendRequest("textDocument/hover", { textDocument, position }).catch((e: Error) => e);
    assertEquals((hover as Error).message, "save untitled:Untitled-1 first: includes are relative to a file");
    await connection.sendNotification("textDocument/didClose", { textDocument });
    const closed = await connection.sendRequest("textDocument/formatting", { textDocument, options }).catch((
      e: Error,
    ) => e);
    assertEquals((closed as Error).message, "untitled:Untitled-1 is not open");
    assertEquals(await session.end(), 0);
  });

  it("takes cancelled, unknown and wrong requests for what they are", async () => {
    const session = await Session.start(FILES);
    const early = await session.connection.sendRequest("textDocument/hover", {}).catch((e: { code: number }) => e.code);
    assertEquals(early, -32002);
    await session.initialize();
    await session.open("idl/main.thrift");
    const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(() => "answered", (e: { code: number }) => e.code);
    assertEquals(await codeOf(session.connection.sendRequest("textDocument/frobnicate", {})), -32601);
    assertEquals(await codeOf(session.connection.sendRequest("__proto__", {})), -32601);
    assertEquals(await codeOf(session.connection.sendRequest("textDocument/hover", { textDocument: 7 })), -32602);
    assertEquals(await codeOf(session.ask("hover", "nowhere.thrift", 0, 0)), -32602);
    assertEquals(await codeOf(session.ask("hover", "idl/main.thrift", -1, 0)), -32602);
    assertEquals(await session.ask("hover", "idl/main.thrift", 999, 999), null);
    assertEquals(await session.end(), 0);
  });

  it("survives garbage, and ends with 1 when the editor goes away", async () => {
    const platform = await autoPlatform();
    const child = spawnServer(platform);
    const exited = exitOf(child);
    let output = "";
    child.stdout!.on("data", (chunk) => output += String(chunk));
    const cancelled = '{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{}}';
    const bodies = [
      "{nonsense",
      "[]",
      "7",
      '{"jsonrpc":"2.0","id":{},"method":"x"}',
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"rootUri":null,"capabilities":{}}}',
      cancelled,
      '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}',
      '{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x"}}}',
      '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":[]}',
      `{"deep":${"[".repeat(100_000)}`,
    ];
    child.stdin!.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n\0\0\0Content-Length: 99999999999\r\n\r\nabc".slice(0, 30));
    child.stdin!.end(bodies.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`).join(""));
    assertEquals(await exited, 1);
    assertStringIncludes(output, '"serverInfo":{"name":"updraft"');
    assertStringIncludes(output, '{"jsonrpc":"2.0","id":2,"error":{"code":-32800,"message":"cancelled"}}');
    assertStringIncludes(output, "-32700");
    assertStringIncludes(output, "-32600");
  });
});

function range(startLine: number, start: number, endLine: number, end: number): {
  start: { line: number; character: number };
  end: { line: number; character: number };
} {
  return { start: { line: startLine, character: start }, end: { line: endLine, character: end } };
}
