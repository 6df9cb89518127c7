/**
 * The part of the conformance suite about certificates, ALPN and TLS on a shared port.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import type { ClientTls, ServerTls, TcpEndpoint, Transport } from "../../lib/io/raw.ts";
import { type Certificates, derOf, rejectsAs, roundTrips, settledDescriptors } from "./fixtures.ts";
import { type Network, type Way, withNetwork } from "./network.ts";
import type { Probe } from "./probe.ts";

/** Registers the tests. */
export function tlsTests(transport: Transport, tcp: Way, unix: Way, certificates: () => Certificates): void {
  const run = (title: string, test: (network: Network) => Promise<void>): void => {
    it(title, () => withNetwork(transport, tcp, test));
  };
  const serverTls = (more: Partial<ServerTls> = {}): ServerTls => {
    const { serverCert: cert, serverKey: key } = certificates();
    return { cert, key, ...more };
  };
  const clientTls = (more: Partial<ClientTls> = {}): ClientTls => {
    return { ca: certificates().ca, serverName: "localhost", ...more };
  };
  const asClient = (): Partial<ClientTls> => ({ cert: certificates().clientCert, key: certificates().clientKey });
  const asStranger = (): Partial<ClientTls> => ({ cert: certificates().strangerCert, key: certificates().strangerKey });

  /** Dials, and waits for the server to have accepted the connection. */
  async function connect(network: Network, server: ServerTls, client: ClientTls): Promise<[Probe, Probe]> {
    const listener = await network.listen({ tls: server });
    const conn = await network.dial(listener.local, { tls: client });
    return [network.probe(conn).start(), network.probe(await network.accepted()).start()];
  }

  /** Asserts that the server refuses the client: the dial rejects, or what it gave ends, and nothing is accepted. */
  async function refused(network: Network, server: ServerTls, client: ClientTls): Promise<void> {
    const listener = await network.listen({ tls: server });
    const dialled = network.dial(listener.local, { tls: client });
    const conn = await dialled.catch((error) => assertEquals(error.kind, "connect"));
    if (conn !== undefined) {
      const probe = network.probe(conn).start();
      await probe.ended(); // TLS 1.3: the client is done before the server has looked at its certificate
    }
    assertEquals(network.waiting, 0);
  }

  run("the first protocol of the server that the client offers is chosen", async (network) => {
    const [client, server] = await connect(
      network,
      serverTls({ alpn: ["h2", "thrift"] }),
      clientTls({ alpn: ["other", "thrift", "h2"] }),
    );
    assertEquals(server.conn.tls?.alpn, client.conn.tls?.alpn);
    assertEquals(["h2", "thrift"].includes(client.conn.tls?.alpn ?? ""), true);
  });

  run("without ALPN no protocol is chosen", async (network) => {
    const [client, server] = await connect(network, serverTls(), clientTls());
    assertEquals([client.conn.tls?.alpn, server.conn.tls?.alpn], [undefined, undefined]);
  });

  run("a client that offers no ALPN is served", async (network) => {
    const [client, server] = await connect(network, serverTls({ alpn: ["h2"] }), clientTls());
    assertEquals([client.conn.tls?.alpn, server.conn.tls?.alpn], [undefined, undefined]);
  });

  run("a client without a protocol in common is refused", async (network) => {
    await refused(network, serverTls({ alpn: ["h2"] }), clientTls({ alpn: ["spdy"] }));
  });

  run("a plain connection has no TLS state", async (network) => {
    const [client, server] = await network.pair();
    assertEquals([client.conn.tls, server.conn.tls], [undefined, undefined]);
  });

  run("the client knows the server's certificate", async (network) => {
    const [client, server] = await connect(network, serverTls(), clientTls());
    assertEquals(client.conn.tls?.peerCertificate, derOf(certificates().serverCert));
    assertEquals(server.conn.tls?.peerCertificate, undefined);
  });

  run("the host dialled is the name that is verified", async (network) => {
    const listener = await network.listen({ tls: serverTls() });
    const { port } = listener.local as TcpEndpoint;
    await network.dial({ hostname: "localhost", port }, { tls: { ca: certificates().ca } });
    await network.dial({ hostname: "127.0.0.1", port }, { tls: { ca: certificates().ca } });
    await network.dial({ hostname: "127.0.0.1", port }, { tls: clientTls({ serverName: "updraft.test" }) });
  });

  run("a server with another name is not trusted", async (network) => {
    const listener = await network.listen({ tls: serverTls() });
    await rejectsAs("connect", () => network.dial(listener.local, { tls: clientTls({ serverName: "wrong.test" }) }));
    await rejectsAs("connect", () => network.dial(listener.local, { tls: clientTls({ serverName: "127.0.0.2" }) }));
  });

  run("a server of an unknown authority is not trusted", async (network) => {
    const listener = await network.listen({ tls: serverTls() });
    const { otherCa } = certificates();
    await rejectsAs("connect", () => network.dial(listener.local, { tls: clientTls({ ca: otherCa }) }));
    await rejectsAs("connect", () => network.dial(listener.local, { tls: { serverName: "localhost" } }));
  });

  run("verify: false takes any server and vouches for none", async (network) => {
    const [client] = await connect(network, serverTls(), { verify: false, serverName: "wrong.test" });
    assertEquals(client.conn.tls, { alpn: undefined, peerCertificate: undefined });
  });

  run("require accepts a client with a certificate of the authority, and knows it", async (network) => {
    const options = serverTls({ ca: certificates().ca, clientCertificate: "require" });
    const [client, server] = await connect(network, options, clientTls(asClient()));
    assertEquals(server.conn.tls?.peerCertificate, derOf(certificates().clientCert));
    await client.writeAll("hello");
    await server.count(5);
    assertEquals(server.text(), "hello");
  });

  run("require refuses a client without a certificate", async (network) => {
    await refused(network, serverTls({ ca: certificates().ca, clientCertificate: "require" }), clientTls());
  });

  run("require refuses a client of another authority", async (network) => {
    const options = serverTls({ ca: certificates().ca, clientCertificate: "require" });
    await refused(network, options, clientTls(asStranger()));
  });

  run("request serves all, and knows those of the authority", async (network) => {
    const options = serverTls({ ca: certificates().ca, clientCertificate: "request" });
    const [, known] = await connect(network, options, clientTls(asClient()));
    assertEquals(known.conn.tls?.peerCertificate, derOf(certificates().clientCert));
    const [, stranger] = await connect(network, options, clientTls(asStranger()));
    assertEquals(stranger.conn.tls?.peerCertificate, undefined);
    const [, nobody] = await connect(network, options, clientTls());
    assertEquals(nobody.conn.tls?.peerCertificate, undefined);
  });

  it("unix sockets carry TLS, too", () =>
    withNetwork(transport, unix, async (network) => {
      const [client, server] = await connect(network, serverTls(), { ca: certificates().ca });
      await client.writeAll("over a path");
      await server.count(11);
      assertEquals(server.text(), "over a path");
    }));

  run("plain bytes to a TLS port end that connection alone", async (network) => {
    const listener = await network.listen({ tls: serverTls() });
    const plain = network.probe(await network.dial(listener.local, {})).start();
    await plain.writeAll("GET / HTTP/1.1\r\n\r\n");
    await plain.ended();
    await network.dial(listener.local, { tls: clientTls() });
    await network.accepted();
    assertEquals(network.waiting, 0);
  });

  run("a TLS dial to a plain port fails", async (network) => {
    const listener = await network.listen();
    const answering = network.accepted().then((conn) => network.probe(conn).start().writeAll("220 plain text\r\n"));
    await rejectsAs("connect", () => network.dial(listener.local, { tls: clientTls() }));
    await answering;
  });

  run("a handshake that does not go on is given up by the server", async (network) => {
    for (const detect of [false, true]) {
      const listener = await network.listen({ tls: serverTls({ detect, handshakeTimeoutMs: 20 }) });
      const silent = network.probe(await network.dial(listener.local, {})).start();
      await silent.ended();
      assertEquals(network.waiting, 0);
    }
  });

  run("closing the listener drops what is not a connection yet", async (network) => {
    for (const detect of [false, true]) {
      const listener = await network.listen({ tls: serverTls({ detect }) });
      const silent = network.probe(await network.dial(listener.local, {})).start();
      network.probe(await network.dial(listener.local, { tls: clientTls() })).start();
      const open = network.probe(await network.accepted()).start(); // so the silent one was seen, too
      await listener.close();
      await silent.ended();
      await roundTrips(network);
      assertEquals(open.closed, undefined);
    }
  });

  run("an IP address is not sent as the server's name", async (network) => {
    const named = await recordHello(network, clientTls());
    const unnamed = await recordHello(network, { ca: certificates().ca });
    assertEquals(new TextDecoder("latin1").decode(named).includes("localhost"), true);
    assertEquals(new TextDecoder("latin1").decode(unnamed).includes("127.0.0.1"), false);
  });

  run("a dial given up during the handshake closes its connection", async (network) => {
    const listener = await network.listen();
    const giveUp = new AbortController();
    const dialling = rejectsAs(
      "canceled",
      () => network.dial(listener.local, { tls: clientTls(), signal: giveUp.signal }),
    );
    const server = network.probe(await network.accepted()).start();
    await server.count(1); // the client's hello
    giveUp.abort();
    await dialling;
    await server.ended();
  });

  run("one port serves plain and TLS clients", async (network) => {
    const listener = await network.listen({ tls: serverTls({ detect: true, alpn: ["thrift"] }) });
    const plain = network.probe(await network.dial(listener.local, {})).start();
    await plain.writeAll("plain first bytes");
    const plainPeer = network.probe(await network.accepted()).start();
    await plainPeer.count(17);
    const secure = network.probe(await network.dial(listener.local, { tls: clientTls({ alpn: ["thrift"] }) })).start();
    const securePeer = network.probe(await network.accepted()).start();
    await secure.writeAll("secret");
    await securePeer.count(6);
    await plain.writeAll(", and more");
    await plainPeer.count(27);
    await Promise.all([plainPeer.writeAll("a"), securePeer.writeAll("b")]);
    await Promise.all([plain.count(1), secure.count(1)]);
    assertEquals([plainPeer.text(), securePeer.text()], ["plain first bytes, and more", "secret"]);
    assertEquals([plain.text(), secure.text()], ["a", "b"]);
    assertEquals([plainPeer.conn.remote, securePeer.conn.remote], [plain.conn.local, secure.conn.local]);
    assertEquals([plainPeer.conn.tls, securePeer.conn.tls?.alpn], [undefined, "thrift"]);
  });

  run("a shared port keeps what came before start, and the end after it", async (network) => {
    const listener = await network.listen({ tls: serverTls({ detect: true }) });
    for (const options of [{}, { tls: clientTls() }]) {
      const client = network.probe(await network.dial(listener.local, options)).start();
      await client.writeAll("one");
      const server = network.probe(await network.accepted());
      await client.writeAll("two");
      client.closeWrite();
      await roundTrips(network);
      server.start();
      await server.ended();
      assertEquals(server.text(), "onetwo");
      server.closeWrite();
      await client.done();
    }
  });

  run("a connection to a shared port that says nothing and ends is dropped", async (network) => {
    const listener = await network.listen({ tls: serverTls({ detect: true }) });
    const client = network.probe(await network.dial(listener.local, {})).start();
    client.closeWrite();
    await client.done();
    assertEquals(network.waiting, 0);
  });

  run("clients that break off anywhere in a handshake bother nobody and leave nothing", async (network) => {
    const hello = await recordHello(network, clientTls());
    for (const detect of [false, true]) {
      const listener = await network.listen({ tls: serverTls({ detect }) });
      const taking = (async () => {
        while (true) {
          const server = network.probe(await network.accepted()).start();
          void server.ended().then(() => server.finish());
        }
      })();
      void taking;
      const before = await settledDescriptors(network);
      for (let i = 0; i < 200; i++) {
        const client = network.probe(await network.dial(listener.local, {})).start();
        const part = hello.slice(0, (i * 7) % hello.length + 1);
        if (i % 3 === 0) part[part.length - 1]! ^= 0xff;
        if (i % 10 > 0) await client.writeAll(part);
        await (i % 2 === 0 ? client.abort() : client.finish());
        if (i % 20 > 0) continue;
        const secure = network.probe(await network.dial(listener.local, { tls: clientTls() })).start();
        await secure.writeAll(part);
        await secure.abort();
      }
      const after = await settledDescriptors(network, before);
      assert(after <= before, `${before} descriptors before, ${after} after`);
      const good = network.probe(await network.dial(listener.local, { tls: clientTls() })).start();
      await good.writeAll("fine");
      await good.finish();
    }
  });

  run("options that cannot be used are named", async (network) => {
    const dial = (tls: ClientTls) => () => network.dial({ hostname: "127.0.0.1", port: 9 }, { tls });
    const listen = (tls: ServerTls) => () => network.listen({ tls });
    const noPem = await rejectsAs("invalid", dial({ ca: "not a certificate" }));
    assertStringIncludes(noPem.message, "tls.ca");
    await rejectsAs("invalid", dial({ cert: certificates().clientCert }));
    await rejectsAs("invalid", dial({ alpn: [""] }));
    await rejectsAs("invalid", listen(serverTls({ key: "" })));
    await rejectsAs("invalid", listen(serverTls({ alpn: ["ä"] })));
    await rejectsAs("invalid", listen(serverTls({ handshakeTimeoutMs: -1 })));
    await rejectsAs("invalid", listen(serverTls({ key: brokenPem("PRIVATE KEY") })));
    await rejectsAs("invalid", listen(serverTls({ cert: brokenPem("CERTIFICATE") })));
    await rejectsAs("invalid", listen(serverTls({ key: certificates().clientKey })));
    await rejectsAs("invalid", dial({ ca: brokenPem("CERTIFICATE") }));
  });
}

/** The first bytes of a client's handshake. */
async function recordHello(network: Network, tls: ClientTls): Promise<Uint8Array> {
  const listener = await network.listen({});
  const giveUp = new AbortController();
  const dialling = rejectsAs("canceled", () => network.dial(listener.local, { tls, signal: giveUp.signal }));
  const server = network.probe(await network.accepted()).start();
  await server.count(100);
  giveUp.abort();
  await dialling;
  return server.bytes();
}

function brokenPem(label: string): string {
  return `-----BEGIN ${label}-----\nbm90IHRoaXM=\n-----END ${label}-----\n`;
}
