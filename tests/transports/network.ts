/**
 * A listener under test with the connections it accepted, and dialled ones; everything is closed after the test.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { DialOptions, Endpoint, ListenOptions, RawConn, RawListener, Transport } from "../../lib/io/raw.ts";
import { Probe, type ProbeOptions } from "./probe.ts";

/** Where and how connections of one kind are made. */
export interface Way {
  /** An address to listen on; a new one each time. */
  readonly address: () => Endpoint;
  /** Options of the listener. */
  readonly listen: ListenOptions;
  /** Options of the dialler. */
  readonly dial: DialOptions;
}

/** What a test works with. */
export class Network {
  readonly transport: Transport;
  readonly way: Way;
  readonly #listeners: RawListener[] = [];
  readonly #conns = new Set<RawConn>();
  readonly #probes: Probe[] = [];
  #accepted: RawConn[] = [];
  #waiting: ((conn: RawConn) => void)[] = [];

  /** Connections of one kind over a transport. */
  constructor(transport: Transport, way: Way) {
    this.transport = transport;
    this.way = way;
  }

  /** Listens; what is accepted comes from `accepted`. */
  async listen(options: ListenOptions = this.way.listen, on: Endpoint = this.way.address()): Promise<RawListener> {
    const listener = await this.transport.listen(on, (conn) => {
      this.#conns.add(conn);
      const wanted = this.#waiting.shift();
      if (wanted === undefined) this.#accepted.push(conn);
      else wanted(conn);
    }, options);
    this.#listeners.push(listener);
    return listener;
  }

  /** The next accepted connection, not started. */
  accepted(): Promise<RawConn> {
    const conn = this.#accepted.shift();
    if (conn !== undefined) return Promise.resolve(conn);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** How many accepted connections nobody took. */
  get waiting(): number {
    return this.#accepted.length;
  }

  /** Dials, not started. */
  async dial(to: Endpoint, options: DialOptions = this.way.dial): Promise<RawConn> {
    const conn = await this.transport.dial(to, options);
    this.#conns.add(conn);
    return conn;
  }

  /** Wraps a connection; its faults fail the test at the end. */
  probe(conn: RawConn, options?: ProbeOptions): Probe {
    const probe = new Probe(conn, options);
    this.#probes.push(probe);
    return probe;
  }

  /** A connected pair: the dialling side and the accepting one, both started unless told otherwise. */
  async pair(options: { client?: ProbeOptions; server?: ProbeOptions; start?: boolean } = {}): Promise<[Probe, Probe]> {
    const listener = await this.listen();
    const client = this.probe(await this.dial(listener.local), options.client);
    const server = this.probe(await this.accepted(), options.server);
    if (options.start ?? true) {
      client.start();
      server.start();
    }
    return [client, server];
  }

  /** Closes everything and checks that no probe saw a rule broken. */
  async close(): Promise<void> {
    for (const listener of this.#listeners) await listener.close();
    for (const probe of this.#probes) if (probe.closed === undefined) probe.conn.abort("test over");
    for (const conn of this.#conns) conn.abort("test over");
    for (const probe of this.#probes) assertEquals(probe.faults, []);
  }
}

/** Runs a test on a network of its own. */
export async function withNetwork(
  transport: Transport,
  way: Way,
  test: (network: Network) => Promise<void>,
): Promise<void> {
  const network = new Network(transport, way);
  try {
    await test(network);
  } finally {
    await network.close();
  }
}
