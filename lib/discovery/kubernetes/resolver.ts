/**
 * Finds the pods of a Kubernetes service: lists its EndpointSlices once, then watches them.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Clock } from "../../io/clock.ts";
import { pause, within } from "../follow.ts";
import { followInstances } from "../follow_instances.ts";
import { HttpJson, type HttpJsonOptions } from "../http_json.ts";
import { havingTags, type Instance } from "../instance.ts";
import { fieldOf, listOf } from "../json_fields.ts";
import type { Resolver } from "../resolver.ts";
import { nameOf, readSlice, versionOf } from "./endpoint_slices.ts";

/** Options of `kubernetesResolver`. */
export interface KubernetesResolverOptions extends HttpJsonOptions {
  /** Where services are looked for whose name says no namespace. Default `"default"`. */
  readonly namespace?: string | undefined;
  /**
   * Gives the bearer token of a request; called for each, since a cluster replaces tokens. Inside a pod it is the content of
   * `/var/run/secrets/kubernetes.io/serviceaccount/token`. Default: no token.
   */
  readonly token?: (() => string | Promise<string>) | undefined;
  /** Told of slices and endpoints that are left out because they make no sense, and of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** How long the server keeps a watch open. */
const WATCH_SECONDS = 300;
/** How much longer it may be silent: the server is gone then without a word. */
const SPARE_MS = 10_000;
/** How long a token may be waited for. */
const TOKEN_MS = 10_000;
/** Least time between two watches. */
const MIN_BETWEEN_MS = 100;
/** Status of a version that the server has forgotten. */
const GONE = 410;
/** `service`, `service.namespace`, each with `:port`, a number or a port's name. */
const NAME = /^([a-z0-9-]{1,63})(?:\.([a-z0-9-]{1,63}))?(?::([a-z0-9-]{1,15}))?$/;

/**
 * Follows the ready pods of a service. The name is `service`, `service.namespace`, or one of them with `:port`, a number or a port's
 * name; without it the first port is taken. Instances have the tags `zone` and `node`, as far as the cluster says them.
 * Throws an `RpcError` of kind `"invalid"` for options that cannot be used.
 */
export function kubernetesResolver(options: KubernetesResolverOptions): Resolver {
  const { namespace = "default", token, onError, random = Math.random } = options;
  const http = new HttpJson(options);

  async function headers(clock: Clock, signal: AbortSignal): Promise<Record<string, string>> {
    if (token === undefined) return {};
    const given = (async () => await token())();
    return { authorization: `Bearer ${(await within(given, { what: "token", ms: TOKEN_MS, clock, signal })).trim()}` };
  }

  return {
    name: "kubernetes",
    resolve({ name, tags }, sink, clock) {
      const [, service, own, port] = NAME.exec(name) ?? [];
      if (service === undefined) {
        throw new RpcError(
          "invalid",
          `"${name}" is none of service, service.namespace, service:port, service.namespace:port`,
        );
      }
      const wanted = havingTags(tags);
      const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(own ?? namespace)}/endpointslices` +
        `?labelSelector=${encodeURIComponent(`kubernetes.io/service-name=${service}`)}`;
      const slices = new Map<string, readonly Instance[]>();

      function put(slice: unknown): void {
        const key = nameOf(slice);
        const { instances, errors } = readSlice(slice, port);
        for (const error of errors) onError?.(error);
        if (key !== undefined) slices.set(key, instances);
      }

      function tell(): void {
        // A pod may be in two slices while it moves from one to the other.
        const found = new Map<string, Instance>();
        for (const instances of slices.values()) for (const each of instances) found.set(each.address, each);
        sink.update([...found.values()].filter(wanted));
      }

      /** One watch, from a version on; gives the version to go on from, `undefined` if all must be read again. */
      async function watch(from: string, signal: AbortSignal, good: () => void): Promise<string | undefined> {
        const query = `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${from}`;
        let version = from;
        const request = { signal, headers: await headers(clock, signal), silentMs: WATCH_SECONDS * 1_000 + SPARE_MS };
        for await (const event of http.lines(path + query, request)) {
          const object = fieldOf(event, "object");
          const type = fieldOf(event, "type");
          if (type === "ERROR") {
            if (fieldOf(object, "code") === GONE) return undefined;
            throw new RpcError("unavailable", `Kubernetes ended a watch: ${String(fieldOf(object, "message"))}`);
          }
          version = versionOf(object) ?? version;
          good();
          if (type === "BOOKMARK") continue;
          if (type === "DELETED") slices.delete(nameOf(object) ?? "");
          else put(object);
          if (!signal.aborted) tell();
        }
        return version;
      }

      return followInstances({
        sink,
        onError,
        clock,
        random,
        async run(signal, good) {
          const { value } = await http.ask(path, { signal, headers: await headers(clock, signal) });
          if (signal.aborted) return;
          let version = versionOf(value);
          if (version === undefined) throw new RpcError("protocol", "Kubernetes' list has no version to watch from");
          slices.clear();
          for (const slice of listOf(value, "items")) put(slice);
          good();
          tell();
          while (version !== undefined && !signal.aborted) {
            try {
              version = await watch(version, signal, good);
            } catch (error) {
              if (error instanceof RpcError && error.code === GONE) return;
              throw error;
            }
            await pause(MIN_BETWEEN_MS, clock, signal);
          }
        },
      });
    },
  };
}
