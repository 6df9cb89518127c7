/**
 * Serves gRPC's interop service with gRPC's own services beside it, and `echo.thrift` and `echo.proto` as Kitex does over
 * gRPC, all by Connect and gRPC-Web too: `grpc_server.ts PORT [--tls] [--origin=ORIGIN]`. Pages of that origin may call.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { connect } from "../../codecs/connect/protocol.ts";
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
const origin = platform.args.find((word) => word.startsWith("--origin="))?.slice("--origin=".length);
const maxReceiveBytes = 16 << 20;
const cors = origin === undefined ? undefined : { origins: [origin] };
const server = createServer({ protocols: [grpc({ maxReceiveBytes }), connect({ maxReceiveBytes, cors })] })
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
