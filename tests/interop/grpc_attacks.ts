/**
 * Attacks a server in a process of its own, and measures that: `grpc_attacks.ts ADDRESS PID`.
 *
 * A bystander makes calls on a connection of its own all the while; each must be answered. Prints a line an attack, with how
 * much the server's memory grew and the bystander's p99 before and meanwhile. Memory is what Linux says of the process.
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
/** How often each attack is made, one after the other. */
const ROUNDS = 5;
/** How much the server may grow: what it keeps has to stay below 8 MiB, collectors leave as much again and more for later. */
const MOST_MIB = 24;
const WARM_CALLS = 5_000;
const IDLE_CALLS = 500;

const platform = await autoPlatform();
const [to = "", pid = ""] = platform.args;
const transport = auto();
const client = createClient(EchoService, { to, transport, protocol: grpc(), timeoutMs: 20_000 });

function residentBytes(): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}

/** Makes calls one after the other while `more()`; gives how long each took, in milliseconds. */
async function bystand(more: (calls: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (more(times.length)) {
    const begun = performance.now();
    assertEquals(await client.echoString("bystander"), "bystander");
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b);
}

const p99 = (times: readonly number[]): string => `${(times[Math.floor(times.length * 0.99)] ?? NaN).toFixed(2)} ms`;

async function attackOnce(attack: Attack): Promise<void> {
  const peer = await RawPeer.dial(transport, parseTarget(to));
  assertEquals(await runAttack(peer, attack), attack.code);
}

let failed = 0;
await bystand((calls) => calls < WARM_CALLS);
const idle = p99(await bystand((calls) => calls < IDLE_CALLS));
for (const [name, { code, bytes }] of Object.entries(ATTACKS)) {
  const made = bytes();
  const attack = { code, bytes: () => made };
  try {
    // What the runtime compiles and how far its heap stretches the first times is no growth.
    for (let i = 0; i < ROUNDS; i++) await attackOnce(attack);
    const before = residentBytes();
    let most = before;
    let attacking = true;
    const attacks = (async () => {
      try {
        for (let i = 0; i < ROUNDS; i++) await attackOnce(attack);
      } finally {
        attacking = false;
      }
    })();
    const [times] = await Promise.all([
      bystand(() => {
        most = Math.max(most, residentBytes());
        return attacking;
      }),
      attacks,
    ]);
    const grown = (most - before) / MIB;
    const what = `grew by ${grown.toFixed(1)} MiB; p99 ${idle} idle, ${p99(times)} meanwhile`;
    assert(grown <= MOST_MIB, what);
    await platform.stdout.write(`PASS ${name}: ${what}\n`);
  } catch (error) {
    failed++;
    await platform.stdout.write(`FAIL ${name}: ${error instanceof Error ? error.message : error}\n`);
  }
}
await client.close();
await platform.stdout.write(`${Object.keys(ATTACKS).length - failed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
