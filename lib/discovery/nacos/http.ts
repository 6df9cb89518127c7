/**
 * How Nacos' HTTP API (version 1, which servers 1 and 2 speak) is reached, with a login where one is asked for.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { systemClock } from "../../io/clock.ts";
import { HttpJson, type HttpJsonOptions } from "../http_json.ts";
import { fieldOf } from "../json_fields.ts";

/** How Nacos is reached, and which part of it is meant. */
export interface NacosOptions extends HttpJsonOptions {
  /** Path of the API. Default `"/nacos"`. */
  readonly contextPath?: string | undefined;
  /** Id of the namespace. Default: the server's own, `public`. */
  readonly namespace?: string | undefined;
  /** Group of the service. Default `"DEFAULT_GROUP"` (Kitex's). */
  readonly group?: string | undefined;
  /** Cluster of the instances; of a resolver, none (`""`) means all. Default `"DEFAULT"` (Kitex's). */
  readonly cluster?: string | undefined;
  /** Who this is, where Nacos asks for that. Default: nobody. */
  readonly auth?: { readonly user: string; readonly password: string } | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** One request, its parameters as a query. */
export interface NacosRequest {
  /** The method. */
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path below the context's. */
  readonly path: string;
  /** Parameters; `undefined` ones are left out. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks Nacos; gives the answer's text. Rejects with an `RpcError`, of kind `"unavailable"` with the status as code. */
export type Nacos = (request: NacosRequest) => Promise<string>;

/** Group of services that name none. */
export const DEFAULT_GROUP = "DEFAULT_GROUP";
/** Cluster of instances that name none. */
export const DEFAULT_CLUSTER = "DEFAULT";

/** Part of a token's life after which a new one is asked for. */
const RENEW_AT = 0.9;

/** A client of the API. Throws an `RpcError` of kind `"invalid"` for options that cannot be used. */
export function nacosHttp(options: NacosOptions): Nacos {
  const { contextPath = "/nacos", namespace, auth, clock = systemClock } = options;
  const http = new HttpJson(options);
  const base = contextPath === "" ? "" : `/${contextPath.replace(/^\/+|\/+$/g, "")}`;
  let login: { readonly token: string; readonly staleMs: number } | undefined;

  async function token(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (auth === undefined) return undefined;
    if (login === undefined || clock.now() >= login.staleMs) {
      // A form, so that the password is in no log of addresses.
      const form = { username: auth.user, password: auth.password };
      const { value } = await http.ask(`${base}/v1/auth/login`, { form, signal });
      const [accessToken, ttl] = [fieldOf(value, "accessToken"), fieldOf(value, "tokenTtl")];
      if (typeof accessToken !== "string" || !(typeof ttl === "number" && ttl > 0)) {
        throw new RpcError("protocol", "Nacos' answer to a login has no accessToken with a tokenTtl");
      }
      login = { token: accessToken, staleMs: clock.now() + ttl * 1_000 * RENEW_AT };
    }
    return login.token;
  }

  return async ({ method, path, params, signal }) => {
    for (let again = false;; again = true) {
      const used = await token(signal);
      const pairs = Object.entries({ namespaceId: namespace, ...params, accessToken: used })
        .filter((pair): pair is [string, string] => pair[1] !== undefined);
      try {
        return await http.askText(`${base}${path}?${new URLSearchParams(pairs)}`, { method, signal });
      } catch (error) {
        // A token that the server does not know any more: it was restarted, or its key was changed.
        if (again || used === undefined || !isRefused(error)) throw error;
        if (login?.token === used) login = undefined;
      }
    }
  };
}

function isRefused(error: unknown): boolean {
  return error instanceof RpcError && (error.code === 401 || error.code === 403);
}
