/**
 * gRPC's interop service below an app of hono, on Node: prints `listening on ADDRESS`, ends on SIGTERM or SIGINT.
 *
 * @module
 */
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { mounted } from "./service.ts";

const platform = await autoPlatform();
const rpc = mounted();
const app = new Hono();
app.get("/", (context) => context.text("hello"));
app.all("/grpc.testing.TestService/*", (context) => rpc.fetch(context.req.raw));
const server = serve({
  fetch: app.fetch,
  hostname: "127.0.0.1",
  port: 0,
}, ({ port }) => void platform.stdout.write(`listening on 127.0.0.1:${port}\n`));
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
server.close();
if ("closeAllConnections" in server) server.closeAllConnections();
