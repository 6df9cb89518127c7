/**
 * Holds the README and the guides to the truth: what they show is in a program that runs, what they name exists.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { existsSync } from "node:fs";
import { LINT_RULES } from "../../idl/lint/rules.ts";
import { ROOT, runProgram } from "../run_program.ts";
import { type Block, blocksOf, documents, filesIn, propertiesOf, textOf } from "./documents.ts";
import { exampleTexts } from "./idl_tables.ts";

const SNIPPETS = "tests/docs/snippets";
/** Where shown code may come from; all of it runs in tests. */
const SOURCES = [SNIPPETS, `${SNIPPETS}/gen`, "examples", "examples/idl", "examples/plugins"];
/** Blocks of the README that tests/package/readme_test.ts runs in a project of its own. */
const FIRST_SERVICE = /^\/\/ (?:server|client)\.ts\n|^struct HelloRequest/;

/** Options that a guide must name in a table, and the interfaces they are properties of. */
const OPTIONS: readonly (readonly [document: string, name: string, hidden: readonly string[]])[] = [
  ["docs/server.md", "ServerOptions", ["clock"]],
  ["docs/client.md", "ClientOptions", []],
  ["docs/client.md", "CoreOptions", []],
  ["docs/client.md", "ConnectionsOptions", ["clock"]],
  ["docs/client.md", "DirectClientOptions", []],
  ["docs/client.md", "LongPoolOptions", ["type"]],
  ["docs/client.md", "MuxPoolOptions", ["type"]],
  ["docs/client.md", "CallOptions", []],
  ["docs/middleware.md", "CallChange", []],
  ["docs/network_layer.md", "ConnectionOptions", []],
  ["docs/grpc.md", "GrpcOptions", []],
  ["docs/tls.md", "ServerTls", []],
  ["docs/tls.md", "ClientTls", []],
];

describe("documents", () => {
  it("show code that runs in a test, word for word", () => {
    const files = SOURCES.flatMap((folder) => filesIn(folder, /\.(ts|thrift)$/)).map(asShown);
    const sources = [...files, ...LINT_RULES.flatMap(exampleTexts).map(trimmed)];
    const blocks = documents().flatMap(blocksOf).filter(({ language, text }) =>
      (language === "ts" || language === "thrift") && !FIRST_SERVICE.test(text)
    );
    const strays = blocks.filter(({ text }) => !sources.some((source) => source.includes(trimmed(text))));
    assertEquals(strays.map(where), []);
  });

  it("name files that exist", () => {
    const missing = documents().flatMap((path) => namedPaths(path).filter((name) => !existsSync(`${ROOT}/${name}`)));
    assertEquals(missing, []);
  });

  for (const [document, name, hidden] of OPTIONS) {
    it(`${document} names every option of ${name}`, () => {
      const text = textOf(document);
      const missing = propertiesOf(name).filter((key) => !hidden.includes(key) && !text.includes(`\`${key}\``));
      assertEquals(missing, []);
    });
  }

  it("list every entry of the package", () => {
    const { exports } = JSON.parse(textOf("deno.json")) as { exports: Record<string, string> };
    const readme = textOf("README.md");
    const missing = Object.keys(exports).filter((name) => name !== "." && !readme.includes(`\`${name.slice(1)}\``));
    assertEquals(missing, []);
  });

  it("of the IDL names every option of updraft gen", async () => {
    const { stdout } = await runProgram("cli/main.ts", ["gen", "--help"]);
    const options = [...stdout.matchAll(/--[a-z0-9-]+(?: [A-Z]+)?/g)].map(([option]) => option);
    const text = textOf("docs/idl.md");
    assertEquals([...new Set(options)].filter((option) => !text.includes(`${option}\``) && option !== "--help"), []);
  });

  for (const command of ["call", "sniff"]) {
    it(`of the shell names every option of updraft ${command}`, async () => {
      const { stdout } = await runProgram("cli/main.ts", [command, "--help"]);
      const options = [...stdout.matchAll(/^ {2}.{4}(--[a-z0-9-]+(?: [A-Z]+)?)/gm)].map(([, option]) => option!);
      const text = textOf("docs/debugging.md");
      assert(options.length > 5);
      assertEquals(options.filter((option) => !text.includes(option) && option !== "--help"), []);
    });
  }

  it("of the architecture lists files that exist", () => {
    const missing = textOf("docs/architecture.md").split(/^- /m).flatMap((item) => {
      const [folder = "", ...names] = [...item.matchAll(/`([\w./]+)`/g)].map(([, name]) => name!);
      return !item.startsWith("`") || !folder.endsWith("/")
        ? []
        : names.filter((name) => /^[\w.]+(\.ts|\/)$/.test(name)).map((name) => folder + name);
    }).filter((path) => !existsSync(`${ROOT}/${path}`));
    assertEquals(missing, []);
  });

  it("of the architecture is a page", () => {
    assert(textOf("docs/architecture.md").split("\n").length <= 150);
  });
});

describe("generated code", () => {
  for (
    const [idl, folder, ...options] of [
      ["examples/idl/chat.thrift", "examples/gen"],
      ["examples/idl/greeter.thrift", "examples/gen"],
      ["examples/idl/hello.thrift", "examples/gen"],
      ["examples/idl/guarded.thrift", "examples/gen", "--plugin=validator"],
      [`${SNIPPETS}/shop.thrift`, `${SNIPPETS}/gen`],
      [`${SNIPPETS}/orders.thrift`, `${SNIPPETS}/gen`, "--plugin=validator"],
    ] as const
  ) {
    it(`of ${idl} is what the compiler makes of it now`, async () => {
      const outcome = await runProgram("cli/main.ts", ["gen", idl, "-o", folder, "--check", "-q", ...options], {
        cwd: ROOT,
      });
      assertEquals(outcome, { code: 0, stdout: "", stderr: "" });
    });
  }
});

describe("programs behind the guides", () => {
  // Importing one runs it: its own assertions say whether it did what the guide says.
  for (const path of filesIn(SNIPPETS, /\.ts$/)) {
    it(`${path} runs`, async () => {
      await import(new URL(`../../${path}`, import.meta.url).href);
    });
  }
});

/** A program as a user would have it: generated code is beside it. Every line without its indentation. */
function asShown(path: string): string {
  return trimmed(textOf(path).replaceAll(/"[./]*\/(?:examples\/)?gen\//g, '"./gen/'));
}

function trimmed(text: string): string {
  return text.split("\n").map((line) => line.trim()).join("\n");
}

function where({ path, line }: Block): string {
  return `${path}:${line}`;
}

/** Paths that a document links to or writes as code. */
function namedPaths(path: string): string[] {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
  const text = textOf(path);
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => folder + match[1]!);
  const code = /`((?:lib|transports|codecs|middleware|idl|cli|examples|tests|bench|tools|docs)\/[\w./]*(?:\.\w+|\/))`/g;
  return [...links, ...[...text.matchAll(code)].map((match) => match[1]!)].map((name) => name.replace(/\/$/, ""));
}
