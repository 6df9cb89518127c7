/**
 * What tests of transports need around them: certificates, folders, child processes, turns of the event loop.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll } from "@std/testing/bdd";
import { type ErrorKind, RpcError } from "../../lib/errors.ts";
import type { RawConn } from "../../lib/io/raw.ts";
import type { Child, Platform } from "../../lib/platform.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import type { Network } from "./network.ts";
import { Probe } from "./probe.ts";

/** PEM texts: a server's certificate for localhost, 127.0.0.1, ::1 and updraft.test, a client's, and a stranger's. */
export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly otherCa: string;
  readonly strangerCert: string;
  readonly strangerKey: string;
}

/** Reads the certificates before the tests of the suite it is called in; gives a function for inside of tests. */
export function readCertificates(): () => Certificates {
  let certificates: Certificates;
  beforeAll(async () => {
    const { files } = await autoPlatform();
    const read = (name: string): Promise<string> =>
      files.readText(decodeURIComponent(new URL(`./certs/${name}`, import.meta.url).pathname));
    const [ca, serverCert, serverKey, clientCert, clientKey, otherCa, strangerCert, strangerKey] = await Promise.all([
      read("ca.pem"),
      read("server.pem"),
      read("server.key"),
      read("client.pem"),
      read("client.key"),
      read("other_ca.pem"),
      read("other_client.pem"),
      read("other_client.key"),
    ]);
    certificates = { ca, serverCert, serverKey, clientCert, clientKey, otherCa, strangerCert, strangerKey };
  });
  return () => certificates;
}

/** Makes a folder before the tests of the suite it is called in, and removes it after them. */
export function temporaryFolder(): () => string {
  let folder: string;
  beforeAll(async () => {
    folder = await (await autoPlatform()).files.makeTempDir("updraft-test-");
  });
  afterAll(async () => await (await autoPlatform()).files.remove(folder));
  return () => folder;
}

/** The bytes of the first certificate of a PEM text. */
export function derOf(pem: string): Uint8Array {
  const [, base64 = ""] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(pem) ?? [];
  return Uint8Array.from(atob(base64.replace(/\s/g, "")), (char) => char.charCodeAt(0));
}

/** Asserts that something rejects with an `RpcError` of a kind; gives it. */
export async function rejectsAs(kind: ErrorKind, fn: () => Promise<unknown>): Promise<RpcError> {
  const error = await assertRejects(fn, RpcError);
  assertEquals(error.kind, kind, `kind of "${error.message}"`);
  return error;
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Lets the kernel and the runtime deliver what is on its way: some exchanges over a connection of their own. */
export async function roundTrips({ transport, way }: Network): Promise<void> {
  let accepted: RawConn | undefined;
  const listener = await transport.listen(way.address(), (conn) => {
    accepted = conn;
    const echo: Probe = new Probe(conn, { onChunk: (_, bytes) => void echo.writeAll(bytes.slice()) });
    echo.start();
  }, way.listen);
  const client = new Probe(await transport.dial(listener.local, way.dial)).start();
  for (let i = 1; i <= 5; i++) {
    await client.writeAll("x");
    await client.count(i);
  }
  await listener.close();
  await client.abort();
  accepted?.abort();
}

/** How many descriptors this process has open. */
export async function countDescriptors(): Promise<number> {
  return (await (await autoPlatform()).files.list("/proc/self/fd")).length;
}

/** The number of open descriptors once it has come down to `expected`, or what it is after a good while. */
export async function settledDescriptors(network: Network, expected = 0): Promise<number> {
  let count = 0;
  for (let i = 0; i < 50; i++) {
    await roundTrips(network);
    for (let n = 0; n < 5; n++) await turn();
    count = await countDescriptors();
    if (count <= expected || (expected === 0 && i === 3)) break;
  }
  return count;
}

/** Starts a TypeScript file of this folder on this runtime. */
export async function spawnScript(
  file: string,
  args: readonly string[],
  shell: (command: string) => readonly string[] = () => [],
): Promise<Child> {
  const platform = await autoPlatform();
  const script = decodeURIComponent(new URL(file, import.meta.url).pathname);
  const before = await runtimeArguments(platform);
  const wrapped = shell([platform.execPath, ...before, script, ...args].map((arg) => `'${arg}'`).join(" "));
  const [command, ...rest] = wrapped.length > 0 ? wrapped : [platform.execPath, ...before, script, ...args];
  return await platform.spawn(command!, rest);
}

/** What comes before a script's name on this runtime. */
async function runtimeArguments(platform: Platform): Promise<string[]> {
  if (platform.name === "deno") return ["run", "-A", "--quiet"];
  if (platform.name === "bun") return [];
  const { default: process } = await import("node:process");
  return Number(process.versions.node.split(".")[0]) < 23 ? ["--import", "tsx"] : [];
}

/** The lines of a child's output, as they come. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** All of a child's output, once it has ended. */
export async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) text += decoder.decode(bytes, { stream: true });
  return text;
}
