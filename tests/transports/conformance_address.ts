/**
 * The part of the conformance suite about listening and dialling.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import type { Endpoint, TcpEndpoint, Transport } from "../../lib/io/raw.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { linesOf, rejectsAs, roundTrips, settledDescriptors, spawnScript, turn } from "./fixtures.ts";
import { type Way, withNetwork } from "./network.ts";

/** Registers the tests that any transport passes; `sharesPorts` says whether `reusePort` works. */
export function addressTests(transport: Transport, tcp: Way, unix: Way, sharesPorts: boolean): void {
  it("dialling where nobody listens is refused", () =>
    withNetwork(transport, tcp, async (network) => {
      const listener = await network.listen();
      await listener.close();
      await listener.close();
      const error = await rejectsAs("connect", () => network.dial(listener.local));
      assertEquals(error.retryable, true);
    }));

  it("dialling a path where nobody listens is refused", () =>
    withNetwork(transport, unix, async (network) => {
      await rejectsAs("connect", () => network.dial(unix.address()));
    }));

  it("a closed listener frees its address and leaves connections alone", () =>
    withNetwork(transport, tcp, async (network) => {
      const first = await network.listen();
      const client = network.probe(await network.dial(first.local)).start();
      const server = network.probe(await network.accepted()).start();
      await first.close();
      const second = await network.listen({}, first.local);
      assertEquals(second.local, first.local);
      await client.writeAll("still here");
      await server.count(10);
      assertEquals(server.text(), "still here");
    }));

  it("an address in use cannot be listened on", () =>
    withNetwork(transport, tcp, async (network) => {
      const listener = await network.listen();
      const error = await rejectsAs("connect", () => network.listen({}, listener.local));
      assert(error.message.includes(String((listener.local as TcpEndpoint).port)), error.message);
    }));

  it("a signal that has fired stops a dial", () =>
    withNetwork(transport, tcp, async (network) => {
      const listener = await network.listen();
      const cause = new Error("changed my mind");
      const error = await rejectsAs(
        "canceled",
        () => network.dial(listener.local, { signal: AbortSignal.abort(cause) }),
      );
      assertEquals(error.cause, cause);
      await roundTrips(network);
      assertEquals(network.waiting, 0);
    }));

  it("a timeout as the signal's reason is one of the error", () =>
    withNetwork(transport, tcp, async (network) => {
      const listener = await network.listen();
      const signal = AbortSignal.abort(new DOMException("late", "TimeoutError"));
      await rejectsAs("timeout", () => network.dial(listener.local, { signal }));
    }));

  if (sharesPorts) {
    it("several listeners share a port with reusePort", () =>
      withNetwork(transport, tcp, async (network) => {
        const first = await network.listen({ reusePort: true });
        const second = await network.listen({ reusePort: true }, first.local);
        assertEquals(second.local, first.local);
        const clients = [];
        for (let i = 0; i < 10; i++) clients.push(network.probe(await network.dial(first.local)).start());
        for (const client of clients) await client.writeAll("x");
        for (let i = 0; i < 10; i++) await network.probe(await network.accepted()).start().count(1);
        await first.close();
        network.probe(await network.dial(second.local)).start();
        await network.accepted();
        await rejectsAs("connect", () => network.listen({}, second.local));
      }));
  } else {
    it("reusePort is refused rather than ignored", async () => {
      await rejectsAs("invalid", () => transport.listen(tcp.address(), () => {}, { reusePort: true }));
    });
  }

  it("reusePort is not for unix sockets", async () => {
    await rejectsAs("invalid", () => transport.listen(unix.address(), () => {}, { reusePort: true }));
  });

  it("an accept function that throws ends its connection alone", () =>
    withNetwork(transport, tcp, async (network) => {
      let calls = 0;
      const listener = await transport.listen(tcp.address(), (conn) => {
        if (++calls === 1) throw new Error("not this one");
        network.probe(conn).start().writeAll("hello");
      });
      // The reset may come before the client knows that it is connected.
      const first = await network.dial(listener.local).catch((error) => assertEquals(error.kind, "connect"));
      if (first !== undefined) await network.probe(first).start().ended();
      const second = network.probe(await network.dial(listener.local)).start();
      await second.count(5);
      await listener.close();
      assertEquals(calls, 2);
    }));
}

