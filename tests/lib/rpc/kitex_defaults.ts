/**
 * Kitex's defaults, each by its name there, beside ours. Where ours differs the row says why.
 *
 * @module
 */
import { SERVER_KEEPALIVE } from "../../../codecs/grpc/protocol.ts";
import { MAX_CONCURRENT_STREAMS } from "../../../codecs/grpc/server_session.ts";
import { KEEPALIVE_DEFAULTS, PING_POLICY_DEFAULTS } from "../../../codecs/http2/keepalive.ts";
import { LIFETIME_DEFAULTS } from "../../../codecs/http2/lifetime.ts";
import { http2Defaults } from "../../../codecs/http2/options.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../../../codecs/ttheader/frame.ts";
import { RpcError } from "../../../core.ts";
import { readBreakers, readDegradation, readLimit, readRetry, readTimeouts } from "../../../lib/config/kitex_shapes.ts";
import { CONSISTENT_HASH_DEFAULTS } from "../../../lib/discovery/balancers/consistent_hash.ts";
import { ETCD_PREFIX, fromRecord } from "../../../lib/discovery/etcd/record.ts";
import { DEFAULT_WEIGHT, type Instance } from "../../../lib/discovery/instance.ts";
import {
  consistentHash,
  consulRegistry,
  dnsResolver,
  etcdRegistry,
  interleavedRoundRobin,
  tagging,
  weightedRandom,
  weightedRandomAlias,
  weightedRoundRobin,
} from "../../../lib/discovery/mod.ts";
import { DEFAULT_CLUSTER, DEFAULT_GROUP } from "../../../lib/discovery/nacos/http.ts";
import { toNode } from "../../../lib/discovery/zookeeper/record.ts";
import { backoffMs } from "../../../lib/governance/backoff.ts";
import { CIRCUIT_DEFAULTS } from "../../../lib/governance/circuit.ts";
import {
  checkRetryPolicy,
  RETRY_BREAKER,
  RETRY_KEY,
  RETRY_TIMES,
  retryTimes,
} from "../../../lib/governance/retry_policy.ts";
import { BUCKET_MS, WINDOW_BUCKETS } from "../../../lib/governance/rolling_window.ts";
import { TokenBucket } from "../../../lib/limits/token_bucket.ts";
import { CLIENT_DEFAULTS, LONG_POOL_DEFAULTS, MUX_POOL_DEFAULTS, SERVER_DEFAULTS } from "../../../lib/rpc/defaults.ts";
import { MAX_PICKS } from "../../../lib/rpc/destination.ts";
import { longPool } from "../../../lib/rpc/long_pool.ts";
import type { PoolHost } from "../../../lib/rpc/pool.ts";
import { LAST_REQUESTS_MS } from "../../../lib/rpc/running_server.ts";
import { retry, serviceBreaker, timeout } from "../../../middleware/mod.ts";
import { clientPipeline } from "../../../middleware/pipeline.ts";
import { ttheader } from "../../../mod.ts";
import { policed } from "../../middleware/fake_calls.ts";
import { FakeKv } from "../discovery/etcd/fake_kv.ts";
import { FakeHttp } from "../discovery/fake_http.ts";
import { Heard } from "../discovery/heard.ts";
import { ManualClock } from "../io/manual_clock.ts";

/** The name in Kitex, its value, ours (or what finds it out), and why they differ where they do. */
export type Row = readonly [kitex: string, value: unknown, ours: unknown, because?: string];

const KIB = 1024;
const key = () => "";
const next = weightedRoundRobin();
const endpoint = { hostname: "10.0.0.1", port: 8888 };
const bare = checkRetryPolicy({});
const { "*": read } = readRetry({ "*": { enable: true } });
const retryRead = read === false || read === undefined ? undefined : read;
const { "*": breakerRead } = readBreakers({ "*": {} });
const { "*": timesRead } = readTimeouts({ "*": {} });

