/**
 * Which protocol of a server answers a request of HTTP.
 *
 * @module
 */
import type { HttpHandler } from "../http/message.ts";
import type { Protocol, ServerHost } from "./protocol.ts";

/**
 * A handler that asks each of `protocols` that answers requests of HTTP, in their order; `undefined` if there is none. What
 * none of them takes is answered with 404.
 */
export function respondBy(protocols: readonly Protocol[], host: () => ServerHost): HttpHandler | undefined {
  const able = protocols.filter(({ respond }) => respond !== undefined);
  if (able.length === 0) return undefined;
  return (request) => {
    for (const protocol of able) {
      const response = protocol.respond?.(request, host());
      if (response !== undefined) return response;
    }
    return { status: 404, headers: { "content-length": "0" } };
  };
}