/** Registers the tests of real sockets. */
export function socketTests(transport: Transport, tcp: Way, unix: Way, folder: () => string): void {
  const unusable: [string, Endpoint][] = [
    ["a port above 65535", { hostname: "127.0.0.1", port: 65536 }],
    ["a port that is no integer", { hostname: "127.0.0.1", port: 80.5 }],
    ["an empty host name", { hostname: "", port: 80 }],
    ["an empty path", { path: "" }],
    ["a path of 108 bytes", { path: `/tmp/${"x".repeat(103)}` }],
  ];
  for (const [what, endpoint] of unusable) {
    it(`refuses ${what}`, async () => {
      await rejectsAs("invalid", () => transport.dial(endpoint));
      await rejectsAs("invalid", () => transport.listen(endpoint, () => {}));
    });
  }

  it("dials host names and both kinds of addresses", () =>
    withNetwork(transport, tcp, async (network) => {
      const four = await network.listen();
      const { port } = four.local as TcpEndpoint;
      network.probe(await network.dial({ hostname: "localhost", port })).start();
      await network.accepted();
      const six = await network.listen({}, { hostname: "::1", port: 0 });
      network.probe(await network.dial(six.local)).start();
      assertEquals((await network.accepted()).local, six.local);
    }));

  it("a host name that does not exist cannot be dialled", async () => {
    await rejectsAs("connect", () => transport.dial({ hostname: "nothing.invalid", port: 80 }));
  });

  it("a dial given up at any moment leaves nothing behind", () =>
    withNetwork(transport, tcp, async (network) => {
      const listener = await network.listen();
      const before = await settledDescriptors(network);
      const dials = Array.from({ length: 200 }, async (_, i) => {
        const giveUp = new AbortController();
        const dial = transport.dial(listener.local, { signal: giveUp.signal });
        if (i % 4 > 0) { for (let n = 0; n < i % 20; n++) await (i % 4 === 1 ? undefined : turn()); }
        giveUp.abort();
        const conn = await dial.catch((error) => assertEquals(error.kind, "canceled"));
        conn?.abort();
      });
      await Promise.all(dials);
      while (network.waiting > 0) {
        const probe = network.probe(await network.accepted()).start();
        await probe.ended();
        await probe.finish();
      }
      assertEquals(await settledDescriptors(network, before), before);
    }));

  it("a unix socket's file goes with its listener", () =>
    withNetwork(transport, unix, async (network) => {
      const { files } = await autoPlatform();
      const listener = await network.listen();
      const { path } = listener.local as { path: string };
      assertNotEquals(await files.stat(path), null);
      await listener.close();
      assertEquals(await files.stat(path), null);
    }));

  it("a unix socket's file that is gone already is no error at close", () =>
    withNetwork(transport, unix, async (network) => {
      const { files } = await autoPlatform();
      const listener = await network.listen();
      await files.remove((listener.local as { path: string }).path);
      await listener.close();
    }));

  it("a path that is listened on cannot be taken", () =>
    withNetwork(transport, unix, async (network) => {
      const listener = await network.listen();
      await rejectsAs("connect", () => network.listen({}, listener.local));
      network.probe(await network.dial(listener.local)).start();
    }));

  it("a socket file left by a dead process is replaced", () =>
    withNetwork(transport, unix, async (network) => {
      const path = `${folder()}/stale.sock`;
      const child = await spawnScript("./listen_forever.ts", [path]);
      for await (const _line of linesOf(child.stdout)) child.kill(true);
      await child.exited;
      const listener = await network.listen({}, { path });
      network.probe(await network.dial(listener.local)).start();
      await network.accepted();
    }));

  it("a file that is no socket is never replaced", () =>
    withNetwork(transport, unix, async (network) => {
      const { files } = await autoPlatform();
      const path = `${folder()}/precious`;
      await files.write(path, "keep me");
      await rejectsAs("connect", () => network.listen({}, { path }));
      assertEquals(await files.readText(path), "keep me");
    }));
}