/** All of them, by what they are about. */
export const KITEX_DEFAULTS: Readonly<Record<string, readonly Row[]>> = {
  "Options of a client": [
    [
      "WithTransportProtocol",
      "Framed",
      ttheader().name,
      "it carries deadlines, metadata and names; Kitex detects both",
    ],
    ["WithLoadBalancer", "weight_round_robin", weightedRoundRobin().name],
    ["WithHostPorts: weight", 10, DEFAULT_WEIGHT],
    ["WithStreamRecvTimeout", 0, CLIENT_DEFAULTS.recvTimeoutMs],
    ["policies installed", 0, clientPipeline({}).use.length + clientPipeline({}).instanceUse.length],
  ],
  "Options of a server": [
    ["WithReadWriteTimeout: read", 5_000, SERVER_DEFAULTS.readTimeoutMs],
    ["WithReadWriteTimeout: write", 5_000, SERVER_DEFAULTS.writeTimeoutMs],
    ["WithExitWaitTime", 5_000, SERVER_DEFAULTS.exitWaitMs],
    ["WithMaxConnIdleTime", 600_000, SERVER_DEFAULTS.idleTimeoutMs],
    ["WithLimit: MaxConnections", 0, SERVER_DEFAULTS.maxConnections],
    ["WithLimit: MaxQPS", 0, readLimit({}).qps],
    ["WithRegistryInfo: Weight", 10, DEFAULT_WEIGHT],
    ["wait for requests under way before idle connections close", 100, LAST_REQUESTS_MS],
  ],
  "gRPC": [
    ["WithGRPCInitialWindowSize, in bytes", 65_535, http2Defaults({}).windowBytes],
    [
      "WithGRPCInitialConnWindowSize, in bytes",
      65_535,
      http2Defaults({}).connectionWindowBytes,
      "all calls of a client share one connection",
    ],
    [
      "WithGRPCMaxHeaderListSize, in bytes",
      16 * KIB * KIB,
      http2Defaults({}).maxHeaderListBytes,
      "strangers could have a server keep as much for each of their streams",
    ],
    [
      "WithGRPCMaxConcurrentStreams",
      Infinity,
      MAX_CONCURRENT_STREAMS,
      "a client that wants more opens another connection",
    ],
    ["WithGRPCKeepaliveParams of a client: Time", Infinity, KEEPALIVE_DEFAULTS.timeMs],
    ["WithGRPCKeepaliveParams of a client: Timeout", 20_000, KEEPALIVE_DEFAULTS.timeoutMs],
    ["WithGRPCKeepaliveParams of a client: PermitWithoutStream", false, KEEPALIVE_DEFAULTS.withoutCalls],
    ["WithGRPCKeepaliveParams of a server: Time", 7_200_000, SERVER_KEEPALIVE.timeMs],
    ["WithGRPCKeepaliveParams of a server: Timeout", 20_000, KEEPALIVE_DEFAULTS.timeoutMs],
    ["WithGRPCKeepaliveParams of a server: MaxConnectionIdle", Infinity, LIFETIME_DEFAULTS.maxIdleMs],
    ["WithGRPCKeepaliveParams of a server: MaxConnectionAge", Infinity, LIFETIME_DEFAULTS.maxAgeMs],
    ["WithGRPCKeepaliveParams of a server: MaxConnectionAgeGrace", Infinity, LIFETIME_DEFAULTS.maxAgeGraceMs],
    ["jitter of MaxConnectionAge", 0.1, LIFETIME_DEFAULTS.ageJitter],
    ["WithGRPCKeepaliveEnforcementPolicy: MinTime", 300_000, PING_POLICY_DEFAULTS.minTimeMs],
    ["WithGRPCKeepaliveEnforcementPolicy: PermitWithoutStream", false, PING_POLICY_DEFAULTS.withoutCalls],
  ],
  "Discovery": [
    ["instances that a call may be sent to", 6, MAX_PICKS],
    ["RefreshInterval", 5_000, refreshMs, "registries tell of changes; DNS alone is asked again"],
    ["etcd: prefix of keys", "kitex/registry-etcd", ETCD_PREFIX],
    ["etcd: TTL of a lease, in seconds", 60, leaseSeconds],
    ["etcd: weight of an instance with none", 10, () => (fromRecord(etcdEntry(0)) as Instance).weight],
    ["consul: check", "TCP, 5s, 5s, 1m", consulCheck],
    ["nacos: cluster", "DEFAULT", DEFAULT_CLUSTER],
    ["nacos: group", "DEFAULT_GROUP", DEFAULT_GROUP],
    ["zookeeper: node", "/echo/10.0.0.1:8888", toNode("", { service: "echo", endpoint }).path],
    ["zookeeper: data", '{"Weight":10,"Tags":{}}', toNode("", { service: "echo", endpoint }).data],
    ["dns: port and weight", "443, 10", dnsInstance],
  ],
  "Balancers": [
    ["NewWeightedRoundRobinBalancer", "weight_round_robin", weightedRoundRobin().name],
    ["NewInterleavedWeightedRoundRobinBalancer", "interleaved_weighted_round_robin", interleavedRoundRobin().name],
    ["NewWeightedRandomBalancer", "weight_random", weightedRandom().name],
    ["NewWeightedRandomWithAliasMethodBalancer", "weight_random_with_alias_method", weightedRandomAlias().name],
    ["NewConsistBalancer", "consist", consistentHash({ key }).name],
    ["consist: VirtualFactor", 100, CONSISTENT_HASH_DEFAULTS.virtualFactor],
    ["consist: Weighted", true, CONSISTENT_HASH_DEFAULTS.weighted],
    ["tagging", `tagging_${next.name}`, tagging({ tag: "", value: key, next }).name],
  ],
  "Circuit breakers": [
    ["installed", false, clientPipeline({}).use.some(({ policy }) => policy === "serviceBreaker")],
    ["enable", true, CIRCUIT_DEFAULTS.enable],
    ["err_rate", 0.5, CIRCUIT_DEFAULTS.errorRate],
    ["min_sample", 200, CIRCUIT_DEFAULTS.minSamples],
    ["key of a service", "from/to/method", breakerKey],
    ["buckets", 100, WINDOW_BUCKETS],
    ["bucket time", 100, BUCKET_MS],
    ["cooling", 5_000, CIRCUIT_DEFAULTS.coolingMs],
    ["detect interval", 200, CIRCUIT_DEFAULTS.detectIntervalMs],
    ["successes that close a half-open one", 2, CIRCUIT_DEFAULTS.halfOpenSuccesses],
  ],
  "Retry": [
    ["failure: max_retry_times", 2, retryTimes(bare)],
    ["failure: at most", 5, RETRY_TIMES.failure.max],
    ["backup: max_retry_times", 1, retryTimes(checkRetryPolicy({ type: "backup", delayMs: 1 }))],
    ["backup: at most", 2, RETRY_TIMES.backup.max],
    ["mixed: max_retry_times", 1, retryTimes(checkRetryPolicy({ type: "mixed", delayMs: 1 }))],
    ["mixed: at most", 3, RETRY_TIMES.mixed.max],
    ["max_duration_ms", 0, retryRead?.maxDurationMs],
    ["disable_chain_stop", false, retryRead?.chainStop === false],
    ["retry_same_node", false, retryRead?.sameInstance],
    ["backoff_type", 0, backoffMs(undefined, 1, Math.random)],
    ["cb_policy: error_rate", 0.1, RETRY_BREAKER.default],
    ["cb_policy: error_rate at most", 0.3, RETRY_BREAKER.max],
    ["cb_policy: samples", 10, RETRY_BREAKER.minSamples],
    ["metainfo of a retry", "RetryReq", RETRY_KEY],
    ["errors tried again", "timeout", triedAgain, "what the server cannot have run is safe to send again"],
  ],
  "Fallback": [
    ["installed", false, clientPipeline({}).use.some(({ policy }) => policy === "fallback")],
    ["EnableReportAsFallback", false, tracersSeeFallback],
  ],
  "Timeouts": [
    ["WithRPCTimeout", 0, CLIENT_DEFAULTS.timeoutMs],
    ["WithConnectTimeout", 50, CLIENT_DEFAULTS.connectTimeoutMs, "50 ms are too few between data centres"],
    [
      "timeout provider without a configuration: rpc_timeout_ms",
      1_000,
      () => timeoutMs({}),
      "nothing is timed that nobody gave a time",
    ],
    [
      "timeout provider without a configuration: conn_timeout_ms",
      50,
      CLIENT_DEFAULTS.connectTimeoutMs,
      "it is the client's own then",
    ],
  ],
  "Rate limit": [
    ["of 100: first tokens, after 100 ms, at most", "10, 20, 100", refill(100)],
    ["below 10: calls that pass in ten seconds at 5 a second", 0, () => passing(5), "a limit of 5 is 5 here"],
    ["between tens: calls that pass in ten seconds at 25 a second", 200, () => passing(25), "a limit of 25 is 25 here"],
  ],
  "Connection pools": [
    ["MaxIdlePerAddress", 10, LONG_POOL_DEFAULTS.maxIdlePerAddress],
    ["MaxIdleGlobal", 100, LONG_POOL_DEFAULTS.maxIdleGlobal],
    ["MaxIdleTimeout", 60_000, LONG_POOL_DEFAULTS.maxIdleTimeoutMs],
    ["MaxIdleTimeout at least", 2_000, () => least([1_999, 2_000], (maxIdleTimeoutMs) => ({ maxIdleTimeoutMs }))],
    ["MinIdlePerAddress", 0, LONG_POOL_DEFAULTS.minIdlePerAddress],
    ["MinIdlePerAddress at most", 5, () => least([6, 5], (minIdlePerAddress) => ({ minIdlePerAddress }))],
    ["TTHeader streaming: idle", 60_000, MUX_POOL_DEFAULTS.maxIdleTimeoutMs],
    ["TTHeader streaming: transports", "GOMAXPROCS", MUX_POOL_DEFAULTS.connections, "one thread reads all of them"],
  ],
  "Protocols": [
    [
      "NewDefaultCodecWithSizeLimit, in bytes",
      Infinity,
      DEFAULT_MAX_FRAME_BYTES,
      "every length is checked before memory is taken for it",
    ],
  ],
  "Dynamic configuration": [
    ["retry: enable", false, readRetry({ "*": {} })["*"] !== false],
    ["rpc_timeout: rpc_timeout_ms left out", 0, timesRead?.rpcMs],
    ["rpc_timeout: conn_timeout_ms left out", 0, timesRead?.connectMs],
    ["circuit_break: enable left out", false, breakerRead?.enable],
    ["degradation: enable", false, readDegradation({}).enable],
    ["degradation: percentage", 0, readDegradation({}).percentage],
    ["limit: connection_limit", 0, readLimit({}).connections],
    ["limit: qps_limit", 0, readLimit({}).qps],
  ],
};

