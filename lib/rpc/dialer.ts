/**
 * Opens a client's connections and starts the protocol on them.
 *
 * @module
 */
import type { Compressor } from "../compressor.ts";
import { RpcError } from "../errors.ts";
import { BufferPool } from "../io/buffer_pool.ts";
import { Connection } from "../io/connection.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { ClientTls, Dialing, DialOptions, Endpoint, RawConn } from "../io/raw.ts";
import type { TimerWheel } from "../io/timer_wheel.ts";
import type { ServiceSchema } from "../schema/service.ts";
import type { ConnectivityTable } from "./connectivity.ts";
import type { ClientProtocol, ClientSession } from "./protocol.ts";

/** What a dialer is made of. */
export interface DialerInit {
  /** Opens connections; asked for at the first dial. */
  readonly transport: Dialing | (() => Promise<Dialing>);
  /** Set to connect by TLS. */
  readonly tls: ClientTls | undefined;
  /** Milliseconds that opening a connection may take. */
  readonly connectTimeoutMs: number;
  /** The service called. */
  readonly service: ServiceSchema;
  /** The client's timers. */
  readonly wheel: TimerWheel;
  /** The client's ways to compress. */
  readonly compressors: readonly Compressor[] | undefined;
  /** Told of every dial and its outcome. */
  readonly connectivity: ConnectivityTable | undefined;
}

/** Opens connections. */
export class Dialer {
  readonly #init: DialerInit;
  readonly #buffers = new BufferPool();
  #transport: Promise<Dialing> | undefined;
  #closed = false;

  /** Opens nothing yet. */
  constructor(init: DialerInit) {
    this.#init = init;
  }

  /**
   * Opens a connection to `to`, within the client's time or `timeoutMs`. Rejects with an `RpcError` of kind `"connect"`,
   * `"canceled"` after `close`, or whatever the protocol threw.
   */
  async dial(to: Endpoint, protocol: ClientProtocol, shared: boolean, timeoutMs?: number): Promise<ClientSession> {
    const { compressors, connectivity, service, wheel } = this.#init;
    connectivity?.dialling(to);
    try {
      const conn = new Connection(await this.#open(to, protocol, timeoutMs), {
        wheel,
        pool: this.#buffers,
        readWhileFull: true,
      });
      const session = protocol.connect(conn, service, { shared, wheel, compressors });
      connectivity?.opened(to);
      if (connectivity !== undefined) conn.onClose(() => connectivity.closed(to));
      return session;
    } catch (error) {
      connectivity?.failed(to);
      throw RpcError.from(error, "connect");
    }
  }

  /** Addresses of a host name. Rejects with kind `"connect"`, or `"invalid"` where the transport knows no names. */
  async lookup(hostname: string): Promise<readonly string[]> {
    const { name, resolve } = await this.#found();
    if (resolve === undefined) {
      throw new RpcError("invalid", `the transport ${name} knows no names: give the client \`resolvers\``);
    }
    return await resolve(hostname);
  }

  /** What is still being opened is dropped. */
  close(): void {
    this.#closed = true;
  }

  #found(): Promise<Dialing> {
    const { transport } = this.#init;
    return this.#transport ??= typeof transport === "function" ? transport() : Promise.resolve(transport);
  }

  async #open(to: Endpoint, protocol: ClientProtocol, timeoutMs = this.#init.connectTimeoutMs): Promise<RawConn> {
    const { tls, wheel } = this.#init;
    const controller = new AbortController();
    const cancel = wheel.clock.after(timeoutMs, () => {
      const text = `${describeEndpoint(to)} did not answer within ${Math.round(timeoutMs)} ms`;
      controller.abort(new RpcError("connect", text));
    });
    try {
      const options: DialOptions = {
        signal: controller.signal,
        ...(tls === undefined ? {} : { tls: withAlpn(protocol, tls) }),
      };
      const raw = await (await this.#found()).dial(to, options);
      if (!this.#closed) return raw;
      raw.abort();
      throw new RpcError("canceled", "the client was closed");
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      cancel();
    }
  }
}

function withAlpn({ alpn }: ClientProtocol, tls: ClientTls): ClientTls {
  return alpn === undefined || tls.alpn !== undefined ? tls : { ...tls, alpn: [alpn].flat() };
}
