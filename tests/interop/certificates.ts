/**
 * The certificates of tests, for programs that are told to speak TLS by `--tls`.
 *
 * @module
 */
import type { ClientTls, ServerTls } from "../../lib/io/raw.ts";
import type { Platform } from "../../lib/platform.ts";

async function read({ files }: Platform, name: string): Promise<string> {
  return await files.readText(decodeURIComponent(new URL(`../transports/certs/${name}`, import.meta.url).pathname));
}

/** What a server listens with: nothing, unless told to speak TLS. */
export async function serverTls(platform: Platform): Promise<{ readonly tls?: ServerTls }> {
  if (!platform.args.includes("--tls")) return {};
  return { tls: { cert: await read(platform, "server.pem"), key: await read(platform, "server.key") } };
}

/** What a client dials with: nothing, unless told to speak TLS. */
export async function clientTls(platform: Platform): Promise<{ readonly tls?: ClientTls }> {
  return platform.args.includes("--tls")
    ? { tls: { ca: await read(platform, "ca.pem"), serverName: "localhost" } }
    : {};
}
