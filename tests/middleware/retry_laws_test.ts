/**
 * What holds for every call that is sent again, however its tries end: many calls of each kind of policy, each with tries that take
 * and bring what a seed says, on a clock by hand.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../core.ts";
import { retry, type RetryOptions } from "../../middleware/mod.ts";
import { randomOf } from "../lib/discovery/balancers/host.ts";
import { policed, turn } from "./fake_calls.ts";

type Ending = "well" | "timeout" | "connect" | "broken" | "business";

interface Sent {
  readonly beganMs: number;
  /** When it ends, if it is not given up before. */
  readonly endMs: number;
  readonly ending: Ending;
  isOver: boolean;
}

const ENDINGS: readonly Ending[] = ["well", "timeout", "timeout", "connect", "broken", "business"];
const isRetried = (ending: Ending): boolean => ending === "timeout" || ending === "connect";
/** Is it one that the server gave? */
const isAnswer = (ending: Ending): boolean => ending === "well" || ending === "business";

/** Makes one call and gives what became of it, with all its tries. */
async function callOf(policy: RetryOptions, random: () => number) {
  const f = policed(retry({ ...policy, random }));
  const sent: Sent[] = [];
  let outcome: string | undefined;
  let settledMs = NaN;
  const { outcome: promise } = f.run();
  const settle = (text: string): void => {
    outcome = text;
    settledMs = f.clock.now();
  };
  promise.then((value) => settle(String(value)), (error: RpcError) => settle(error.message));
  const note = (): void => {
    while (sent.length < f.tries.length) {
      const beganMs = f.clock.now();
      const endMs = beganMs + Math.floor(random() * 300);
      sent.push({ beganMs, endMs, ending: ENDINGS[Math.floor(random() * ENDINGS.length)]!, isOver: false });
    }
  };
  for (note(); outcome === undefined; note()) {
    const next = sent.filter(({ isOver }) => !isOver).sort((a, b) => a.endMs - b.endMs)[0];
    const nextMs = Math.min(next?.endMs ?? Infinity, f.clock.nextMs);
    assert(nextMs < Infinity, "nothing is left to happen, and the call is not over");
    f.clock.advance(nextMs - f.clock.now());
    note(); // one that the clock sent began now
    if (next !== undefined && next.endMs <= f.clock.now()) {
      const i = sent.indexOf(next);
      next.isOver = true;
      if (next.ending === "well") f.tries[i]!.answer(`${i} well`);
      else f.tries[i]!.fail(new RpcError(next.ending === "broken" ? "transport" : next.ending, `${i} ${next.ending}`));
    }
    await turn();
  }
  const givenUp = sent.map((_, i) => f.tries[i]!.call.reason !== undefined);
  return { sent, outcome, settledMs, givenUp, pending: f.clock.pending };
}

const POLICIES: readonly (readonly [name: string, policy: RetryOptions, most: number])[] = [
  ["failure", { times: 3 }, 4],
  ["failure with a wait", { times: 5, backoff: { type: "fixed", ms: 40 } }, 6],
  ["backup", { type: "backup", delayMs: 60, times: 2 }, 3],
  ["mixed", { type: "mixed", delayMs: 60, times: 3 }, 4],
  ["mixed with a wait", { type: "mixed", delayMs: 100, times: 3, backoff: { type: "fixed", ms: 30 } }, 4],
];

describe("a call that is sent again", () => {
  for (const [name, policy, most] of POLICIES) {
    it(`keeps the laws of its policy: ${name}`, async () => {
      const random = randomOf(most * 1_000 + name.length);
      const seen = new Set<number>();
      for (let i = 0; i < 150; i++) {
        const { sent, outcome, settledMs, givenUp, pending } = await callOf(policy, random);
        const what = JSON.stringify({ i, sent, outcome });
        seen.add(sent.length);
        assert(sent.length <= most, what);
        // The first answer that is one ends it at once; else the last error does.
        const over = sent.filter(({ isOver }) => isOver).sort((a, b) => a.endMs - b.endMs);
        const answer = over.find(({ ending }) => isAnswer(ending));
        const decisive = answer ?? over.at(-1)!;
        assertEquals([outcome, settledMs], [`${sent.indexOf(decisive)} ${decisive.ending}`, decisive.endMs], what);
        // Whoever was not needed was told, and nothing goes on.
        assertEquals([givenUp, pending], [sent.map(({ isOver }) => !isOver), 0], what);
        for (const [n, { beganMs }] of sent.entries()) {
          if (n > 0) assert(mayBegin(policy, sent, n, beganMs), `${n} of ${what}`);
        }
        if (answer === undefined) {
          assert(sent.every(({ isOver }) => isOver), `an error ended it before the last try: ${what}`);
        }
        if (answer === undefined && sent.length < most) assertEquals(maySendMore(policy, sent), false, what);
        // A try that is late is not waited for any longer than the policy says, while there are more.
        const begins = [...sent.map(({ beganMs }) => beganMs), ...(sent.length < most ? [settledMs] : [])];
        const longestMs = longestWaitMs(policy);
        for (const [n, at] of begins.entries()) assert(n === 0 || at - begins[n - 1]! <= longestMs, what);
      }
      assertEquals(seen.size, most); // all numbers of tries came
    });
  }
});

/** Is the moment at which try `n` began one at which its policy sends another? */
function mayBegin(policy: RetryOptions, sent: readonly Sent[], n: number, beganMs: number): boolean {
  const waitMs = "backoff" in policy && policy.backoff?.type === "fixed" ? policy.backoff.ms : 0;
  const before = sent.slice(0, n);
  const afterFailure = before.some((one) => one.isOver && isRetried(one.ending) && one.endMs + waitMs === beganMs);
  if (!("type" in policy) || policy.type === undefined) {
    return afterFailure && before.every(({ isOver, endMs }) => isOver && endMs <= beganMs);
  }
  const delayMs = "delayMs" in policy ? policy.delayMs : NaN;
  const afterDelay = beganMs === before.at(-1)!.beganMs + delayMs;
  return policy.type === "backup" ? afterDelay : afterDelay || afterFailure;
}

/** The longest that nothing is sent while another try may be. */
function longestWaitMs(policy: RetryOptions): number {
  if (!("delayMs" in policy)) return Infinity;
  const waitMs = "backoff" in policy && policy.backoff?.type === "fixed" ? policy.backoff.ms : 0;
  return policy.delayMs + waitMs;
}

/** Would the policy have sent another after the last error? */
function maySendMore(policy: RetryOptions, sent: readonly Sent[]): boolean {
  const last = sent.filter(({ isOver }) => isOver).sort((a, b) => a.endMs - b.endMs).at(-1)!;
  return !("type" in policy && policy.type === "backup") && isRetried(last.ending);
}
