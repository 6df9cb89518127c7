/**
 * Serves channelz, which tells of two servers of gRPC's interop service and two clients in this process: `channelz_server.ts PORT
 * [--tls]`. One client has called the second server: two calls went well, of them one with two messages back, one failed. The
 * other cannot reach anybody. The calls of those who ask are not counted; with `--tls` what is told of is over TLS.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { addChannelz, createChannelz } from "../../codecs/grpc/channelz.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { addReflection } from "../../codecs/grpc/reflection.ts";
import { createClient, createServer } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { clientTls, serverTls } from "./certificates.ts";
import { testHandlers, TestService } from "./grpc_handlers.ts";

const platform = await autoPlatform();
const channelz = createChannelz();
const server = createServer({ protocols: [grpc({ channelz })] }).add(TestService, testHandlers());
const where = { hostname: "127.0.0.1", ...await serverTls(platform) };
const first = await server.listen({ ...where, port: 0 });
const second = await server.listen({ ...where, port: 0 });

const dial = { protocol: grpc({ channelz }), ...await clientTls(platform) };
const client = createClient(TestService, { ...dial, to: second.address });
await client.emptyCall({});
for await (const _ of client.streamingOutputCall({ responseParameters: [{ size: 10 }, { size: 20 }] }));
await client.unaryCall({ responseStatus: { code: 9 } }).catch(() => {});
const lost = createClient(TestService, { ...dial, to: "127.0.0.1:1" });
await lost.emptyCall({}).catch(() => {});

const asked = createServer({ protocols: [grpc()] });
addChannelz(asked, channelz);
addReflection(asked);
const running = await asked.listen({ hostname: "127.0.0.1", port: Number(platform.args[0] ?? 0) });
await platform.stdout.write(`listening on ${running.address}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
for (const each of [client, lost, first, second, running]) await each.close();
