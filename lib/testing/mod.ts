/**
 * For tests of programs that call over networks: a proxy that behaves as bad ones do.
 *
 * ```ts ignore
 * import { createClient } from "@updraft/rpc";
 * import { node } from "@updraft/rpc/node";
 * import { faultProxy } from "@updraft/rpc/testing";
 *
 * await using proxy = await faultProxy({ to: server.address, transport: node() });
 * await using client = createClient(Greeter, { to: proxy.address, timeoutMs: 200 });
 * proxy.faults.drop = 0.1;
 * ```
 *
 * @module
 */
export type { Clock } from "../io/clock.ts";
export type { Endpoint, Transport } from "../io/raw.ts";
export { FaultProxy, faultProxy, type FaultProxyOptions, type Faults } from "./fault_proxy.ts";
