/**
 * Servers that come and go while a client calls: they are in a file, which the client watches. No call is lost.
 *
 * @module
 */
import { createClient, createServer, type RunningServer } from "@updraft/rpc";
import { fileResolver } from "@updraft/rpc/discovery";
import { autoPlatform } from "@updraft/rpc/platform";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

const { files } = await autoPlatform();
const folder = await files.makeTempDir("updraft-discovery-");
const path = `${folder}/services.json`;
/** Who answered how many calls. */
const answered = new Map<string, number>();

async function start(name: string): Promise<RunningServer> {
  const count = (): void => void answered.set(name, (answered.get(name) ?? 0) + 1);
  return await createServer({ use: [(next) => (call) => (count(), next(call))] })
    .add(Greeter, greeter())
    .listen({ hostname: "127.0.0.1", port: 0 });
}

/** Registries as etcd, Consul and Nacos do this by themselves when a server begins and ends. */
async function write(...servers: RunningServer[]): Promise<void> {
  await files.write(path, JSON.stringify({ greeter: servers.map(({ address }) => ({ address, weight: 10 })) }));
}

const [ada, bob] = [await start("ada"), await start("bob")];
await write(ada, bob);
const client = createClient(Greeter, { to: "greeter", resolver: fileResolver({ path, files }), timeoutMs: 5_000 });

/** Calls until these servers, and no others, answer ten calls in a row. */
async function callUntil(...names: string[]): Promise<void> {
  for (;;) {
    answered.clear();
    for (let i = 0; i < 10; i++) await client.hello({ name: "you" });
    if ([...answered.keys()].sort().join() === names.join()) break;
  }
  console.log(`answered by ${names.join(" and ")}`);
}

await callUntil("ada", "bob");
const eve = await start("eve");
await write(ada, bob, eve);
await callUntil("ada", "bob", "eve");
await write(bob, eve); // first it leaves the list, then it ends
await callUntil("bob", "eve");
await ada.close();
await callUntil("bob", "eve");

await client.close();
await Promise.all([bob.close(), eve.close()]);
await files.remove(folder);
