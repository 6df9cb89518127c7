import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Interrupted } from "../../idl/interrupted.ts";
import { runProcess } from "../../idl/run_process.ts";
import type { Child, Platform } from "../../lib/platform.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { rejectsAs } from "../transports/fixtures.ts";

const PROGRAM = decodeURIComponent(new URL("./plugin/plugin_program.ts", import.meta.url).pathname);

async function commandOf(mode: string): Promise<[string, ...string[]]> {
  return [...(await autoPlatform()).scriptCommand(PROGRAM), mode];
}

describe("runProcess", () => {
  it("kills a program that writes too much", async () => {
    const command = await commandOf("flood");
    const flood = { name: "flood", command, input: new Uint8Array(0), timeLimitMs: 0, maxOutputBytes: 1_000_000 };
    const error = await rejectsAs("invalid", async () => runProcess(await autoPlatform(), flood));
    assertEquals(error.message, "flood wrote more than 1000000 bytes");
  });
  it("does not wait for a program to read its input", async () => {
    const command = await commandOf("exit");
    const input = new Uint8Array(4_000_000);
    const run = { name: "it", command, input, timeLimitMs: 0, maxOutputBytes: 100 };
    const outcome = await runProcess(await autoPlatform(), run);
    assertEquals(outcome, { code: 3, stdout: new Uint8Array(0), stderr: "something broke\n" });
  });
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    it(`kills the program on ${signal}, and listens for signals no longer`, async () => {
      const platform = await autoPlatform();
      const handlers = new Set<(signal: "SIGINT" | "SIGTERM") => void>();
      let child: Child | undefined;
      const signalled: Pick<Platform, "spawn" | "onSignal"> = {
        onSignal(handler) {
          handlers.add(handler);
          return () => handlers.delete(handler);
        },
        async spawn(program, args, options) {
          child = await platform.spawn(program, args, options);
          for (const handler of handlers) handler(signal);
          return child;
        },
      };
      const command = await commandOf("hang");
      const hang = { name: "it", command, input: new Uint8Array(0), timeLimitMs: 0, maxOutputBytes: 100 };
      const error = await assertRejects(() => runProcess(signalled, hang), Interrupted);
      assertEquals([error.code, (await child?.exited)?.code, handlers.size], [code, 137, 0]);
    });
  }
});
