/**
 * gRPC's interop service in `Bun.serve`: prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { mounted } from "./service.ts";

interface BunServer {
  readonly port: number;
  stop(closeConnections: boolean): Promise<void>;
}

declare const Bun: {
  serve(
    options: { hostname: string; port: number; idleTimeout: number; fetch(request: Request): Promise<Response> },
  ): BunServer;
};

const platform = await autoPlatform();
// Bun closes connections that were silent for so many seconds, also while a call runs; its own default is 10.
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 60, fetch: mounted().fetch });
await platform.stdout.write(`listening on 127.0.0.1:${server.port}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
await server.stop(true);
