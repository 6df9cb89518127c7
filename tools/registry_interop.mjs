/**
 * The cases of `npm run interop` about registries and dynamic configuration: a real etcd, real Kitex services and clients, ours.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { freePorts, programOf } from "./peers.mjs";

const registryFile = join(root, "tests", "interop", "registry.ts");
const configFile = join(root, "tests", "interop", "dynamic_config.ts");

/**
 * Adds the cases. `runChecks` runs one of our programs; `servers` starts etcd when it is first asked for, and has a folder for what
 * the programs start themselves.
 */
export function addRegistryCases(add, { go, runtimes }, servers, runChecks) {
  for (const { id, program, flags } of runtimes) {
    add(`${id} <-> kitex, found through etcd`, async () => {
      return await runChecks(program, [...flags, registryFile, "etcd", await servers.etcd(), go.registry]);
    });
    add(`${id} follows dynamic configuration in etcd`, async () => {
      const { program: etcd, args, address } = await etcdCommand(join(servers.folder, `${id} configuration`));
      return await runChecks(program, [...flags, configFile, address, etcd, ...args]);
    });
  }
}

/** How etcd is started: its program, its arguments, and the address it will listen on. */
export async function etcdCommand(folder) {
  const [client, peer] = await freePorts(2);
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const args = [
    ...["--data-dir", join(folder, "etcd")],
    ...["--listen-client-urls", clients, "--advertise-client-urls", clients],
    // A port of the peers' other than etcd's own has to be said in three places.
    ...["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", `default=${peers}`],
  ];
  return { program: programOf("etcd", "etcd-server"), args, address: `127.0.0.1:${client}` };
}
