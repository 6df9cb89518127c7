/**
 * A well-behaved client in a process of its own, beside attackers: `grpc_bystander.ts ADDRESS`.
 *
 * For each line of its input, a number, it makes so many calls one after the other, and prints their p99 in milliseconds.
 * Every call must be answered. Ends with its input.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient } from "../../core.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService } from "./gen/echo.ts";

const platform = await autoPlatform();
const [to = ""] = platform.args;
const client = createClient(EchoService, { to, transport: auto(), protocol: grpc(), timeoutMs: 20_000 });

async function p99(calls: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const begun = performance.now();
    assertEquals(await client.echoString("bystander"), "bystander");
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.ceil(calls * 0.99) - 1]!;
}

const decoder = new TextDecoder();
let text = "";
for await (const chunk of platform.stdin) {
  text += decoder.decode(chunk, { stream: true });
  for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1)) {
    await platform.stdout.write(`${await p99(Number(text.slice(0, end)))}\n`);
  }
}
await client.close();
