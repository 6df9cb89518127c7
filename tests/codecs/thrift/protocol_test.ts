import { describe, it } from "@std/testing/bdd";
import { buffered, framed } from "../../../codecs/thrift/protocol.ts";
import { createClient, createServer } from "../../../core.ts";
import { memory, type MemoryOptions } from "../../../transports/memory.ts";
import { checks, NoSuchService } from "../../interop/checks.ts";
import { EchoService, StreamService } from "../../interop/gen/echo.ts";
import { echoHandlers, fullValue, streamHandlers } from "../../interop/handlers.ts";

const payloads = ["binary", "compact", "json"] as const;
const protocols = payloads.flatMap((payload) => [framed({ payload }), buffered({ payload })]);
const pools = [{ type: "long" }, { type: "short" }, { type: "mux", connections: 2 }] as const;
const links: Record<string, MemoryOptions> = {
  "borrowed chunks": {},
  "owned chunks of 7,777 bytes, short and lent writes": { owned: true, chunkBytes: 7777, writeBytes: 5000, lend: true },
};

describe("Thrift over memory", () => {
  for (const [link, options] of Object.entries(links)) {
    for (const protocol of protocols) {
      for (const pool of link === "borrowed chunks" ? pools : pools.slice(0, 1)) {
        it(`${protocol.name}, ${pool.type} pool, ${link}`, async () => {
          const transport = memory(options);
          await using server = await createServer({ transport, protocols })
            .add(EchoService, echoHandlers())
            .add(StreamService, streamHandlers())
            .listen({ path: "server" });
          const options_ = { to: server.address, transport, protocol, pool, timeoutMs: 20_000 };
          await using client = createClient(EchoService, options_);
          await using streams = createClient(StreamService, options_);
          await using stranger = createClient(NoSuchService, options_);
          const traits = {
            value: fullValue(),
            header: false,
            largeBytes: 300_000,
            failed: [6],
            unknown: [1],
            without: [],
          };
          for (const [name, run] of checks({ client, streams, stranger, traits })) {
            await run().catch((cause) => {
              throw new Error(`${name}: ${cause.message}`, { cause });
            });
          }
        });
      }
    }
  }
});
