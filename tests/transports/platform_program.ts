/**
 * What the platform's tests start as a program of its own.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { textOf } from "./fixtures.ts";

const platform = await autoPlatform();
const { args, stdout, stderr } = platform;

if (args[0] === "report") {
  const input = await textOf(platform.stdin);
  await stdout.write(JSON.stringify({ args, input, isTerminal: stdout.isTerminal, columns: stdout.columns }));
  await stderr.writeBytes(new TextEncoder().encode("to stderr\n"));
  platform.setExitCode(5);
} else if (args[0] === "signals") {
  setInterval(() => {}, 1 << 30); // stays
  const stop = platform.onSignal(async (signal) => {
    stop();
    await stdout.write(`${signal}\n`);
  });
  await stdout.write("ready\n");
} else {
  try {
    while (true) await stdout.write("x".repeat(65536));
  } catch (error) {
    await stderr.write(`${error instanceof RpcError ? error.kind : error}\n`);
  }
}
