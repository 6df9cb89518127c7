/**
 * The entries meant for browsers and edge runtimes: a bundle for a browser holds no transport and asks for no module of Node.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedProject, PROGRAMS, type Project, ROOT } from "./project.ts";

interface Meta {
  readonly inputs: Readonly<
    Record<string, { readonly imports: readonly { readonly path: string; readonly external?: boolean }[] }>
  >;
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

describe("a browser bundle", () => {
  let project: Project;
  beforeAll(async () => {
    project = await installedProject();
  });
  afterAll(() => project.close());

  for (const entry of ["core", "web", "connect-web", "codegen"]) {
    it(`of ./${entry} holds no transport and nothing of a runtime`, async () => {
      project.write("entry.js", `export * from "@updraft/rpc/${entry}";\n`);
      await project.run(
        PROGRAMS.node,
        join(ROOT, "tools/node_modules/esbuild/bin/esbuild"),
        "entry.js",
        "--bundle",
        "--minify",
        "--platform=browser",
        "--format=esm",
        "--outfile=bundle.js",
        "--metafile=meta.json",
      );
      const { inputs } = JSON.parse(readFileSync(join(project.folder, "meta.json"), "utf8")) as Meta;
      assertEquals(Object.keys(inputs).filter((path) => /@updraft\/rpc\/(transports|idl|cli|http)\//.test(path)), []);
      assertEquals(Object.values(inputs).flatMap(({ imports }) => imports).filter(({ external }) => external), []);
    });
  }

  it("of a small client holds no server, no payload but Binary, and nothing that only other clients use", async () => {
    project.write(
      "entry.js",
      `import { createDirectClient } from "@updraft/rpc/core";
import { nodeTcp } from "@updraft/rpc/node";
import { framedClient } from "@updraft/rpc/thrift-client";
export const client = (service, to) => createDirectClient(service, { to, transport: nodeTcp(), protocol: framedClient() });
`,
    );
    await project.run(
      PROGRAMS.node,
      join(ROOT, "tools/node_modules/esbuild/bin/esbuild"),
      "entry.js",
      "--bundle",
      "--minify",
      "--platform=node",
      "--format=esm",
      "--outfile=bundle.js",
      "--metafile=meta.json",
    );
    const { outputs } = JSON.parse(readFileSync(join(project.folder, "meta.json"), "utf8")) as Meta;
    const held = Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => bytesInOutput > 0 ? [path] : [])
    );
    assertEquals(held.some((path) => path.endsWith("/message/client_session.js")), true, held.join(" "));
    assertEquals(
      held.filter((path) =>
        /server_session|\/compact\.|\/json\.|rpc\/stream\/|discovery|node_listen|node_tls|mux_pool|schema_compiler/
          .test(path)
      ),
      [],
    );
  });

  it("of ./web loads where there is neither Node nor Deno nor Bun to be found", async () => {
    project.write("entry.js", `export * from "@updraft/rpc/web";\n`);
    const esbuild = join(ROOT, "tools/node_modules/esbuild/bin/esbuild");
    await project.run(
      PROGRAMS.node,
      esbuild,
      "entry.js",
      "--bundle",
      "--platform=browser",
      "--format=iife",
      "--global-name=web",
      "--outfile=bundle.js",
    );
    project.write(
      "bare.cjs",
      `const { createContext, runInContext } = require("node:vm");
const context = createContext({ TextEncoder, TextDecoder, URL, AbortController, AbortSignal, performance, setTimeout, clearTimeout, queueMicrotask });
runInContext(require("node:fs").readFileSync("bundle.js", "utf8") + ";globalThis.names = Object.keys(web).length > 0;", context);
console.log(context.names);
`,
    );
    assertEquals(await project.run(PROGRAMS.node, "bare.cjs"), "true\n");
  });
});