/** Our value of a row. */
export async function oursOf([, , ours]: Row): Promise<unknown> {
  return typeof ours === "function" ? await ours() : ours;
}

/** Tokens of a limit: at the beginning, after one interval, and the most there ever are. */
function refill(limit: number): string {
  const bucket = new TokenBucket(limit, 0);
  return [0, 100, 60_000].map((now) => (bucket.has(now), bucket.tokens)).join(", ");
}

/** Calls that a limit lets pass from its second second to its twelfth, however many there are. */
function passing(limit: number): number {
  const bucket = new TokenBucket(limit, 0);
  let passed = 0;
  for (let now = 0; now < 12_000; now += 10) {
    for (; bucket.has(now); bucket.take()) if (now >= 2_000) passed++;
  }
  return passed;
}

/** The first of these that a long pool takes. */
function least(values: readonly number[], optionsOf: (value: number) => object): number | undefined {
  return values.find((value) => {
    try {
      longPool({ type: "long", ...optionsOf(value) }, {} as PoolHost);
      return true;
    } catch (error) {
      if (!(error instanceof RpcError && error.kind === "invalid")) throw error;
      return false;
    }
  });
}

function etcdEntry(weight: number): { key: string; value: string } {
  return { key: "a", value: JSON.stringify({ network: "tcp", address: "10.0.0.1:8888", weight, tags: null }) };
}

