/**
 * Checks a server of `echo.thrift`: `client.ts ADDRESS [--proto framed|buffered] [--payload binary|compact|json]
 * [--pool long|short|mux]`. Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with
 * exit code 1 if any failed.
 *
 * @module
 */
import { buffered, createClient, framed } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { checks } from "./checks.ts";
import { EchoService, StreamService } from "./gen/echo.ts";

const platform = await autoPlatform();
const [to = "127.0.0.1:8888", ...rest] = platform.args;
const option = (name: string): string | undefined => rest[rest.indexOf(`--${name}`) + 1 || rest.length];
const make = option("proto") === "buffered" ? buffered : framed;
const options = {
  to,
  protocol: make({ payload: (option("payload") ?? "binary") as "binary" | "compact" | "json" }),
  pool: { type: (option("pool") ?? "long") as "long" | "short" | "mux" },
  timeoutMs: 10_000,
};
const client = createClient(EchoService, options);
const streams = createClient(StreamService, options);
let passed = 0;
let failed = 0;
for (const [name, run] of checks(client, streams)) {
  try {
    await run();
    passed++;
    await platform.stdout.write(`PASS ${name}\n`);
  } catch (error) {
    failed++;
    await platform.stdout.write(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
await platform.stdout.write(`${passed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
await Promise.all([client.close(), streams.close()]);
