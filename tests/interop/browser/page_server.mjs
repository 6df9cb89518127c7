/**
 * Serves the page with the cases, made into one script: `page_server.mjs`. Prints `listening on ADDRESS`, ends on SIGTERM.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const script = execFileSync(process.execPath, [
  path("../../../tools/node_modules/esbuild/bin/esbuild"),
  path("page.ts"),
  "--bundle",
  "--platform=browser",
  "--format=esm",
], { timeout: 60_000, maxBuffer: 16 << 20 });
const files = {
  "/": ["text/html", '<!doctype html><title>cases</title><script type="module" src="/page.js"></script>'],
  "/page.js": ["text/javascript", script],
};
const server = createServer(({ url }, response) => {
  const [type, content] = files[url] ?? [];
  if (content === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": type }).end(content);
});
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
