/**
 * A fake of Nacos, written from the public page of its HTTP API (version 1): registering, beats, lists and logins, in memory. It is
 * not Nacos: it stands in for one where none can be had.
 *
 * An instance is unhealthy 15 s after its last beat and gone after 30 s; a beat that says all of an instance makes it anew.
 *
 * @module
 */

/** One request, as the fake took it apart. */
export interface NacosAsked {
  /** `PUT /nacos/v1/ns/instance/beat`. */
  readonly line: string;
  /** Its parameters, of the query and of a form. */
  readonly params: Readonly<Record<string, string>>;
}

/** What is kept of an instance. */
interface Host {
  ip: string;
  port: number;
  weight: number;
  enabled: boolean;
  healthy: boolean;
  ephemeral: boolean;
  clusterName: string;
  metadata: Record<string, string>;
  beatMs: number;
}

const [UNHEALTHY_MS, GONE_MS] = [15_000, 30_000];

/** What the fake is made of. */
export interface FakeNacosInit {
  /** Milliseconds of some clock. */
  readonly now: () => number;
  /** Who may log in; nobody needs to where it is left out. */
  readonly user?: { readonly username: string; readonly password: string };
}

/** A Nacos in memory. */
export class FakeNacos {
  /** All requests so far. */
  readonly asked: NacosAsked[] = [];
  /** What lists say of the time until the next. */
  cacheMillis = 10_000;
  /** What answers to beats say of the time until the next. */
  beatMillis = 5_000;
  /** While true, a beat makes no instance, and is answered that there is none. */
  strict = false;
  /** While true, nobody is there. */
  away = false;
  /** Seconds a token is said to live. */
  tokenTtl = 18_000;
  readonly #init: FakeNacosInit;
  /** Instances by namespace and grouped name. */
  readonly #services = new Map<string, Host[]>();
  #tokens = new Set<string>();
  #logins = 0;

  constructor(init: FakeNacosInit) {
    this.#init = init;
  }

  /** What a client is given. */
  readonly fetch: typeof fetch = async (input, init) => {
    if (this.away) throw new TypeError("refused");
    const { status, text } = this.handle(init!.method!, new URL(String(input)), String(init!.body ?? ""));
    return await Promise.resolve(new Response(text, { status }));
  };

  /** Forgets all instances, as a restart does. */
  restart(): void {
    this.#services.clear();
  }

  /** Forgets all tokens, as a change of the key does. */
  dropTokens(): void {
    this.#tokens = new Set();
  }

  /** Answers a request; `form` is the body of one. */
  handle(method: string, url: URL, form: string): { status: number; text: string } {
    const params = Object.fromEntries([...url.searchParams, ...new URLSearchParams(form)]);
    const line = `${method} ${url.pathname}`;
    this.asked.push({ line, params });
    if (line === "POST /nacos/v1/auth/login" || line === "POST /nacos/v1/auth/users/login") return this.#login(params);
    if (this.#init.user !== undefined && !this.#tokens.has(params.accessToken ?? "")) {
      return { status: 403, text: "unknown user!" };
    }
    this.#expire();
    switch (line) {
      case "POST /nacos/v1/ns/instance":
        return this.#register(params);
      case "DELETE /nacos/v1/ns/instance":
        this.#take(params);
        return { status: 200, text: "ok" };
      case "PUT /nacos/v1/ns/instance/beat":
        return this.#beat(params);
      case "GET /nacos/v1/ns/instance/list":
        return json(this.#list(params));
      default:
        return { status: 404, text: "no such thing" };
    }
  }

  #login({ username, password }: Record<string, string>): { status: number; text: string } {
    const { user } = this.#init;
    if (user === undefined || username !== user.username || password !== user.password) {
      return { status: 403, text: "unknown user!" };
    }
    const accessToken = `token-${++this.#logins}`;
    this.#tokens.add(accessToken);
    return json({ accessToken, tokenTtl: this.tokenTtl, globalAdmin: true });
  }

  #register(params: Record<string, string>): { status: number; text: string } {
    const [ip, port] = [params.ip ?? "", Number(params.port)];
    if (ip === "" || !(port > 0) || !params.serviceName) {
      return { status: 400, text: "caused: Param 'ip' is required.;" };
    }
    this.#take(params);
    this.#hosts(params).push({
      ip,
      port,
      weight: Number(params.weight ?? 1),
      enabled: (params.enabled ?? params.enable ?? "true") === "true",
      healthy: (params.healthy ?? "true") === "true",
      ephemeral: (params.ephemeral ?? "true") === "true",
      clusterName: params.clusterName || "DEFAULT",
      metadata: JSON.parse(params.metadata || "{}"),
      beatMs: this.#init.now(),
    });
    return { status: 200, text: "ok" };
  }

  #beat(params: Record<string, string>): { status: number; text: string } {
    const beat = JSON.parse(params.beat ?? "{}");
    const host = this.#hosts(params).find(({ ip, port }) => ip === beat.ip && port === beat.port);
    const interval = { clientBeatInterval: this.beatMillis, lightBeatEnabled: true };
    if (host !== undefined) {
      host.beatMs = this.#init.now();
      host.healthy = true;
    } else if (this.strict) return json({ ...interval, code: 20_404 });
    else {
      this.#register({
        ...params,
        ip: beat.ip,
        port: String(beat.port),
        weight: String(beat.weight),
        clusterName: beat.cluster,
        metadata: JSON.stringify(beat.metadata),
      });
    }
    return json({ ...interval, code: 10_200 });
  }

  #list(params: Record<string, string>): unknown {
    const clusters = (params.clusters ?? "").split(",").filter((each) => each !== "");
    const serviceName = nameOf(params);
    const hosts = this.#hosts(params)
      .filter((host) => clusters.length === 0 || clusters.includes(host.clusterName))
      .filter((host) => params.healthyOnly !== "true" || host.healthy)
      .map(({ beatMs: _, ...host }) => ({
        ...host,
        instanceId: `${host.ip}#${host.port}#${host.clusterName}#${serviceName}`,
        serviceName,
        valid: host.healthy,
        marked: false,
      }));
    return {
      name: serviceName,
      dom: serviceName,
      clusters: clusters.join(","),
      cacheMillis: this.cacheMillis,
      hosts,
      lastRefTime: this.#init.now(),
      checksum: "",
      useSpecifiedURL: false,
      env: "",
      metadata: {},
    };
  }

  #take(params: Record<string, string>): void {
    const hosts = this.#hosts(params);
    const at = hosts.findIndex(({ ip, port }) => ip === params.ip && port === Number(params.port));
    if (at >= 0) hosts.splice(at, 1);
  }

  #hosts(params: Record<string, string>): Host[] {
    const key = `${params.namespaceId || "public"} ${nameOf(params)}`;
    const hosts = this.#services.get(key) ?? [];
    this.#services.set(key, hosts);
    return hosts;
  }

  #expire(): void {
    const now = this.#init.now();
    for (const [key, hosts] of this.#services) {
      for (const host of hosts) host.healthy &&= !host.ephemeral || now - host.beatMs < UNHEALTHY_MS;
      this.#services.set(key, hosts.filter(({ ephemeral, beatMs }) => !ephemeral || now - beatMs < GONE_MS));
    }
  }
}

/** The group may be in the service's name or beside it. */
function nameOf({ serviceName = "", groupName }: Record<string, string>): string {
  return serviceName.includes("@@") ? serviceName : `${groupName || "DEFAULT_GROUP"}@@${serviceName}`;
}

function json(value: unknown): { status: number; text: string } {
  return { status: 200, text: JSON.stringify(value) };
}
