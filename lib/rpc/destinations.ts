/**
 * Where a client's calls go: its one address, or the instances of a service, looked up once for each set of tags.
 *
 * @module
 */
import type { Connectivity } from "../discovery/balancer.ts";
import type { Resolver } from "../discovery/resolver.ts";
import { staticResolver } from "../discovery/static.ts";
import { RpcError } from "../errors.ts";
import { describeEndpoint, parseTarget } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { Call } from "./call.ts";
import type { ClientOptions } from "./client.ts";
import { Destination, type DestinationInit } from "./destination.ts";

/** Sets of tags that one client may look up: more are a mistake, and each is kept for good. */
const MAX_TAG_SETS = 1_000;

/** Instances that are looked up. */
export interface LookedUp {
  /** Finds them. */
  readonly resolver: Resolver;
  /** What it looks for. */
  readonly name: string;
  /** What they are chosen by. */
  readonly tags: Readonly<Record<string, string>>;
  /** Where they come from: a resolver of the client's own, a scheme of the target, or the list that `to` is. */
  readonly from: "resolver" | "scheme" | "list";
}

/** What a client's `to` and `resolver` mean. */
export type ParsedDestination = { readonly address: Endpoint } | LookedUp;

/** Reads the options that say where calls go. Throws an `RpcError` of kind `"invalid"` for what cannot be read. */
export function parseDestination(
  { to, resolver, resolvers, tags = {} }: Pick<ClientOptions, "to" | "resolver" | "resolvers" | "tags">,
): ParsedDestination {
  if (resolver !== undefined) {
    if (typeof to === "string" && to !== "") return { resolver, name: to, tags, from: "resolver" };
    throw new RpcError("invalid", `\`to\` must be the name that the resolver ${resolver.name} looks up`);
  }
  if (typeof to === "string") {
    const scheme = /^([a-z][a-z0-9+.-]*):/.exec(to)?.[1];
    const found = scheme !== undefined && resolvers !== undefined && Object.hasOwn(resolvers, scheme)
      ? resolvers[scheme]
      : undefined;
    if (found !== undefined) {
      const name = to.slice(scheme!.length + 1);
      found.check?.(name);
      return { resolver: found, name, tags, from: "scheme" };
    }
    return { address: parseTarget(to) };
  }
  if (!isList(to)) return { address: parseTarget(to) };
  if (to.length === 0) throw new RpcError("invalid", "`to` is a list without an address");
  const names = to.map((each) => describeEndpoint(parseTarget(each)));
  return { resolver: staticResolver(to), name: names.join(","), tags, from: "list" };
}

function isList(to: ClientOptions["to"]): to is readonly (string | Endpoint)[] {
  return Array.isArray(to);
}

/** The instances a client's calls go to. */
export class Destinations {
  readonly #init: DestinationInit;
  readonly #tagged = new Map<string, Destination>();
  #main: Destination | undefined;

  /** Looks nothing up before the first call. */
  constructor(init: DestinationInit) {
    this.#init = init;
  }

  /** Sends a call: to its own address if it has one, else to an instance of the service. */
  send(call: Call): unknown {
    if (call.hasAddress) return this.#init.next(call);
    if (call.tags !== undefined) return this.#of(call.tags).send(call);
    return (this.#main ??= new Destination(this.#init)).send(call);
  }

  /** How the client stands with its instances; those that calls chose by tags of their own do not count. */
  get state(): Connectivity {
    return this.#main?.state ?? "idle";
  }

  /** Begins to follow the list of instances and to connect, as the first call does. */
  connect(): void {
    (this.#main ??= new Destination(this.#init)).connect();
  }

  /** How things stand with an address has changed. */
  changed(endpoint: Endpoint): void {
    const address = describeEndpoint(endpoint);
    this.#main?.changed(address);
    for (const destination of this.#tagged.values()) destination.changed(address);
  }

  /** Do calls wait for instances? */
  get waited(): boolean {
    return this.#all().some(({ waited }) => waited);
  }

  /** Ends all looking up, until the next call. */
  rest(): void {
    this.close();
    this.#main = undefined;
    this.#tagged.clear();
  }

  /** Ends all looking up. */
  close(): void {
    for (const destination of this.#all()) destination.close();
  }

  #all(): Destination[] {
    return this.#main === undefined ? [...this.#tagged.values()] : [this.#main, ...this.#tagged.values()];
  }

  #of(own: Readonly<Record<string, string>>): Destination {
    const tags = { ...this.#init.tags, ...own };
    const key = JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
    let found = this.#tagged.get(key);
    if (found === undefined) {
      if (this.#tagged.size >= MAX_TAG_SETS) {
        throw new RpcError("invalid", `more than ${MAX_TAG_SETS} sets of tags on one client`);
      }
      this.#tagged.set(key, found = new Destination({ ...this.#init, tags }));
    }
    return found;
  }
}
