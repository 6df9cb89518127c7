/**
 * What docs/http2.md shows.
 *
 * @module
 */
import { createServer } from "@updraft/rpc";
import { connectHttp2, http2 } from "@updraft/rpc/http2";
import { assertEquals } from "@std/assert";
import { auto } from "../../../transports/auto.ts";

await using server = await createServer({
  protocols: [http2({
    async handler({ method, path, body }) {
      return { headers: { "x-request": `${method} ${path}` }, body: await body.bytes() };
    },
  })],
}).listen({ hostname: "127.0.0.1", port: 0 });

await using client = await connectHttp2({ to: server.address, transport: auto() });
const response = await client.request({ method: "POST", path: "/echo", body: "some content" });
const text = new TextDecoder().decode(await response.body.bytes());

assertEquals([response.status, response.headers.get("x-request"), text], [200, "POST /echo", "some content"]);
