/**
 * The cases of `npm run interop` for Connect and gRPC-Web: connect-node and connect-web as foreign clients, our client of
 * `fetch` at connect-node's server, pages in Chromium, and our service mounted where others take the requests.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { peerNode } from "./grpc_interop.mjs";
import { programOf } from "./peers.mjs";

const interop = join(root, "tests", "interop");
const connectNodeFile = join(interop, "js", "connect_node.ts");
const webClientFile = join(interop, "web_client.ts");
const pageServerFile = join(interop, "browser", "page_server.mjs");
const chromiumFile = join(interop, "browser", "chromium.mjs");

/** Where our service is mounted, and the runtime there. */
const MOUNTS = [["Deno.serve", "deno", "deno_serve.ts"], ["Bun.serve", "bun", "bun_serve.ts"], [
  "hono on Node",
  "node",
  "hono_node.ts",
]];

/** Adds the cases. `runChecks` runs a program that prints a line a check; `servers` starts each server when it is first asked for. */
export function addWebCases(add, { runtimes }, servers, runChecks) {
  const node = peerNode(runtimes);
  for (const which of ["ours", "connect-web"]) {
    const client = which === "ours" ? "fetch client" : `${which} client`;
    for (const [name, id, file] of MOUNTS) {
      const { program, flags } = runtimes.find((runtime) => runtime.id === id);
      add(`${client} -> ${name}`, async () => {
        const address = await servers.listening(name, program, [...flags, join(interop, "mounts", file)]);
        return await runChecks(node.program, [webClientFile, which, address]);
      });
    }
    add(
      `${client} -> a Worker in workerd`,
      async () => await runChecks(node.program, [webClientFile, which, await servers.worker(), "--apart"]),
    );
  }
  for (const runtime of runtimes) {
    const { id, program, flags } = runtime;
    // These servers speak gRPC, Connect and gRPC-Web on one port.
    for (const protocol of ["connect", "grpc-web"]) {
      add(
        `connect-node client -> ${id} server, ${protocol}`,
        async () => await runChecks(node.program, [connectNodeFile, "check", protocol, await servers.grpc(runtime)]),
      );
    }
    for (const tls of [false, true]) {
      // Over TLS browsers speak HTTP/2.
      add(`chromium -> ${id} server${tls ? " over TLS" : ""}`, async () => {
        const pages = await servers.listening("pages", node.program, [pageServerFile]);
        const address = await servers.web(runtime, { origin: `http://${pages}`, tls });
        const args = [programOf("chromium", "chromium"), pages, address, ...(tls ? ["--tls"] : [])];
        return await runChecks(node.program, [chromiumFile, ...args]);
      });
    }
    add(
      `connect-web client -> ${id} server`,
      async () => await runChecks(node.program, [webClientFile, "connect-web", await servers.grpc(runtime)]),
    );
    add(`${id} fetch client -> connect-node server`, async () => {
      const address = await servers.listening("connect-node web", node.program, [connectNodeFile, "serve", "1"]);
      return await runChecks(program, [...flags, webClientFile, "ours", address]);
    });
    add(
      `${id} fetch client -> ${id} server`,
      async () => await runChecks(program, [...flags, webClientFile, "ours", await servers.grpc(runtime)]),
    );
  }
}
