/**
 * A proxy of gRPC that reads no messages, in front of a server: `grpc_proxy.ts ADDRESS`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { grpc } from "../../codecs/grpc/protocol.ts";
import { RawGrpc, type UnknownServiceHandler } from "../../codecs/grpc/raw.ts";
import { createClient, createServer } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";

const platform = await autoPlatform();
const upstream = createClient(RawGrpc, { to: platform.args[0]!, protocol: grpc() });
const unknownService: UnknownServiceHandler = (request, context) =>
  upstream.call(request, { context, meta: context.meta });
const proxy = await createServer({ protocols: [grpc({ unknownService })] }).listen({ hostname: "127.0.0.1", port: 0 });
await platform.stdout.write(`listening on ${proxy.address}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
await proxy.close();
await upstream.close();
