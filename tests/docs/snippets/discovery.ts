/**
 * What docs/discovery.md shows.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import {
  dnsResolver,
  fileResolver,
  kubernetesResolver,
  nacosRegistry,
  nacosResolver,
  snapshot,
  zooKeeperClient,
  zooKeeperRegistry,
  zooKeeperResolver,
} from "@updraft/rpc/discovery";
import { node } from "@updraft/rpc/node";
import { autoPlatform } from "@updraft/rpc/platform";
import { assertEquals } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const { files } = await autoPlatform();
const temporary = await files.makeTempDir("updraft-discovery-");
const path = `${temporary}/services.json`;
await using server = await createServer().add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });
await files.write(path, JSON.stringify({ greeter: [{ address: server.address, weight: 10 }] }));

const resolver = fileResolver({ path, files });
await using client = createClient(Greeter, { to: "greeter", resolver });
await client.hello({ name: "Ada" });

const kept = snapshot(resolver, { folder: `${temporary}/snapshots`, files });
await using other = createClient(Greeter, { to: "greeter", resolver: kept });
await other.hello({ name: "Ada" });
while ((await files.stat(`${temporary}/snapshots/file%2Cgreeter.json`)) === null);

const platform = await autoPlatform(); // from @updraft/rpc/platform
const hosts = dnsResolver({ lookup: platform.resolve });
const { addresses, services } = platform.dns();
const records = dnsResolver({ lookup: addresses, services });
const port = server.address.split(":").at(-1);
for (const found of [hosts, records]) {
  await using local = createClient(Greeter, { to: `127.0.0.1:${port}`, resolver: found });
  await local.hello({ name: "Ada" });
}

const password = "secret";
const nacos = { endpoints: ["http://127.0.0.1:8848"], namespace: "shop", auth: { user: "ada", password } };
const entered = nacosRegistry(nacos);
const found = nacosResolver(nacos);
assertEquals([entered.name, found.name], ["nacos", "nacos"]);

const zk = zooKeeperClient({ servers: ["127.0.0.1:2181"], transport: node() });
const listed = zooKeeperRegistry(zk);
const watched = zooKeeperResolver(zk);
assertEquals([listed.name, watched.name], ["zookeeper", "zookeeper"]);

const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
const pods = kubernetesResolver({
  endpoints: ["https://kubernetes.default.svc"],
  token: () => files.readText(`${folder}/token`), // read each time: the cluster replaces it
});
assertEquals(pods.name, "kubernetes");

await Promise.all([zk.close(), client.close(), other.close()]);
await files.remove(temporary);
