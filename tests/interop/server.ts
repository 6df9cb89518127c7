/**
 * Serves the contract of `echo.thrift`: `server.ts --thrift PORT [--host ADDRESS]`, or `--unix PATH`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS` when it is ready (port 0 picks one),
 * ends on SIGTERM or SIGINT after the calls under way.
 *
 * @module
 */
import { createServer } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService, StreamService } from "./gen/echo.ts";
import { echoHandlers, streamHandlers } from "./handlers.ts";

const platform = await autoPlatform();
const option = (name: string): string | undefined => {
  const at = platform.args.indexOf(`--${name}`);
  return at < 0 ? undefined : platform.args[at + 1];
};
const port = option("thrift");
const path = option("unix");
if (port === undefined && path === undefined) {
  await platform.stderr.write("usage: server.ts --thrift PORT [--host ADDRESS] | --unix PATH\n");
  platform.setExitCode(2);
} else {
  const server = createServer().add(EchoService, echoHandlers()).add(StreamService, streamHandlers());
  const running = [];
  if (port !== undefined) {
    running.push(await server.listen({ hostname: option("host") ?? "127.0.0.1", port: Number(port) }));
  }
  if (path !== undefined) running.push(await server.listen({ path }));
  for (const { address } of running) await platform.stdout.write(`listening on ${address}\n`);
  const ended = new Promise<void>((resolve) => platform.onSignal(() => resolve()));
  await ended;
  await Promise.all(running.map((one) => one.close()));
}
