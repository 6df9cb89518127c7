/**
 * How Consul's HTTP API is reached.
 *
 * @module
 */
import { HttpJson, type HttpJsonOptions } from "../http_json.ts";

/** How Consul is reached. */
export interface ConsulOptions extends HttpJsonOptions {
  /** The ACL token. Default: none. */
  readonly token?: string | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A client of the API. Throws an `RpcError` of kind `"invalid"` for endpoints that are no HTTP addresses. */
export function consulHttp(options: ConsulOptions): HttpJson {
  const { token, headers } = options;
  return new HttpJson({ ...options, headers: token === undefined ? headers : { ...headers, "x-consul-token": token } });
}
