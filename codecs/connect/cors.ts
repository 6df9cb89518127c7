/**
 * Cross-origin requests: which pages of other origins may call.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http/message.ts";
import type { Pair } from "./fields.ts";

/** Who may call from pages of other origins. */
export interface CorsOptions {
  /** Origins such as `https://app.example.org`, or `"*"` for all. */
  readonly origins: "*" | readonly string[];
  /** Lets requests carry cookies and other credentials; not with all origins. Default `false`. */
  readonly credentials?: boolean | undefined;
  /** Fields of answers that pages may read, beside those of the protocols. Default: `"*"`, which is none with credentials. */
  readonly exposedHeaders?: readonly string[] | undefined;
  /** Seconds that a browser may remember the answer to its preflight. Default 7,200. */
  readonly maxAgeSeconds?: number | undefined;
}

const EXPOSED = ["grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-encoding", "content-encoding"];
/** Names of fields, and commas between them: what a browser asks for is said back and must not be anything else. */
const NAMES = /^[!#$%&'*+.^_`|~0-9A-Za-z, -]{0,4096}$/;

/** Answers preflights, and marks answers. */
export class Cors {
  readonly #options: CorsOptions;

  /** Throws an `RpcError` of kind `"invalid"` for options that contradict each other. */
  constructor(options: CorsOptions) {
    if (options.origins === "*" && options.credentials) {
      throw new RpcError("invalid", "cors: credentials need a list of origins");
    }
    this.#options = options;
  }

  /** The answer to a preflight: no content, and permission only for origins that have it. */
  preflight(request: HttpRequest): HttpResponse {
    const asked = request.headers.get("access-control-request-headers") ?? "";
    const allowed = this.#allowed(request);
    const headers: Pair[] = [...allowed, ["vary", "access-control-request-method, access-control-request-headers"]];
    if (allowed.some(([name]) => name === "access-control-allow-origin")) {
      headers.push(["access-control-allow-methods", "POST, GET"]);
      headers.push(["access-control-max-age", String(this.#options.maxAgeSeconds ?? 7_200)]);
      if (asked !== "" && NAMES.test(asked)) headers.push(["access-control-allow-headers", asked]);
    }
    return { status: 204, headers };
  }

  /** The fields that let a page read the answer to its request. */
  fields(request: HttpRequest): Pair[] {
    const allowed = this.#allowed(request);
    if (!allowed.some(([name]) => name === "access-control-allow-origin")) return allowed;
    const { exposedHeaders, credentials } = this.#options;
    const names = [...EXPOSED, ...exposedHeaders ?? (credentials ? [] : ["*"])];
    return [...allowed, ["access-control-expose-headers", names.join(", ")]];
  }

  #allowed(request: HttpRequest): Pair[] {
    const { origins, credentials } = this.#options;
    if (origins === "*") return [["access-control-allow-origin", "*"]];
    const origin = request.headers.get("origin");
    // Caches must not give one origin's answer to another.
    const vary: Pair = ["vary", "origin"];
    if (origin === undefined || !origins.includes(origin)) return [vary];
    const allowed: Pair[] = [["access-control-allow-origin", origin], vary];
    return credentials ? [...allowed, ["access-control-allow-credentials", "true"]] : allowed;
  }
}
