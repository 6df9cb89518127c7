/**
 * Registers servers in Nacos as Kitex's registry-nacos does, and keeps them there by beats.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { systemClock } from "../../io/clock.ts";
import { fieldOf } from "../json_fields.ts";
import { keep } from "../keep.ts";
import type { Registry } from "../registry.ts";
import { nacosHttp, type NacosOptions } from "./http.ts";
import { toNacos } from "./record.ts";

/** Milliseconds between two beats, until Nacos says others. */
const BEAT_MS = 5_000;
/** Bounds of what Nacos may say. */
const [MIN_BEAT_MS, MAX_BEAT_MS] = [1_000, 60_000];
/** Code of an answer to a beat of an instance that is not known. */
const NOT_FOUND = 20_404;

/**
 * Registers servers in Nacos, as instances that go 30 s after their last beat. Each beat says all of an instance, so that a Nacos
 * that lost it makes it anew. Throws an `RpcError` of kind `"invalid"` for options that cannot be used.
 */
export function nacosRegistry(options: NacosOptions): Registry {
  const { clock = systemClock, random = Math.random } = options;
  const nacos = nacosHttp(options);
  return {
    name: "nacos",
    async register(info, { signal: giveUp, onError } = {}) {
      const { serviceName, groupName, clusterName, ip, port, weight, metadata } = toNacos(info, options);
      const named = { serviceName, groupName, clusterName, ip, port: String(port), ephemeral: "true" };
      const path = "/v1/ns/instance";
      const enter = async (signal: AbortSignal | undefined): Promise<void> => {
        const state = { weight: String(weight), enabled: "true", healthy: "true", metadata: JSON.stringify(metadata) };
        await nacos({ method: "POST", path, params: { ...named, ...state }, signal });
      };
      const beat = JSON.stringify({ ip, port, weight, serviceName, cluster: clusterName, metadata, scheduled: true });
      let everyMs = BEAT_MS;

      await enter(giveUp);
      const deregister = keep({
        clock,
        random,
        onError,
        everyMs: () => everyMs,
        async renew(signal, lost) {
          const params = { serviceName, groupName, ephemeral: "true", beat };
          const answer = parse(await nacos({ method: "PUT", path: `${path}/beat`, params, signal }));
          const asked = fieldOf(answer, "clientBeatInterval");
          if (typeof asked === "number" && asked > 0) everyMs = Math.min(MAX_BEAT_MS, Math.max(MIN_BEAT_MS, asked));
          if (fieldOf(answer, "code") !== NOT_FOUND) return;
          await enter(signal);
          lost(new RpcError("unavailable", `Nacos had lost ${ip}:${port} of ${serviceName}, it was registered anew`));
        },
        async leave() {
          await nacos({ method: "DELETE", path, params: named });
        },
      });
      return { deregister };
    },
  };
}

/** The answer to a beat; servers before 1.3 say only `ok`. */
function parse(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RpcError("protocol", `Nacos' answer to a beat is no JSON: ${text.slice(0, 200)}`, { cause });
  }
}