async function leaseSeconds(): Promise<number> {
  const clock = new ManualClock();
  const kv = new FakeKv(clock);
  const { deregister } = await etcdRegistry(kv, { clock }).register({ service: "echo", endpoint });
  await deregister();
  return Number(kv.asked[0]!.replace("grant ", ""));
}

async function consulCheck(): Promise<string> {
  const { fetch, request } = fakeHttp();
  const gaveUp = new AbortController();
  const registry = consulRegistry({ endpoints: ["http://127.0.0.1:8500"], fetch });
  const entered = registry.register({ service: "echo", endpoint }, { signal: gaveUp.signal });
  const { body } = await request;
  gaveUp.abort();
  await entered.catch(() => {}); // only what was asked is looked at
  const { Check } = body as { Check: Record<string, string> };
  return `${
    Check.TCP === undefined ? "" : "TCP"
  }, ${Check.Interval}, ${Check.Timeout}, ${Check.DeregisterCriticalServiceAfter}`;
}

function fakeHttp() {
  const http = new FakeHttp();
  return { fetch: http.fetch, request: http.request(0) };
}

async function dnsInstance(): Promise<string> {
  const heard = new Heard();
  const resolver = dnsResolver({ lookup: () => Promise.resolve(["10.0.0.1"]) });
  const resolution = resolver.resolve({ name: "echo", tags: {} }, heard, new ManualClock());
  await heard.until(1);
  resolution.close();
  const [{ address, weight }] = heard.instances as [Instance];
  return `${address.split(":")[1]}, ${weight}`;
}

