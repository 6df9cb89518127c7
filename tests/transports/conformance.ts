/**
 * What every transport must do, as one suite: each adapter's test calls it and says what its runtime cannot do.
 *
 * @module
 */
import { describe, it } from "@std/testing/bdd";
import type { Transport } from "../../lib/io/raw.ts";
import { runtimeName } from "../../transports/runtime.ts";
import { addressTests, socketTests } from "./conformance_address.ts";
import { bulkTests } from "./conformance_bulk.ts";
import { connectionTests } from "./conformance_connection.ts";
import { tlsTests } from "./conformance_tls.ts";
import { readCertificates, temporaryFolder } from "./fixtures.ts";
import type { Way } from "./network.ts";

/** What a transport does not do on the runtime at hand; each is stated by the caller of the suite. */
export interface Gaps {
  /** The only runtime it works on. Default: all. */
  readonly only?: "deno" | "bun" | "node";
  /** Not the runtime's own adapter: fewer connections are opened, to save time. */
  readonly visiting?: boolean;
  /** TCP is only pretended: no name service, no shared kernel. */
  readonly inMemory?: boolean;
  /** No TLS. */
  readonly tls?: boolean;
  /** Ports cannot be shared, which `listen` has to say. */
  readonly reusePort?: boolean;
  /** `abort` cannot send a reset, so that the peer sees a clean end. */
  readonly reset?: boolean;
}

/** Runs the suite on a transport. */
export function conformance(name: string, transport: Transport, gaps: Gaps = {}): void {
  if (gaps.only !== undefined && gaps.only !== runtimeName()) {
    describe(`${name} transport`, () => void it.skip(`works on ${gaps.only} only`, () => {}));
    return;
  }
  describe(`${name} transport`, () => {
    const folder = temporaryFolder();
    const certificates = readCertificates();
    const tcp: Way = { address: () => ({ hostname: "127.0.0.1", port: 0 }), listen: {}, dial: {} };
    let files = 0;
    const unix: Way = { address: () => ({ path: `${folder()}/${++files}.sock` }), listen: {}, dial: {} };
    const tls: Way = {
      address: tcp.address,
      get listen() {
        return { tls: { cert: certificates().serverCert, key: certificates().serverKey } };
      },
      get dial() {
        return { tls: { ca: certificates().ca, serverName: "localhost" } };
      },
    };
    describe("over tcp", () => connectionTests(transport, tcp, !gaps.reset));
    describe("over unix sockets", () => connectionTests(transport, unix, gaps.inMemory ?? false));
    describe("in bulk over tcp", () => bulkTests(transport, tcp, gaps.visiting ? 500 : 5000));
    describe("in bulk over unix sockets", () => bulkTests(transport, unix, gaps.visiting ? 50 : 500));
    describe("listening and dialling", () => addressTests(transport, tcp, unix, !gaps.reusePort));
    if (!gaps.inMemory) describe("with the system", () => socketTests(transport, tcp, unix, folder));
    if (gaps.tls) return;
    describe("over tls", () => connectionTests(transport, tls, false));
    describe("in bulk over tls", () => bulkTests(transport, tls, gaps.visiting ? 50 : 100));
    describe("with certificates", () => tlsTests(transport, tcp, unix, certificates));
  });
}
