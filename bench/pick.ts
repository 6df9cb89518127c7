/**
 * What choosing an instance costs: ns a pick (with its begin and end, where the balancer counts) by list size.
 *
 * Run: `deno run bench/pick.ts`, `bun bench/pick.ts`, `node bench/pick.ts`. It takes some seconds and prints the best of
 * many rounds, which is what the code costs when nothing else runs. A figure that grows like the list would be a pick that
 * walks it: none may.
 *
 * @module
 */
import type { Balancer, PickCall } from "../lib/discovery/balancer.ts";
import { createInstance, type Instance } from "../lib/discovery/instance.ts";
import { consistentHash } from "../lib/discovery/balancers/consistent_hash.ts";
import { leastRequest } from "../lib/discovery/balancers/least_request.ts";
import { outlierEjection } from "../lib/discovery/balancers/outlier_ejection.ts";
import { peakEwma } from "../lib/discovery/balancers/peak_ewma.ts";
import { interleavedRoundRobin, weightedRoundRobin } from "../lib/discovery/balancers/round_robin.ts";
import { slowStart } from "../lib/discovery/balancers/slow_start.ts";
import { subset } from "../lib/discovery/balancers/subset.ts";
import { tagging } from "../lib/discovery/balancers/tagging.ts";
import { weightedRandom, weightedRandomAlias } from "../lib/discovery/balancers/weighted_random.ts";
import { zoneAware } from "../lib/discovery/balancers/zone_aware.ts";
import { systemClock } from "../lib/io/clock.ts";

const SIZES = [3, 100, 1000];
const ROUNDS = 60;
const PICKS = 4096;

const next = weightedRoundRobin();
const key = ({ args }: PickCall): string => args.key as string;
const BALANCERS: Balancer[] = [
  next,
  interleavedRoundRobin(),
  weightedRandom(),
  weightedRandomAlias(),
  consistentHash({ key }),
  consistentHash({ key, boundedLoad: 1.25 }),
  peakEwma(),
  leastRequest(),
  tagging({ tag: "zone", value: () => "a", next }),
  subset({ size: 20, clientId: "me", next }),
  zoneAware({ zone: "a", next }),
  slowStart({ windowMs: 3_600_000, next }),
  outlierEjection({ next }),
];

const NONE: ReadonlySet<Instance> = new Set();
const FINE = { elapsedMs: 1, error: undefined };
const calls = Array.from({ length: 64 }, (_, i) => ({ args: { key: `user-${i}` } }) as unknown as PickCall);

console.log(`${"balancer".padEnd(40)}${SIZES.map((size) => `${size} instances`.padStart(16)).join("")}   (ns a pick)`);
for (const balancer of BALANCERS) {
  const costs = SIZES.map((size) => best(balancer, size).toFixed(0).padStart(16));
  console.log(balancer.name.padEnd(40) + costs.join(""));
}

function best(balancer: Balancer, size: number): number {
  const instances = Array.from({ length: size }, (_, i) =>
    createInstance({
      address: `10.0.${i >> 8}.${i & 255}:8888`,
      weight: 1 + i % 7,
      tags: { zone: i % 3 === 0 ? "a" : "b" },
      startedAtMs: i === 0 ? Date.now() : 0,
    }));
  const host = { clock: systemClock, random: Math.random, connectivity: () => "ready" as const };
  const picker = balancer.picker(instances, host);
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < PICKS; i++) {
      const chosen = picker.pick(calls[i & 63]!, NONE)!;
      picker.begun?.(chosen);
      picker.ended?.(chosen, FINE);
    }
    least = Math.min(least, (performance.now() - start) * 1e6 / PICKS);
  }
  return least;
}
