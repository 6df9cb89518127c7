/**
 * Attacks a server in a process of its own, and measures that: `grpc_attacks.ts ADDRESS PID`, of `attacked_server.ts`.
 *
 * Prints a line an attack, with how much the server's memory grew, and how much longer a bystander's calls take meanwhile. The
 * growth is of what Linux says the process has, from a steady start (after attacks of the kind and a collection of garbage) to
 * the most that was seen; and of what is held afterwards. The bystander is a process of its own, whose p99 in windows with
 * attacks one after the other is held against windows without, in turn. Other programs make both of them worse, never better:
 * the best of some pairs of windows counts.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient } from "../../core.ts";
import { parseTarget } from "../../lib/io/endpoint.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { type Attack, ATTACKS, runAttack } from "../hardening/http2_attacks.ts";
import { RawPeer } from "../hardening/raw_peer.ts";
import { EchoService } from "./gen/echo.ts";

const MIB = 1024 * 1024;
/** How often each attack is made, several at once, before and while the memory is looked at. */
const ROUNDS = 5;
/** How much the server may grow at most, and how much of it may stay. */
const MOST_MIB = 8;
const MOST_KEPT_MIB = 2;
/** How often that is measured at most: garbage that waits for its collection makes it more, never less. */
const GROWTHS = 3;
/** Calls of the bystander in a window, and how many pairs of windows there are at most. */
const WINDOW_CALLS = 100;
const WINDOWS = 6;
/**
 * By what its p99 should grow at most: then there are no more windows. It is printed and not judged, as server, attacker and bystander
 * share two cores with whatever else runs; that each of its calls is answered is judged.
 */
const GOOD_TIMES = 3;
const WARM_CALLS = 3_000;

const platform = await autoPlatform();
const [to = "", pid = ""] = platform.args;
const transport = auto();
const client = createClient(EchoService, { to, transport, protocol: grpc(), timeoutMs: 20_000 });

/** What the server holds, after a collection of garbage, in MiB. */
async function liveMib(): Promise<number> {
  return JSON.parse(await client.echoString("memory")).live / MIB;
}

/** What the server's process has of the system, in MiB. */
function residentMib(): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}

async function attackOnce(attack: Attack): Promise<void> {
  const peer = await RawPeer.dial(transport, parseTarget(to));
  assertEquals(await runAttack(peer, attack), attack.code);
}

async function attackAtOnce(attack: Attack): Promise<void> {
  await Promise.all(Array.from({ length: ROUNDS }, () => attackOnce(attack)));
}

/** Grown at most, and what of it was still held at the end, in MiB. */
async function growth(attack: Attack): Promise<{ most: number; kept: number }> {
  await attackAtOnce(attack);
  const before = await liveMib();
  const start = residentMib();
  let most = 0;
  const timer = setInterval(() => most = Math.max(most, residentMib() - start), 1);
  try {
    await attackAtOnce(attack);
  } finally {
    clearInterval(timer);
  }
  return { most: Math.max(most, residentMib() - start), kept: await liveMib() - before };
}

/** The bystander: how long the slowest but a hundredth of its calls takes, in milliseconds. */
async function startBystander() {
  const script = decodeURIComponent(new URL("./grpc_bystander.ts", import.meta.url).pathname);
  const [program, ...args] = platform.scriptCommand(script);
  const child = await platform.spawn(program, [...args, to]);
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  const errors = new Response(child.stderr).text();
  return {
    async p99(calls: number): Promise<number> {
      await input.write(new TextEncoder().encode(`${calls}\n`));
      let line = "";
      while (!line.endsWith("\n")) {
        const { value } = await output.read();
        if (value === undefined) throw new Error(`the bystander ended: ${await errors}`);
        line += value;
      }
      return Number(line);
    },
    async stop(): Promise<void> {
      await input.close();
      assertEquals((await child.exited).code, 0);
    },
  };
}

type Bystander = Awaited<ReturnType<typeof startBystander>>;

/** The bystander's p99 without attacks and meanwhile, of the pair of windows that differ least. */
async function latencies(bystander: Bystander, attack: Attack): Promise<{ idle: number; during: number }> {
  let best = { idle: 1, during: Infinity };
  for (let i = 0; i < WINDOWS && best.during > best.idle * GOOD_TIMES; i++) {
    const idle = await bystander.p99(WINDOW_CALLS);
    let over = false;
    const attacks = (async () => {
      while (!over) await attackOnce(attack);
    })();
    const during = await bystander.p99(WINDOW_CALLS);
    over = true;
    await attacks;
    if (during / idle < best.during / best.idle) best = { idle, during };
  }
  return best;
}

let failed = 0;
const bystander = await startBystander();
await bystander.p99(WARM_CALLS);
for (const [name, { code, bytes }] of Object.entries(ATTACKS)) {
  const made = bytes();
  const attack = { code, bytes: () => made };
  try {
    let { most, kept } = await growth(attack);
    for (let i = 1; i < GROWTHS && most > MOST_MIB; i++) ({ most, kept } = await growth(attack));
    const { idle, during } = await latencies(bystander, attack);
    const times = (during / idle).toFixed(1);
    const what =
      `${code === undefined ? "borne" : `GOAWAY ${code}`}; grew by ${most.toFixed(1)} MiB, ${kept.toFixed(1)} kept; ` +
      `p99 ${idle.toFixed(2)} ms idle, ${during.toFixed(2)} meanwhile (${times} x)`;
    assert(most <= MOST_MIB && kept <= MOST_KEPT_MIB, what);
    await platform.stdout.write(`PASS ${name}: ${what}\n`);
  } catch (error) {
    failed++;
    await platform.stdout.write(`FAIL ${name}: ${error instanceof Error ? error.message : error}\n`);
  }
}
await bystander.stop();
await client.close();
await platform.stdout.write(`${Object.keys(ATTACKS).length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
