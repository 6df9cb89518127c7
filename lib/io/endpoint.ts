/**
 * Addresses as people write them, both ways: `host:port`, `[::1]:port`, `unix:/path` (`unix:path`, `unix:///path`).
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Endpoint } from "./raw.ts";

/**
 * Reads a target; an `Endpoint` is given back as it is.
 * Throws an `RpcError` of kind `"invalid"` that says what is wrong with the text.
 */
export function parseTarget(target: string | Endpoint): Endpoint {
  if (typeof target !== "string") {
    // As of a variable of the environment that is not set.
    if (typeof target === "object" && target !== null && ("path" in target || "hostname" in target)) return target;
    throw new RpcError("invalid", `target ${target} is no address: expected host:port or unix:/path`);
  }
  if (target.startsWith("unix:")) {
    const path = target.slice("unix:".length);
    if (path === "") throw new RpcError("invalid", `target "${target}" has no path`);
    if (!path.startsWith("//")) return { path };
    // As a URL it has an authority, which is empty, and an absolute path.
    if (path.startsWith("///") && path.length > 3) return { path: path.slice(2) };
    throw new RpcError("invalid", `target "${target}" names a host: expected unix:path, unix:/path or unix:///path`);
  }
  const colon = target.lastIndexOf(":");
  if (colon < 0) throw new RpcError("invalid", `target "${target}" has no port: expected host:port or unix:/path`);
  const hostname = target.startsWith("[") && target[colon - 1] === "]"
    ? target.slice(1, colon - 1)
    : target.slice(0, colon);
  const digits = target.slice(colon + 1);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : -1;
  if (port < 1 || port > 65535) {
    throw new RpcError("invalid", `target "${target}" has port "${digits}": expected 1 to 65535`);
  }
  if (hostname === "" || (hostname.includes(":") && !target.startsWith("["))) {
    throw new RpcError("invalid", `target "${target}" has no host: expected host:port, [ipv6]:port or unix:/path`);
  }
  return { hostname, port };
}

/** An address as `parseTarget` reads it. */
export function describeEndpoint(endpoint: Endpoint): string {
  if ("path" in endpoint) return `unix:${endpoint.path}`;
  const host = endpoint.hostname.includes(":") ? `[${endpoint.hostname}]` : endpoint.hostname;
  return `${host}:${endpoint.port}`;
}
