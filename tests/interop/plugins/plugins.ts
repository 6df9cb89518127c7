/**
 * Checks plugins in both directions: `plugins.ts THRIFTGO KITEX THRIFT_GEN_VALIDATOR PROTOC`, the paths of the real programs.
 * Our compiler runs the real validator; the real compilers run `thrift-gen-ts` and `protoc-gen-updraft` on the runtime that runs
 * this.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Platform } from "../../../lib/platform.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";

const platform = await autoPlatform();
const { files } = platform;
const [thriftgo = "", kitex = "", validator = "", protoc = ""] = platform.args;
const folder = await files.makeTempDir("updraft-plugins-");
const root = decodeURIComponent(new URL("../../..", import.meta.url).pathname);
const shop = "idl/shop.thrift";
const CASES: readonly (readonly [name: string, options: string, args: readonly string[]])[] = [
  ["no options", "", []],
  ["held otherwise", "i64=number,maps=object", ["--i64", "number", "--maps", "object"]],
  ["extras", "deep-copy,equality,field-mask,unknown-fields", [
    "--deep-copy",
    "--equality",
    "--field-mask",
    "--unknown-fields",
  ]],
  ["split by namespace", "split=namespace,runtime=./rt.ts", ["--split", "namespace", "--runtime", "./rt.ts"]],
  ["trimmed types", "trim=Article,trim=Shop.find,no-services", [
    "--trim",
    "Article",
    "--trim",
    "Shop.find",
    "--no-services",
  ]],
];

const CHECKS: readonly (readonly [name: string, check: () => Promise<void>])[] = [
  ...CASES.map(([name, options, args]) =>
    [`thriftgo runs thrift-gen-ts: ${name}`, async () => {
      const ours = await updraft([shop, "-o", `${folder}/ours`, ...args]);
      assertEquals(ours.code, 0, ours.output);
      const plugin = `ts=${folder}/thrift-gen-ts${options === "" ? "" : `:${options}`}`;
      const go = ["-r", "-g", "go:skip_go_gen,thrift_streaming", "-o", `${folder}/theirs`, "-p", plugin];
      const theirs = await run(thriftgo, [...go, shop]);
      assertEquals(theirs.code, 0, theirs.output);
      await sameFiles(`${folder}/ours`, `${folder}/theirs`, /\.ts$/);
    }] as const
  ),
  ["kitex runs thrift-gen-ts beside its own plugin", async () => {
    await updraft([shop, "-o", `${folder}/ours`]);
    await files.write(`${folder}/go.mod`, "module example.com/shop\n\ngo 1.21\n");
    const plugin = `ts=${folder}/thrift-gen-ts:out=${folder}/theirs`;
    const theirs = await run(kitex, ["-no-dependency-check", "-thrift-plugin", plugin, shop]);
    assertEquals(theirs.code, 0, theirs.output);
    await sameFiles(`${folder}/ours`, `${folder}/theirs`, /\.ts$/);
    assert((await files.stat(`${folder}/kitex_gen/shop/shop.go`)) !== null, "Go code as well");
  }],
  ["thriftgo without -r gets the file alone", async () => {
    const go = ["-g", "go:skip_go_gen,thrift_streaming", "-o", `${folder}/theirs`, "-p", `ts=${folder}/thrift-gen-ts`];
    assertEquals((await run(thriftgo, [...go, shop])).code, 0);
    assertEquals(await below(`${folder}/theirs`), ["shop.ts"]);
  }],
  ["thriftgo shows what thrift-gen-ts does not like, and writes nothing", async () => {
    await files.write(`${folder}/idl/wrong.thrift`, "struct A {}\nservice S { void f() throws (1: A a) }\n");
    const go = ["-r", "-g", "go:skip_go_gen", "-o", `${folder}/theirs`, "-p", `ts=${folder}/thrift-gen-ts`];
    const { code, output } = await run(thriftgo, [...go, "idl/wrong.thrift"]);
    assertEquals(code, 2, output);
    assertStringIncludes(output, "idl/wrong.thrift: error UT5006: A is not an exception");
    assertEquals(await files.stat(`${folder}/theirs`), null);
  }],
  ["thriftgo tells of streaming functions that it leaves out", async () => {
    const go = ["-r", "-g", "go:skip_go_gen", "-o", `${folder}/theirs`, "-p", `ts=${folder}/thrift-gen-ts`];
    const { code, output } = await run(thriftgo, [...go, shop]);
    assertEquals(code, 0, output);
    assertStringIncludes(output, "skip streaming function Streams.both");
    assert(!(await files.readText(`${folder}/theirs/shop.ts`)).includes('streaming: "bidi"'));
  }],
  ...["shop.thrift", "validator-all-rules.thrift", "echo.thrift"].map((idl) =>
    [`updraft runs the real validator: ${idl}`, async () => {
      const go = "package_prefix=p,naming_style=golint,no_fmt";
      const ours = await updraft([
        `idl/${idl}`,
        "-o",
        `${folder}/ours`,
        ...["--plugin", `validator=${validator}`, "--plugin-lang", "go", "--plugin-parameters", go],
      ]);
      assertEquals(ours.code, 0, ours.output);
      const args = ["-r", "-g", `go:${go}`, "-o", `${folder}/theirs`, "-p", `validator=${validator}`];
      const theirs = await run(thriftgo, [...args, `idl/${idl}`]);
      assertEquals(theirs.code, 0, theirs.output);
      await sameFiles(`${folder}/ours`, `${folder}/theirs`, /_validator\.go$/);
    }] as const
  ),
  ["protoc runs protoc-gen-updraft", async () => {
    // buf is among the packages of this repository
    const ours = await updraft([`${folder}/proto/echo.proto`, "-o", `${folder}/ours`], root);
    assertEquals(ours.code, 0, ours.output);
    await files.makeDir(`${folder}/theirs`);
    const plugin = [`--plugin=protoc-gen-updraft=${folder}/protoc-gen-updraft`, `--updraft_out=${folder}/theirs`];
    const theirs = await run(protoc, ["-I", "proto", ...plugin, "echo.proto"]);
    assertEquals(theirs, { code: 0, output: "" });
    await sameFiles(`${folder}/ours`, `${folder}/theirs`, /_rpc\.ts$/);
  }],
  ["protoc shows what protoc-gen-updraft does not like, and writes nothing", async () => {
    const plugin = [`--plugin=protoc-gen-updraft=${folder}/protoc-gen-updraft`, `--updraft_out=odd=1:${folder}/theirs`];
    await files.makeDir(`${folder}/theirs`);
    const { code, output } = await run(protoc, ["-I", "proto", ...plugin, "echo.proto"]);
    assertEquals(code, 1, output);
    assertStringIncludes(output, "odd");
    assertEquals(await below(`${folder}/theirs`), []);
  }],
  ["updraft shows what the real validator does not like, and writes nothing", async () => {
    await files.write(`${folder}/idl/rule.thrift`, 'struct S { 1: i32 a (vt.min_size = "1") }\n');
    const plugin = ["-p", `validator=${validator}`, "--plugin-lang", "go"];
    const { code, output } = await updraft(["idl/rule.thrift", "-o", `${folder}/ours`, ...plugin]);
    assertEquals(code, 1, output);
    assertStringIncludes(output, "unrecognized numeric annotation key vt.min_size");
    assertEquals(await files.stat(`${folder}/ours`), null);
  }],
];

/** Runs a program in a folder, and gives all it said. */
async function run(
  program: string,
  args: readonly string[],
  cwd: string = folder,
): Promise<{ code: number; output: string }> {
  const child = await platform.spawn(program, args, { cwd });
  await child.stdin.close();
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return { code: (await child.exited).code, output: out + err };
}

