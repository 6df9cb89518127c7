/**
 * A gRPC server to be attacked, which says how much memory it holds: `attacked_server.ts PORT`.
 *
 * `echoString` of `memory` collects garbage and answers with octets as JSON: `live`, what is held, and `resident`, what the
 * process has of the system. On V8 it wants `--expose-gc`. Prints `listening on ADDRESS`, and ends on SIGTERM or SIGINT.
 *
 * @module
 */
import process from "node:process";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createServer } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { EchoService } from "./gen/echo.ts";
import { echoHandlers } from "./handlers.ts";

const platform = await autoPlatform();
const collectors = globalThis as { gc?: () => void; Bun?: { gc(now: boolean): void } };

async function memory(): Promise<string> {
  for (let i = 0; i < 3; i++) {
    if (collectors.Bun !== undefined) collectors.Bun.gc(true);
    else collectors.gc!();
    // What was freed outside of the heap is given back in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return JSON.stringify({ live: heapUsed + external, resident: rss });
}

// Header blocks that trickle are given two seconds, so that the attack that sends them need not take long. Messages are
// decompressed in the turn they come in, so that the largest one taken is how long a bomb may keep others waiting.
const running = await createServer({
  protocols: [grpc({ maxReceiveBytes: 256 * 1024, http2: { headersTimeoutMs: 2_000 } })],
})
  .add(EchoService, { ...echoHandlers(), echoString: (text) => text === "memory" ? memory() : text })
  .listen({ hostname: "127.0.0.1", port: Number(platform.args[0] ?? 0) });
await platform.stdout.write(`listening on ${running.address}\n`);
await new Promise<void>((resolve) => platform.onSignal(() => resolve()));
await running.close();
