/**
 * Node as a `Platform`. Bun has the same modules and shares it.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import process from "node:process";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { nodeFiles } from "./node_files.ts";
import { spawnChild } from "./node_process.ts";
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
    resolve: resolveHost,
  };
}

/** Addresses of a host name, as the system's resolver (hosts file included) gives them. */
export async function resolveHost(hostname: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true });
    return [...new Set(found.map((entry) => entry.address))];
  } catch (cause) {
    throw new RpcError("connect", `cannot resolve ${hostname}: ${(cause as Error).message}`, { cause });
  }
}
