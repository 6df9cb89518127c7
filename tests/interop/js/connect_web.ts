/**
 * The interop contract on `@connectrpc/connect-web`, by the `fetch` of the runtime or page that it runs in.
 *
 * @module
 */
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { GET, GIVEN_UP, LARGE, OUTPUT, UNARY } from "./cases.ts";
import { connectClient } from "./connect_client.ts";
import type { CaseSet } from "./run_cases.ts";

/** Its clients of the server at `baseUrl`. */
export function connectWebSets(baseUrl: string): CaseSet[] {
  const found: CaseSet[] = [];
  for (const [name, make] of [["connect", createConnectTransport], ["grpc-web", createGrpcWebTransport]] as const) {
    for (const useBinaryFormat of [true, false]) {
      found.push({
        name: `connect-web by ${name} ${useBinaryFormat ? "proto" : "json"}`,
        client: () => connectClient(make({ baseUrl, useBinaryFormat })),
        cases: useBinaryFormat ? [UNARY, LARGE, OUTPUT, GIVEN_UP] : [UNARY, OUTPUT, GIVEN_UP],
      });
    }
  }
  found.push({
    name: "connect-web by GET",
    client() {
      const methods: string[] = [];
      const listening: typeof fetch = (url, init) => {
        methods.push(init?.method ?? "GET");
        return fetch(url, init);
      };
      const transport = createConnectTransport({ baseUrl, useHttpGet: true, fetch: listening });
      return connectClient(transport, { methods: () => methods });
    },
    cases: [GET],
  });
  return found;
}
