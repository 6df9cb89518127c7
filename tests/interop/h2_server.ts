/**
 * Answers every HTTP/2 request with 200 and a body, for h2spec: `h2_server.ts PORT [--tls]`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { http2 } from "../../codecs/http2/http_server.ts";
import { createServer } from "../../core.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { serverTls } from "./certificates.ts";

/** h2spec leaves cases out where an answer is too short to be sent in parts. */
const BODY = "h2spec wants an answer of some length. ".repeat(16);

const platform = await autoPlatform();
const server = await createServer({
  transport: auto(),
  protocols: [http2({
    async handler(request) {
      await request.body.bytes();
      return { headers: { "content-type": "text/plain" }, body: BODY };
    },
  })],
}).listen({ hostname: "127.0.0.1", port: Number(platform.args[0] ?? 0), ...await serverTls(platform) });
await platform.stdout.write(`listening on ${server.address}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
await server.close();