async function refreshMs(): Promise<number> {
  const clock = new ManualClock();
  const heard = new Heard();
  const lookup = () => Promise.resolve(["10.0.0.1"]);
  const resolution = dnsResolver({ lookup, random: () => 0.5 }).resolve({ name: "echo", tags: {} }, heard, clock);
  await heard.until(1);
  while (clock.pending !== 1) await new Promise((resolve) => setTimeout(resolve));
  const waitMs = clock.nextMs - clock.now();
  resolution.close();
  return waitMs;
}

async function breakerKey(): Promise<string> {
  const breaker = serviceBreaker();
  const fake = policed(breaker, () => Promise.resolve());
  await fake.run("ping", { caller: "from", destService: "to" }).outcome;
  return [...breaker.circuits().keys()].join().replace("ping", "method");
}

/** Kinds of errors after which a call is sent again. */
async function triedAgain(): Promise<string> {
  const kinds = ["connect", "transport", "timeout", "unavailable", "internal", "business", "overload"] as const;
  const tried: string[] = [];
  for (const kind of kinds) {
    const fake = policed(retry({ times: 1 }), () => Promise.reject(new RpcError(kind, "")));
    await fake.run().outcome.catch(() => {}); // how often it was sent is looked at
    if (fake.tries.length > 1) tried.push(kind);
  }
  return tried.join(", ");
}

function tracersSeeFallback(): boolean {
  const { use } = clientPipeline({
    fallback: { run: () => undefined },
    tracers: [{ start: () => {}, finish: () => {} }],
  });
  const order = use.map(({ policy }) => policy);
  if (!order.includes("trace")) throw new Error(`no tracer among ${order}`);
  return order.indexOf("trace") < order.indexOf("fallback");
}

/** Milliseconds that a call has; 0: any. */
async function timeoutMs(ms: Record<string, number>): Promise<number> {
  const fake = policed(timeout({ ms }), (call) => Promise.resolve(call.deadline));
  const deadline = await fake.run().outcome;
  return deadline === Infinity ? 0 : Number(deadline) - fake.clock.now();
}
