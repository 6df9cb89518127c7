/**
 * gRPC's interop service in `Deno.serve`: prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { mounted } from "./service.ts";

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request) => Promise<Response>,
  ): DenoServer;
};

const platform = await autoPlatform();
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, mounted().fetch);
await platform.stdout.write(`listening on 127.0.0.1:${server.addr.port}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
await server.shutdown();
