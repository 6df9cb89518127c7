/**
 * Registers servers in Consul as Kitex's registry-consul does, and keeps them there.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { backoffMs } from "../../governance/backoff.ts";
import { systemClock } from "../../io/clock.ts";
import { describeEndpoint } from "../../io/endpoint.ts";
import { pause, REGISTRY_BACKOFF } from "../follow.ts";
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
      const over = new AbortController();
      const { signal } = over;
      const everyMs = check.type === "ttl" ? check.ttlSeconds * 1_000 / 3 : LOOK_MS;

      async function renew(): Promise<void> {
        try {
          if (check.type === "ttl") {
            const told = { Status: "passing", Output: "online" };
            await http.ask(`/v1/agent/check/update/${encodeURIComponent(checkId)}`, {
              method: "PUT",
              body: told,
              signal,
            });
          } else await http.ask(`/v1/agent/service/${id}`, { signal });
        } catch (error) {
          if (!(error instanceof RpcError && error.code === 404)) throw error;
          await enter(signal);
          onError?.(new RpcError("unavailable", `Consul had lost ${service.ID}, it was registered anew`));
        }
      }

      async function keep(): Promise<void> {
        for (let failures = 0; !signal.aborted;) {
          const waitMs = failures === 0 ? everyMs : Math.min(everyMs, backoffMs(REGISTRY_BACKOFF, failures, random));
          await pause(Math.max(waitMs, 1), clock, signal);
          if (signal.aborted) return;
          try {
            await renew();
            failures = 0;
          } catch (error) {
            if (signal.aborted) return;
            failures++;
            onError?.(RpcError.from(error));
          }
        }
      }

      const kept = keep();
      let ending: Promise<void> | undefined;
      const end = async (): Promise<void> => {
        over.abort(new RpcError("canceled", "deregistered"));
        await kept;
        try {
          await http.ask(`/v1/agent/service/deregister/${id}`, { method: "PUT" });
        } catch (error) {
          if (!(error instanceof RpcError && error.code === 404)) throw error; // it is gone already
        }
      };
      return { deregister: () => ending ??= end() };
    },
  };
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
