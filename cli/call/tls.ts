/**
 * The options that say how to reach TLS servers.
 *
 * @module
 */
import type { ClientTls } from "../../lib/io/raw.ts";
import type { Platform } from "../../lib/platform.ts";
import type { OptionSpec, ParsedOptions } from "../options.ts";

/** The options. */
export const TLS_OPTIONS: readonly OptionSpec[] = [
  { name: "tls", help: "Connects by TLS; the other --tls options imply it." },
  { name: "tls-ca", value: "FILE", help: "Trusts the authorities in this PEM file instead of the system's." },
  { name: "tls-cert", value: "FILE", help: "Shows this certificate chain (PEM) to the server; needs --tls-key." },
  { name: "tls-key", value: "FILE", help: "The private key of --tls-cert (PEM)." },
  { name: "tls-server-name", value: "NAME", help: "Expects this name in the server's certificate." },
  { name: "tls-insecure", help: "Takes any certificate: for tests only." },
];

/** What they say; `undefined` if none is there. Rejects if a file cannot be read. */
export async function tlsOf(platform: Platform, options: ParsedOptions): Promise<ClientTls | undefined> {
  if (!TLS_OPTIONS.some(({ name }) => options.has(name))) return undefined;
  const read = async (name: string): Promise<string | undefined> => {
    const path = options.value(name);
    return path === undefined ? undefined : await platform.files.readText(path);
  };
  const [ca, cert, key] = [await read("tls-ca"), await read("tls-cert"), await read("tls-key")];
  const serverName = options.value("tls-server-name");
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(options.has("tls-insecure") ? { verify: false } : {}),
  };
}
