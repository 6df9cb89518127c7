/**
 * The cases of `npm run interop` about registries and dynamic configuration: real etcd, Consul and ZooKeeper, real Kitex services and
 * clients, ours.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { freePorts, programOf, startPeer } from "./peers.mjs";

const rollingFile = join(root, "tests", "interop", "rolling.ts");
const registryFile = join(root, "tests", "interop", "registry.ts");
/** Debian's: its manifest names all that it needs. */
const ZOOKEEPER_JAR = "/usr/share/java/zookeeper.jar";
const configFile = join(root, "tests", "interop", "dynamic_config.ts");

/**
 * Adds the cases. `runChecks` runs one of our programs, which starts a registry of its own and kills it meanwhile; `servers` has a
 * folder for what that keeps.
 */
export function addRegistryCases(add, { go, consul, runtimes }, servers, runChecks) {
  for (const { id, program, flags } of runtimes) {
    const folder = join(servers.folder, `${id} registries`);
    add(`${id} <-> kitex, found through etcd`, async () => {
      const { address, command } = await etcdCommand(join(folder, "found"));
      return await runChecks(program, [...flags, registryFile, "etcd", address, go.registry, ...command]);
    });
    add(`${id} <-> kitex, found through consul`, async () => {
      const { address, command } = await consulCommand(consul);
      return await runChecks(program, [...flags, registryFile, "consul", address, go.registry, ...command]);
    });
    add(`${id} <-> kitex, found through zookeeper`, async () => {
      const { address, command } = await zooKeeperCommand(join(folder, "zookeeper"));
      return await runChecks(program, [...flags, registryFile, "zookeeper", address, go.registry, ...command]);
    });
    add(`${id} follows dynamic configuration in etcd`, async () => {
      const { address, command } = await etcdCommand(join(folder, "configuration"));
      return await runChecks(program, [...flags, configFile, "etcd", address, ...command]);
    });
    add(`${id} follows dynamic configuration in zookeeper`, async () => {
      const { address, command } = await zooKeeperCommand(join(folder, "zookeeper configuration"));
      return await runChecks(program, [...flags, configFile, "zookeeper", address, ...command]);
    });
    add(`${id} <-> kitex, restarted one after the other under load`, async () => {
      const { address, command: [etcd, ...args] } = await etcdCommand(join(folder, "restarted"));
      const registry = await startPeer(etcd, args, { ready: /ready to serve client requests/ });
      try {
        return await runChecks(program, [...flags, rollingFile, address, go.registry]);
      } finally {
        await registry.stop();
      }
    });
  }
}

/** How etcd is started: its command, and the address it will listen on. */
async function etcdCommand(folder) {
  const [client, peer] = await freePorts(2);
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const args = [
    ...["--data-dir", folder],
    ...["--listen-client-urls", clients, "--advertise-client-urls", clients],
    // A port of the peers' other than etcd's own has to be said in three places.
    ...["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", `default=${peers}`],
  ];
  return { command: [programOf("etcd", "etcd-server"), ...args], address: `127.0.0.1:${client}` };
}

/** The same of Consul: an agent by itself that keeps all in memory. */
async function consulCommand(program) {
  const [http, server, lan] = await freePorts(3);
  const args = [
    ...["agent", "-dev", "-bind", "127.0.0.1", "-client", "127.0.0.1", "-log-level", "warn"],
    ...["-http-port", http, "-server-port", server, "-serf-lan-port", lan].map(String),
    ...["-serf-wan-port", "-1", "-dns-port", "-1", "-grpc-port", "-1"],
  ];
  return { command: [program, ...args], address: `127.0.0.1:${http}` };
}

/** The same of ZooKeeper: one server by itself, its configuration and data in the folder. */
async function zooKeeperCommand(folder) {
  if (!existsSync(ZOOKEEPER_JAR)) {
    throw new Error(`${ZOOKEEPER_JAR} is missing: install the package "libzookeeper-java" (Debian has it)`);
  }
  const [port] = await freePorts(1);
  const configuration = {
    dataDir: join(folder, "data"),
    clientPort: port,
    clientPortAddress: "127.0.0.1",
    "admin.enableServer": false,
    // Sessions may be as short as two ticks.
    tickTime: 500,
    maxClientCnxns: 0,
  };
  const file = join(folder, "zoo.cfg");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, Object.entries(configuration).map(([name, value]) => `${name}=${value}\n`).join(""));
  const main = "org.apache.zookeeper.server.ZooKeeperServerMain";
  // Nothing is compiled twice, nor more memory taken than it needs: others run beside it.
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", ZOOKEEPER_JAR];
  const java = programOf("java", "default-jre-headless");
  return { command: [java, ...flags, main, file], address: `127.0.0.1:${port}` };
}
