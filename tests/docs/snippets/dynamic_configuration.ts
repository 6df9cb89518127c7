/**
 * What docs/dynamic_configuration.md shows.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { clientConfig, createLimiter, fileConfig, serverConfig } from "@updraft/rpc/middleware";
import { autoPlatform } from "@updraft/rpc/platform";
import { assertEquals } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const { files } = await autoPlatform();
const folder = await files.makeTempDir("updraft-config-");
const path = `${folder}/kitex.json`;
const refused: string[] = [];
await files.write(
  path,
  JSON.stringify({
    "Web/Greeter": { timeout: { "*": { rpc_timeout_ms: "soon" } }, degradation: { enable: true, percentage: 100 } },
    Greeter: { limit: { qps_limit: 10 } },
  }),
);

const source = fileConfig({ path, files: (await autoPlatform()).files });
const limiter = createLimiter();
const limits = serverConfig({ source, server: "Greeter", limiter });
const policies = clientConfig({
  source,
  client: "Web",
  server: "Greeter",
  onRefused: (category, { message }) => refused.push(`${category}: ${message}`),
});
await using server = await createServer({ limit: limiter })
  .add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: server.address, use: policies.use });
await Promise.all([limits.ready, policies.ready]);

const outcome = await client.hello({ name: "Ada" }).then(() => "answered", ({ kind }) => kind);
limits.close();
policies.close();
await files.remove(folder);
assertEquals(outcome, "forbidden");
assertEquals(refused, ['rpc_timeout: rpc_timeout.*.rpc_timeout_ms: "soon" is no number']);
