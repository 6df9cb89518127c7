/**
 * Node as a `Platform`. Bun has the same modules and shares it.
 *
 * @module
 */
import process from "node:process";
import type { Platform } from "../lib/platform.ts";
import { nodeDns } from "./node_dns.ts";
import { nodeFiles } from "./node_files.ts";
import { spawnChild } from "./node_process.ts";
import { resolveHost } from "./node_resolve.ts";
import { outStream, toReadable } from "./node_streams.ts";

/** The platform of Node. */
export function nodePlatform(): Platform {
  return createNodePlatform("node");
}

/** The same over the `node:` modules of another runtime, under its name. */
export function createNodePlatform(name: Platform["name"]): Platform {
  let stdin: ReadableStream<Uint8Array> | undefined;
  return {
    name,
    args: process.argv.slice(2),
    env: (key) => process.env[key],
    cwd: () => process.cwd(),
    stdout: outStream(() => process.stdout),
    stderr: outStream(() => process.stderr),
    get stdin() {
      return stdin ??= toReadable(process.stdin); // opened only when asked for: an open one keeps the process alive
    },
    files: nodeFiles(),
    execPath: process.execPath,
    scriptCommand: (path) => [process.execPath, ...process.execArgv, path],
    spawn: spawnChild,
    onSignal(handler) {
      process.on("SIGINT", handler);
      process.on("SIGTERM", handler);
      return () => {
        process.off("SIGINT", handler);
        process.off("SIGTERM", handler);
      };
    },
    setExitCode(code) {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
    resolve: resolveHost,
    dns: nodeDns,
  };
}
