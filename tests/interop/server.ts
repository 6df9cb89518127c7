/**
 * Serves the contracts of `echo.thrift` and `echo.proto` in every protocol of the front door, and gRPC:
 * `server.ts --thrift PORT [--pb PORT] [--host ADDRESS]`, or `--unix PATH`. Each port serves both contracts.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS` when it is ready (port 0 picks one),
 * ends on SIGTERM or SIGINT after the calls under way.
 *
 * @module
 */
import { grpc } from "../../codecs/grpc/protocol.ts";
import { buffered, createServer, framed, kitex, ttheaderStreaming } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService, StreamService } from "./gen/echo.ts";
import { echoHandlers, streamHandlers } from "./handlers.ts";
import { PbEcho, PbStream, protoHandlers, protoStreamHandlers } from "./proto_handlers.ts";

const platform = await autoPlatform();
const option = (name: string): string | undefined => {
  const at = platform.args.indexOf(`--${name}`);
  return at < 0 ? undefined : platform.args[at + 1];
};
const ports = [option("thrift"), option("pb")].filter((port) => port !== undefined);
const path = option("unix");
if (ports.length === 0 && path === undefined) {
  await platform.stderr.write("usage: server.ts --thrift PORT [--pb PORT] [--host ADDRESS] | --unix PATH\n");
  platform.setExitCode(2);
} else {
  const protocols = [
    ttheaderStreaming(),
    kitex(),
    grpc({ maxReceiveBytes: 16 << 20 }),
    framed({ payload: "compact" }),
    buffered({ payload: "compact" }),
    framed({ payload: "json" }),
    buffered({ payload: "json" }),
  ];
  const server = createServer({ protocols })
    .add(EchoService, echoHandlers())
    .add(StreamService, streamHandlers())
    .add(PbEcho, protoHandlers())
    .add(PbStream, protoStreamHandlers());
  const running = [];
  for (const port of ports) {
    running.push(await server.listen({ hostname: option("host") ?? "127.0.0.1", port: Number(port) }));
  }
  if (path !== undefined) running.push(await server.listen({ path }));
  for (const { address } of running) await platform.stdout.write(`listening on ${address}\n`);
  const ended = new Promise<void>((resolve) => platform.onSignal(() => resolve()));
  await ended;
  await Promise.all(running.map((one) => one.close()));
}
