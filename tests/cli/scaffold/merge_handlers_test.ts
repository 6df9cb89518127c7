import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import ts from "typescript";
import { handlersFile } from "../../../cli/scaffold/handlers.ts";
import { mergeHandlers } from "../../../cli/scaffold/merge_handlers.ts";
import type { ScaffoldMethod, ScaffoldService } from "../../../cli/scaffold/model.ts";

function method(name: string, doc = ""): ScaffoldMethod {
  return { name, key: name, doc, parameters: ["request"], arguments: "{}", streaming: "unary", oneway: false };
}

function service(...methods: ScaffoldMethod[]): ScaffoldService {
  const names = { name: "S", schema: "S", handlers: "SHandlers", constant: "s", file: "s", module: "a/x.ts" };
  return { ...names, doc: "", methods };
}

function merge(text: string, ...names: string[]): string {
  const outcome = mergeHandlers(ts, text, service(...names.map((name) => method(name))));
  if ("problem" in outcome) return outcome.problem;
  assertEquals(parseErrors(outcome.text), []);
  return outcome.text;
}

function parseErrors(text: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true });
  return diagnostics.map(({ messageText }) => String(messageText));
}

const STUB = (name: string): string =>
  `  ${name}(_request) {
    throw new RpcError("unimplemented", "S.${name} is not written yet");
  },`;
const HEAD = 'import { RpcError } from "@updraft/rpc";\n';

describe("handlersFile", () => {
  it("has a stub for each method, with its comment", () => {
    assertEquals(
      handlersFile(service(method("a", "Says a."), method("b-c")), "gen"),
      `import { RpcError } from "@updraft/rpc";
import type { SHandlers } from "../gen/a/x.ts";

/** Handlers of S. */
export const s: SHandlers = {
  /** Says a. */
${STUB("a")}

  "b-c"(_request) {
    throw new RpcError("unimplemented", "S.b-c is not written yet");
  },
};
`,
    );
  });
});

describe("mergeHandlers", () => {
  it("changes nothing where nothing is missing", () => {
    const text = `${HEAD}const s: SHandlers = { a() {}, "b": f, ["c"]: () => 1, d, get e() { return f }, };`;
    assertEquals(merge(text, "a", "b", "c", "d", "e"), text);
  });

  it("adds a stub behind the last property, and leaves every other byte", () => {
    const text = `${HEAD}// mine
export const s: SHandlers = {
  a: (r) => r, /* keep */ // and this

  // a thought
};
const after = { a };
`;
    const merged = merge(text, "a", "b", "c");
    assertEquals(
      merged.replace(`\n\n${STUB("b")}\n\n${STUB("c")}`, ""),
      text,
    );
    assert(merged.indexOf("S.b is") < merged.indexOf("const after"));
  });

  it("adds the comma that is missing", () => {
    assertEquals(
      merge(`${HEAD}const s: SHandlers = {\n  a() {}\n};\n`, "a", "b"),
      `${HEAD}const s: SHandlers = {\n  a() {},\n\n${STUB("b")}\n};\n`,
    );
    assertEquals(
      merge(`${HEAD}const s: SHandlers = { a() {} /* , */ , };`, "a", "b"),
      `${HEAD}const s: SHandlers = { a() {} /* , */ ,\n\n${STUB("b")}\n};`,
    );
  });

  it("leaves what a person wrote behind a property on its line", () => {
    assertEquals(
      merge(`${HEAD}const s: SHandlers = {\n  a() {}, // of a\n  // b() {},\n};\n`, "a", "b"),
      `${HEAD}const s: SHandlers = {\n  a() {}, // of a\n\n${STUB("b")}\n  // b() {},\n};\n`,
    );
    assertEquals(
      merge(`${HEAD}const s: SHandlers = {\n  a() {} // of a\n};\n`, "a", "b"),
      `${HEAD}const s: SHandlers = {\n  a() {}, // of a\n\n${STUB("b")}\n};\n`,
    );
    assertEquals(
      merge(`${HEAD}const s: SHandlers = { // of all\n};\n`, "a"),
      `${HEAD}const s: SHandlers = { // of all\n${STUB("a")}\n};\n`,
    );
  });

  it("fills an empty object", () => {
    assertEquals(merge(`${HEAD}const s: SHandlers = {};`, "a"), `${HEAD}const s: SHandlers = {\n${STUB("a")}\n};`);
  });

  it("adds the import of what stubs throw", () => {
    const text = `import type { RpcError } from "x";\nimport {\n  b } from "y";\nconst s: SHandlers = {};\n`;
    assertEquals(
      merge(text, "a"),
      `import type { RpcError } from "x";\nimport {\n  b } from "y";\n${HEAD}const s: SHandlers = {\n${
        STUB("a")
      }\n};\n`,
    );
    assert(merge("const s: SHandlers = {};", "a").startsWith(HEAD));
    assertEquals(
      merge(`const s: SHandlers = {};\nimport { b } from "y";\n`, "a"),
      `const s: SHandlers = {\n${STUB("a")}\n};\nimport { b } from "y";\n${HEAD}`,
    );
    for (const head of ["\ufeff", "#!/usr/bin/env node\n"]) {
      assertEquals(
        merge(`${head}const s: SHandlers = {};`, "a"),
        `${head}${HEAD}const s: SHandlers = {\n${STUB("a")}\n};`,
      );
    }
  });

  it("keeps ends of lines as they are", () => {
    const merged = merge(`${HEAD}const s: SHandlers = {\n  a() {},\n};\n`.replaceAll("\n", "\r\n"), "a", "b");
    assertEquals(merged.replaceAll("\r\n", ""), merged.replaceAll(/[\r\n]/g, ""));
  });

  it("finds the handlers however they are said to be so", () => {
    for (
      const text of [
        "export const s = { a() {} } satisfies SHandlers;",
        "const s = ({ a() {} }) satisfies SHandlers;",
        "function make(): unknown { const s: SHandlers = { a() {} }; return s; }",
        "const other: THandlers = { b() {} }; const s: gen.X = {}; const t: SHandlers = { a() {} };",
      ]
    ) assert(merge(HEAD + text, "a", "b").includes("S.b is not written yet"), text);
  });

  it("is not misled by what looks like handlers", () => {
    const text = `${HEAD}// const s: SHandlers = {};\nconst t = "const s: SHandlers = {}"; const u = /: SHandlers = {/;
const s: SHandlers = { a() { return { b() {} }; } };`;
    assert(merge(text, "a", "b").includes("S.b is not written yet"));
  });

  it("says why it cannot add", () => {
    assertEquals(merge("export const s = {};", "a"), "nothing in it is said to be SHandlers");
    assertEquals(merge("const s: SHandlers = { ...base };", "a"), "its handlers are spread from elsewhere");
    assertEquals(merge("const s: SHandlers = { a() { };\n<<<<<<< mine\n", "a", "b"), "it has errors of syntax");
    assertEquals(merge("class C implements SHandlers { b() {} }", "a"), "its handlers are a class");
  });

  it("once merged, changes nothing more", () => {
    const once = merge(`${HEAD}const s: SHandlers = {\n  a() {},\n};\n`, "a", "b", "c");
    assertEquals(merge(once, "a", "b", "c"), once);
  });
});
