/**
 * Registers servers in Consul as Kitex's registry-consul does, and keeps them there.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { systemClock } from "../../io/clock.ts";
import { describeEndpoint } from "../../io/endpoint.ts";
import { keep } from "../keep.ts";
import type { Registry } from "../registry.ts";
import { consulHttp, type ConsulOptions } from "./http.ts";
import { toService } from "./record.ts";

/** How Consul knows that a server lives. */
export type ConsulCheck =
  | {
    /** The agent connects to the server. */
    readonly type: "tcp";
    /** Seconds between two connects. Default 5 (Kitex's). */
    readonly intervalSeconds?: number | undefined;
  }
  | {
    /** The server tells the agent. */
    readonly type: "ttl";
    /** Seconds after which a silent server is taken for dead; it tells three times in that time. */
    readonly ttlSeconds: number;
  }
  | {
    /** It does not. */
    readonly type: "none";
  };

/** Options of `consulRegistry`. The one endpoint is the agent of this machine, which keeps the entry. */
export interface ConsulRegistryOptions extends ConsulOptions {
  /** How Consul knows that the server lives. Default `{ type: "tcp" }` (Kitex's). */
  readonly check?: ConsulCheck | undefined;
}

/** How often it is looked whether the agent still has the entry, where the server need not tell that it lives. */
const LOOK_MS = 20_000;

/** Registers servers in Consul. Throws an `RpcError` of kind `"invalid"` for options that cannot be used. */
export function consulRegistry(options: ConsulRegistryOptions): Registry {
  const { check = { type: "tcp" }, clock = systemClock, random = Math.random } = options;
  if (options.endpoints.length > 1) {
    throw new RpcError(
      "invalid",
      `${options.endpoints.length} agents cannot keep one entry: give the one beside the server`,
    );
  }
  const seconds = check.type === "ttl" ? check.ttlSeconds : check.type === "tcp" ? check.intervalSeconds ?? 5 : 1;
  if (!(Number.isInteger(seconds) && seconds >= 1)) {
    throw new RpcError("invalid", `${seconds} seconds of a check are not a whole number above 0`);
  }
  const http = consulHttp(options);
  return {
    name: "consul",
    async register(info, { signal: giveUp, onError } = {}) {
      const service = toService(info);
      const checkId = `service:${service.ID}`;
      const id = encodeURIComponent(service.ID);
      const body = { ...service, ...checkOf(check, checkId, describeEndpoint(info.endpoint)) };
      const enter = async (signal: AbortSignal | undefined): Promise<void> => {
        await http.ask("/v1/agent/service/register", { method: "PUT", body, signal });
      };
      await enter(giveUp);
      /** Did the request fail since the agent does not know the entry? Older agents say 500 then, so that only a look tells. */
      async function isLost(error: unknown, signal?: AbortSignal): Promise<boolean> {
        if (!(error instanceof RpcError && error.kind === "unavailable") || error.code === 404) return isUnknown(error);
        return await http.ask(`/v1/agent/service/${id}`, { signal }).then(() => false, isUnknown);
      }

      const deregister = keep({
        clock,
        random,
        onError,
        everyMs: () => check.type === "ttl" ? check.ttlSeconds * 1_000 / 3 : LOOK_MS,
        async renew(signal, lost) {
          try {
            if (check.type === "ttl") {
              const told = { Status: "passing", Output: "online" };
              const path = `/v1/agent/check/update/${encodeURIComponent(checkId)}`;
              await http.ask(path, { method: "PUT", body: told, signal });
            } else await http.ask(`/v1/agent/service/${id}`, { signal });
          } catch (error) {
            if (!await isLost(error, signal)) throw error;
            await enter(signal);
            lost(new RpcError("unavailable", `Consul had lost ${service.ID}, it was registered anew`));
          }
        },
        async leave() {
          try {
            await http.ask(`/v1/agent/service/deregister/${id}`, { method: "PUT" });
          } catch (error) {
            if (!await isLost(error)) throw error;
          }
        },
      });
      return { deregister };
    },
  };
}

/** Does the agent not know what it was asked about? */
function isUnknown(error: unknown): boolean {
  return error instanceof RpcError && error.code === 404;
}

/** The check of a record. It begins as passed: a server registers when it serves. */
function checkOf(check: ConsulCheck, id: string, address: string): Record<string, unknown> {
  const common = { CheckID: id, Status: "passing", DeregisterCriticalServiceAfter: "1m" };
  switch (check.type) {
    case "none":
      return {};
    case "ttl":
      return { Check: { ...common, TTL: `${check.ttlSeconds}s` } };
    case "tcp":
      return { Check: { ...common, TCP: address, Timeout: "5s", Interval: `${check.intervalSeconds ?? 5}s` } };
  }
}
