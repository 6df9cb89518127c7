/**
 * A listener when the process has no file descriptors left.
 *
 * @module
 */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";
import { auto } from "../../transports/auto.ts";
import { linesOf, spawnScript, textOf } from "./fixtures.ts";
import { Probe } from "./probe.ts";

/** More than a runtime needs to start, less than there will be connections. */
const DESCRIPTORS = 80;
const CONNECTIONS = 150;

describe("a listener without descriptors", () => {
  it("lives, and serves again when there are some", async () => {
    const limited = (command: string): string[] => ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec ${command}`];
    const child = await spawnScript("./echo_forever.ts", [], limited);
    try {
      const stderr = textOf(child.stderr);
      const lines = linesOf(child.stdout);
      const port = Number((await lines.next()).value);

      // One exchange first: a runtime that is still starting may need descriptors of its own.
      const first = await tryToSend(port, "x");
      await first?.count(1);
      await first?.abort();

      const dialled = await Promise.all(Array.from({ length: CONNECTIONS }, () => tryToSend(port, "x")));
      const many = dialled.filter((probe) => probe !== undefined);
      // Those that got a descriptor answer; some runtimes close the others, some let them wait.
      await Promise.race(many.map((probe) => probe.count(1)));
      await Promise.all(many.map((probe) => probe.abort()));

      for (let echoed = ""; echoed === "";) {
        const probe = await tryToSend(port, "still here");
        await probe?.count(10);
        echoed = probe?.text() ?? "";
        await probe?.abort();
      }
      child.kill();
      await child.exited;
      assertEquals(await stderr, "");
    } finally {
      child.kill(true);
    }
  });
});

/** Dials and writes; gives nothing if the connection was refused or reset, as it may be for want of descriptors. */
async function tryToSend(port: number, text: string): Promise<Probe | undefined> {
  try {
    const probe = new Probe(await auto().dial({ hostname: "127.0.0.1", port })).start();
    await probe.writeAll(text);
    return probe;
  } catch (error) {
    assertInstanceOf(error, RpcError);
    assertEquals(error.kind, "connect");
    return undefined;
  }
}
