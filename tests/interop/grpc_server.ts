/**
 * Serves gRPC's interop service with gRPC's own services beside it, and `echo.thrift` and `echo.proto` as Kitex does over gRPC:
 * `grpc_server.ts PORT [--tls]`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { addHealth } from "../../codecs/grpc/health.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { addReflection } from "../../codecs/grpc/reflection.ts";
import { createServer } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { serverTls } from "./certificates.ts";
import { EchoService, StreamService } from "./gen/echo.ts";
import { testHandlers, TestService } from "./grpc_handlers.ts";
import { echoHandlers, streamHandlers } from "./handlers.ts";
import { PbEcho, PbStream, protoHandlers, protoStreamHandlers } from "./proto_handlers.ts";

const platform = await autoPlatform();
const server = createServer({ protocols: [grpc({ maxReceiveBytes: 16 << 20 })] })
  .add(TestService, testHandlers())
  .add(EchoService, echoHandlers())
  .add(StreamService, streamHandlers())
  .add(PbEcho, protoHandlers())
  .add(PbStream, protoStreamHandlers());
const health = addHealth(server);
addReflection(server);
const where = { hostname: "127.0.0.1", port: Number(platform.args[0] ?? 0) };
const running = await server.listen({ ...where, ...await serverTls(platform) });
health.follow(running);
await platform.stdout.write(`listening on ${running.address}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
await running.close();