async function updraft(args: readonly string[], cwd?: string): Promise<{ code: number; output: string }> {
  const [program, ...before] = platform.scriptCommand(`${root}cli/main.ts`);
  return await run(program, [...before, "gen", ...args], cwd);
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** Both folders have the same files whose paths match. */
async function sameFiles(ours: string, theirs: string, which: RegExp): Promise<void> {
  const [left, right] = [await below(ours), await below(theirs)].map((list) => list.filter((path) => which.test(path)));
  assert(left !== undefined && left.length > 0, "no files");
  assertEquals(right, left);
  for (const path of left) {
    const [a, b] = [await files.readText(`${ours}/${path}`), await files.readText(`${theirs}/${path}`)];
    assertEquals(b, a, path);
  }
}

/** The paths of all files below a folder. */
async function below(path: string): Promise<string[]> {
  const paths = await Promise.all(
    (await files.list(path)).map(async ({ name, kind }) =>
      kind === "directory" ? (await below(`${path}/${name}`)).map((inner) => `${name}/${inner}`) : [name]
    ),
  );
  return paths.flat();
}

/** Plugins are files that can be started: here they start the script with this runtime. */
async function prepare({ scriptCommand, spawn }: Platform): Promise<void> {
  const here = decodeURIComponent(new URL(".", import.meta.url).pathname);
  const vectors = `${root}tests/idl/plugin/vectors`;
  const copies: readonly (readonly [from: string, to: string])[] = [
    [`${here}idl/shop.thrift`, "shop.thrift"],
    [`${here}idl/base/common.thrift`, "base/common.thrift"],
    [`${vectors}/validator-all-rules.thrift`, "validator-all-rules.thrift"],
    [`${vectors}/b.thrift`, "b.thrift"],
    [`${root}tests/interop/echo.thrift`, "echo.thrift"],
    [`${root}tests/interop/echo.proto`, "../proto/echo.proto"],
  ];
  await files.makeDir(`${folder}/idl/base`);
  await files.makeDir(`${folder}/proto`);
  for (const [from, to] of copies) await files.write(`${folder}/idl/${to}`, await files.readText(from));
  for (const name of ["thrift-gen-ts", "protoc-gen-updraft"]) {
    const command = scriptCommand(`${root}cli/${name.replaceAll("-", "_")}.ts`).map((word) => `'${word}'`).join(" ");
    await files.write(`${folder}/${name}`, `#!/bin/sh\nexec ${command} "$@"\n`);
    await (await spawn("chmod", ["755", `${folder}/${name}`])).exited;
  }
}

let passed = 0;
let failed = 0;
try {
  await prepare(platform);
  for (const [name, check] of CHECKS) {
    try {
      for (const out of ["ours", "theirs", "kitex_gen"]) await files.remove(`${folder}/${out}`);
      await check();
      passed++;
      await platform.stdout.write(`PASS ${name}\n`);
    } catch (error) {
      failed++;
      const text = error instanceof Error ? error.message : String(error);
      await platform.stdout.write(`FAIL ${name}: ${text.replaceAll("\n", " ").slice(0, 1000)}\n`);
    }
  }
} finally {
  await files.remove(folder);
}
await platform.stdout.write(`${passed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
