/**
 * Kitex's defaults, each by its name there, beside ours. Where ours differs the row says why.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DEFAULT_WEIGHT } from "../../../lib/discovery/instance.ts";
import { ETCD_PREFIX } from "../../../lib/discovery/etcd/record.ts";
import {
  consistentHash,
  interleavedRoundRobin,
  tagging,
  weightedRandom,
  weightedRandomAlias,
  weightedRoundRobin,
} from "../../../lib/discovery/mod.ts";
import { CIRCUIT_DEFAULTS } from "../../../lib/governance/circuit.ts";
import {
  checkRetryPolicy,
  RETRY_BREAKER,
  RETRY_KEY,
  RETRY_TIMES,
  retryTimes,
} from "../../../lib/governance/retry_policy.ts";
import { backoffMs } from "../../../lib/governance/backoff.ts";
import { BUCKET_MS, WINDOW_BUCKETS } from "../../../lib/governance/rolling_window.ts";
import { TokenBucket } from "../../../lib/limits/token_bucket.ts";
import { CLIENT_DEFAULTS, LONG_POOL_DEFAULTS, MUX_POOL_DEFAULTS, SERVER_DEFAULTS } from "../../../lib/rpc/defaults.ts";
import { MAX_PICKS } from "../../../lib/rpc/destination.ts";
import { LAST_REQUESTS_MS } from "../../../lib/rpc/running_server.ts";
import { clientPipeline } from "../../../middleware/pipeline.ts";
import { ttheader } from "../../../mod.ts";

/** The name in Kitex, its value, ours, and why they differ where they do. */
type Row = readonly [kitex: string, value: unknown, ours: unknown, because?: string];

const key = () => "";
const next = weightedRoundRobin();
/** Tokens of a limit of 100 a second: at the beginning, after one interval, and the most there ever are. */
function refill(): number[] {
  const bucket = new TokenBucket(100, 0);
  return [0, 100, 60_000].map((now) => (bucket.has(now), bucket.tokens));
}

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "options of a client (A2)": [
    [
      "WithTransportProtocol",
      "Framed",
      ttheader().name,
      "it carries deadlines, metadata and names; Kitex detects both",
    ],
    ["WithLoadBalancer", "weight_round_robin", weightedRoundRobin().name],
    ["WithHostPorts: weight", 10, DEFAULT_WEIGHT],
    ["WithRPCTimeout", 0, CLIENT_DEFAULTS.timeoutMs],
    ["WithConnectTimeout", 50, CLIENT_DEFAULTS.connectTimeoutMs, "50 ms are too few between data centres"],
    ["WithStreamRecvTimeout", 0, CLIENT_DEFAULTS.recvTimeoutMs],
    ["policies installed", 0, clientPipeline({}).use.length + clientPipeline({}).instanceUse.length],
  ],
  "options of a server (A4, A14)": [
    ["WithReadWriteTimeout: read", 5_000, SERVER_DEFAULTS.readTimeoutMs],
    ["WithReadWriteTimeout: write", 5_000, SERVER_DEFAULTS.writeTimeoutMs],
    ["WithExitWaitTime", 5_000, SERVER_DEFAULTS.exitWaitMs],
    ["WithMaxConnIdleTime", 600_000, SERVER_DEFAULTS.idleTimeoutMs],
    ["WithLimit: MaxConnections", 0, SERVER_DEFAULTS.maxConnections],
    ["WithRegistryInfo: Weight", 10, DEFAULT_WEIGHT],
    ["wait for requests under way before idle connections close", 100, LAST_REQUESTS_MS],
  ],
  "discovery (A5, A24)": [
    ["instances that a call may be sent to", 6, MAX_PICKS],
    ["etcd: prefix of keys", "kitex/registry-etcd", ETCD_PREFIX],
  ],
  "balancers (A6)": [
    ["weight_round_robin", "weight_round_robin", weightedRoundRobin().name],
    ["interleaved", "interleaved_weighted_round_robin", interleavedRoundRobin().name],
    ["weight_random", "weight_random", weightedRandom().name],
    ["alias", "weight_random_with_alias_method", weightedRandomAlias().name],
    ["consist", "consist", consistentHash({ key }).name],
    ["tagging", `tagging_${next.name}`, tagging({ tag: "", value: key, next }).name],
  ],
  "circuit breakers (A7)": [
    ["installed", false, clientPipeline({}).use.some(({ policy }) => policy === "serviceBreaker")],
    ["enable", true, CIRCUIT_DEFAULTS.enable],
    ["err_rate", 0.5, CIRCUIT_DEFAULTS.errorRate],
    ["min_sample", 200, CIRCUIT_DEFAULTS.minSamples],
    ["buckets", 100, WINDOW_BUCKETS],
    ["bucket time", 100, BUCKET_MS],
    ["cooling", 5_000, CIRCUIT_DEFAULTS.coolingMs],
    ["detect interval", 200, CIRCUIT_DEFAULTS.detectIntervalMs],
    ["successes that close a half-open one", 2, CIRCUIT_DEFAULTS.halfOpenSuccesses],
  ],
  "retry (A8)": [
    ["failure: max_retry_times", 2, retryTimes(checkRetryPolicy({}))],
    ["failure: at most", 5, RETRY_TIMES.failure.max],
    ["backup: max_retry_times", 1, retryTimes(checkRetryPolicy({ type: "backup", delayMs: 1 }))],
    ["backup: at most", 2, RETRY_TIMES.backup.max],
    ["mixed: max_retry_times", 1, retryTimes(checkRetryPolicy({ type: "mixed", delayMs: 1 }))],
    ["mixed: at most", 3, RETRY_TIMES.mixed.max],
    ["backoff_type", 0, backoffMs(undefined, 1, Math.random)],
    ["cb_policy: error_rate", 0.1, RETRY_BREAKER.default],
    ["cb_policy: error_rate at most", 0.3, RETRY_BREAKER.max],
    ["cb_policy: samples", 10, RETRY_BREAKER.minSamples],
    ["metainfo of a retry", "RetryReq", RETRY_KEY],
  ],
  "rate limit (A11)": [
    ["limit 100: first tokens, after 100 ms, at most", [10, 20, 100], refill()],
  ],
  "connection pools (A12)": [
    ["MaxIdlePerAddress", 10, LONG_POOL_DEFAULTS.maxIdlePerAddress],
    ["MaxIdleGlobal", 100, LONG_POOL_DEFAULTS.maxIdleGlobal],
    ["MaxIdleTimeout", 60_000, LONG_POOL_DEFAULTS.maxIdleTimeoutMs],
    ["MinIdlePerAddress", 0, LONG_POOL_DEFAULTS.minIdlePerAddress],
    ["TTHeader streaming: idle", 60_000, MUX_POOL_DEFAULTS.maxIdleTimeoutMs],
    ["TTHeader streaming: transports", "GOMAXPROCS", MUX_POOL_DEFAULTS.connections, "one thread reads all of them"],
  ],
};

for (const [what, rows] of Object.entries(TABLE)) {
  describe(`Kitex's defaults, ${what}`, () => {
    for (const [kitex, value, ours, because] of rows) {
      it(because === undefined ? `are ours: ${kitex}` : `are not ours: ${kitex}, for ${because}`, () => {
        if (because === undefined) assertEquals(ours, value);
        else assert(ours !== value, `${kitex} is the same after all`);
      });
    }
  });
}
