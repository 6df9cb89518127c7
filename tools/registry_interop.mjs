/**
 * The cases of `npm run interop` about registries and dynamic configuration: a real etcd, real Kitex services and clients, ours.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { freePorts, programOf, startPeer } from "./peers.mjs";

const rollingFile = join(root, "tests", "interop", "rolling.ts");
const registryFile = join(root, "tests", "interop", "registry.ts");
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
    add(`${id} follows dynamic configuration in etcd`, async () => {
      const { address, command } = await etcdCommand(join(folder, "configuration"));
      return await runChecks(program, [...flags, configFile, address, ...command]);
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
