/**
 * A listener when the process has no file descriptors left.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
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
    const stderr = textOf(child.stderr);
    const lines = linesOf(child.stdout);
    const port = Number((await lines.next()).value);
    const to = { hostname: "127.0.0.1", port };
    const transport = auto();

    const many = await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      const probe = new Probe(await transport.dial(to)).start();
      await probe.writeAll("x");
      return probe;
    }));
    // Those that got a descriptor answer; some runtimes close the others, some let them wait.
    await Promise.race(many.map((probe) => probe.count(1)));
    await Promise.all(many.map((probe) => probe.abort()));

    let echoed = "";
    while (echoed === "") {
      const probe = new Probe(await transport.dial(to)).start();
      await probe.writeAll("still here");
      await probe.count(10);
      echoed = probe.text();
      await probe.abort();
    }
    assertEquals(echoed, "still here");
    child.kill();
    await child.exited;
    assertEquals(await stderr, "");
  });
});
