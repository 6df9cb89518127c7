/**
 * The part of the conformance suite about one connection: delivery, pauses, ends.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";
import type { Transport } from "../../lib/io/raw.ts";
import { roundTrips, turn } from "./fixtures.ts";
import { type Network, type Way, withNetwork } from "./network.ts";

/** Registers the tests; `resets` says whether `abort` sends a reset. */
export function connectionTests(transport: Transport, way: Way, resets: boolean): void {
  const run = (title: string, test: (network: Network) => Promise<void>): void => {
    it(title, () => withNetwork(transport, way, test));
  };

  run("carries bytes both ways and ends cleanly", async (network) => {
    const [client, server] = await network.pair();
    await client.writeAll("ping");
    await server.count(4);
    await server.writeAll("pong!");
    await client.count(5);
    client.closeWrite();
    await server.ended();
    server.closeWrite();
    assertEquals(await client.done(), { reason: undefined });
    assertEquals(await server.done(), { reason: undefined });
    assertEquals([server.text(), client.text()], ["ping", "pong!"]);
    assert(client.sawEnd && server.sawEnd, "both sides saw the other's end");
  });

  run("tells the addresses of both ends", async (network) => {
    const listener = await network.listen();
    const client = await network.dial(listener.local);
    const server = await network.accepted();
    assertEquals(client.remote, listener.local);
    assertEquals(server.local, listener.local);
    assertEquals(server.remote, client.local);
  });

  run("delivers nothing before start and loses nothing", async (network) => {
    const [client, server] = await network.pair({ start: false });
    client.start();
    await client.writeAll("early ");
    await roundTrips(network);
    assertEquals(server.received, 0);
    await client.writeAll("bird");
    client.closeWrite();
    await roundTrips(network);
    server.start();
    await server.ended();
    assertEquals(server.text(), "early bird");
  });

  run("keeps what the server says first until the client starts", async (network) => {
    const [client, server] = await network.pair({ start: false });
    server.start();
    await server.writeAll("welcome");
    await roundTrips(network);
    client.start();
    await client.count(7);
    assertEquals(client.text(), "welcome");
  });

  run("tells the end after all data", async (network) => {
    const [client, server] = await network.pair();
    await client.writeAll("last words");
    client.closeWrite();
    await server.ended();
    assertEquals(server.text(), "last words");
  });

  run("a client that sent its end still receives", async (network) => {
    const [client, server] = await network.pair();
    client.closeWrite();
    await server.ended();
    assertEquals(client.closed, undefined);
    await server.writeAll("reply");
    server.closeWrite();
    await client.done();
    assertEquals(client.text(), "reply");
  });

  run("a server that sent its end still receives", async (network) => {
    const [client, server] = await network.pair();
    server.closeWrite();
    await client.ended();
    assertEquals(server.closed, undefined);
    await client.writeAll("upload");
    client.closeWrite();
    await server.done();
    assertEquals(server.text(), "upload");
  });

  run("takes nothing after closeWrite, close and abort", async (network) => {
    const [client, server] = await network.pair();
    client.closeWrite();
    client.closeWrite();
    assertEquals(client.conn.write(new Uint8Array(3)), 0);
    const closing = client.finish();
    assertEquals(client.conn.write(new Uint8Array(3)), 0);
    client.conn.close();
    const aborting = server.abort("enough");
    assertEquals(server.conn.write(new Uint8Array(3)), 0);
    server.conn.abort("again");
    await Promise.all([closing, aborting]);
    client.conn.abort("after the end");
    client.conn.close();
    assertEquals(client.conn.write(new Uint8Array(3)), 0);
    assertEquals(client.conn.lent, false);
  });

  run("an empty write takes nothing and owes nothing", async (network) => {
    const [client, server] = await network.pair();
    assertEquals(client.write(new Uint8Array(0)), 0);
    assertEquals(client.conn.lent, false);
    await client.writeAll("x");
    await server.count(1);
  });

  run("a paused side gets no chunk until it resumes", async (network) => {
    const [client, server] = await network.pair({ server: { onChunk: (probe) => probe.pause() } });
    await client.writeAll("one");
    await server.count(3);
    await client.writeAll("two");
    await roundTrips(network);
    assertEquals(server.text(), "one");
    server.resume();
    await server.count(6);
    assertEquals(server.text(), "onetwo");
  });

  run("a side that pauses before it starts stays paused", async (network) => {
    const [client, server] = await network.pair({ start: false });
    client.start();
    server.pause();
    server.start();
    await client.writeAll("hold");
    await roundTrips(network);
    assertEquals(server.received, 0);
    server.resume();
    await server.count(4);
  });

  run("close tells the peer that waits for data", async (network) => {
    const [client, server] = await network.pair();
    const closed = server.finish();
    await client.ended();
    assertEquals((await client.finish()).reason, undefined);
    assertEquals((await closed).reason, undefined);
  });

  run("close sends what was taken before", async (network) => {
    const [client, server] = await network.pair({ server: { keep: false } });
    server.pause();
    let taken = 0;
    const piece = new Uint8Array(64 * 1024);
    while (client.conn.lent === false) {
      const count = client.write(piece);
      taken += count;
      if (count < piece.length) break;
    }
    const closed = client.finish();
    server.resume();
    await server.ended();
    assertEquals(server.received, taken);
    await server.finish();
    await closed;
  });

  run("close and abort are told later, and once", async (network) => {
    const [client, server] = await network.pair();
    client.conn.close();
    assertEquals(client.closed, undefined);
    await client.done();
    const reason = new Error("mine");
    assertEquals(await server.abort(reason), { reason });
  });

  run("abort without a reason has one of kind transport", async (network) => {
    const [client] = await network.pair();
    const { reason } = await client.abort();
    assertInstanceOf(reason, RpcError);
    assertEquals(reason.kind, "transport");
  });

  run("abort ends the peer's connection", async (network) => {
    const [client, server] = await network.pair();
    await client.writeAll("x");
    await server.count(1);
    await client.abort("gone");
    if (!resets) {
      await server.ended();
      return;
    }
    const { reason } = await server.done();
    assertInstanceOf(reason, RpcError);
    assertEquals(reason.kind, "transport");
  });

  run("abort works while the peer takes nothing", async (network) => {
    const [client, server] = await network.pair();
    server.pause();
    const filling = client.writeAll(new Uint8Array(32 * 1024 * 1024));
    await roundTrips(network);
    const reason = new Error("timed out");
    assertEquals(await client.abort(reason), { reason });
    assertEquals(await filling, false);
    server.resume();
  });

  run("writing to a peer that is gone ends in close", async (network) => {
    const [client, server] = await network.pair();
    await server.abort("gone");
    const piece = new Uint8Array(1024);
    while (client.closed === undefined) {
      if (client.write(piece) < piece.length || client.conn.lent) await client.drained();
      else await turn();
    }
    assert(client.closed !== undefined, "closed");
  });

  run("a connection that ended before start says so then", async (network) => {
    const [client, server] = await network.pair({ start: false });
    server.start();
    await server.writeAll("bye");
    const closed = server.finish();
    await roundTrips(network);
    client.start();
    await client.ended();
    assertEquals(client.text(), "bye");
    await client.finish();
    await closed;
  });

  run("an end without data that came before start is told at start", async (network) => {
    const [client, server] = await network.pair({ start: false });
    client.start();
    client.closeWrite();
    await roundTrips(network);
    server.start();
    await server.ended();
    await server.writeAll("still listening?");
    await client.count(16);
  });

  run("an end that came while paused is told, after what came before", async (network) => {
    const [client, server] = await network.pair();
    server.pause();
    await client.writeAll("rest");
    client.closeWrite();
    await roundTrips(network);
    server.closeWrite();
    await roundTrips(network);
    server.resume();
    assertEquals(await server.done(), { reason: undefined });
    assertEquals([server.text(), server.sawEnd], ["rest", true]);
  });

  run("a paused side that closes is told so", async (network) => {
    const [client, server] = await network.pair();
    server.pause();
    await client.writeAll("never read");
    await roundTrips(network);
    assertEquals(await server.finish(), { reason: undefined });
    await client.abort();
  });

  run("close before start is told at start", async (network) => {
    const [client, server] = await network.pair({ start: false });
    client.conn.close();
    client.start();
    await client.done();
    server.start();
    await server.ended();
  });
}
