/**
 * A client of ZooKeeper of our own, over any transport: one session, kept over connections and servers, and begun anew when it was
 * lost.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { type Backoff, backoffMs } from "../../governance/backoff.ts";
import { type Clock, systemClock } from "../../io/clock.ts";
import { parseTarget } from "../../io/endpoint.ts";
import type { ClientTls, Dialing, Endpoint } from "../../io/raw.ts";
import { Settler } from "../../io/settler.ts";
import { MIN_WAIT_MS, pause, within } from "../follow.ts";
import { flickering, left, MAX_FLICKERS } from "./errors.ts";
import type { JuteWriter } from "./jute.ts";
import { ZooKeeperLink, type ZooKeeperRequest, type ZooKeeperSession } from "./link.ts";
import type { ZooKeeperNodes, ZooKeeperReading } from "./nodes.ts";

/** How ZooKeeper is reached. */
export interface ZooKeeperOptions {
  /** `host:port` of its servers; where to begin is drawn. */
  readonly servers: readonly string[];
  /** Opens the connections: `node()`, `deno()` or `bun()`. */
  readonly transport: Dialing;
  /** TLS of the connections. Default: none. */
  readonly tls?: ClientTls | undefined;
  /**
   * Milliseconds after which servers forget a client that says nothing, and with it what it registered. Servers have bounds for it,
   * 4 to 40 s unless set otherwise. Default 30,000.
   */
  readonly sessionTimeoutMs?: number | undefined;
  /** Milliseconds that a request may take, and a server to let the client in. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** Who this is. Nodes that are made belong to the user alone then (Kitex's `WithAuth`). Default: nobody, and all may do all. */
  readonly auth?: { readonly user: string; readonly password: string } | undefined;
  /** Longest answer in bytes. Default 4 MiB. */
  readonly maxBytes?: number | undefined;
  /** Tells the time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A client of ZooKeeper. It connects when it is first asked, and stays connected until it is closed. */
export interface ZooKeeperClient extends ZooKeeperNodes, AsyncDisposable {
  /** Gives a node other data: false if there is none. */
  write(path: string, data: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Ends the session, and with it the nodes that go with it; where the connection is gone, over another one, if a server can be reached
   * at once: each is tried, for `timeoutMs` together. Never rejects. Twice is fine.
   */
  close(): Promise<void>;
}

/** Waits between tries of servers that cannot be reached. */
const BACKOFF: Backoff = { type: "exponential", initialMs: 100, maxMs: 5_000 };
const MIB = 1024 * 1024;
/** More is no number of ZooKeeper's. */
const MAX_MS = 0x7fff_ffff;
/** Numbers of operations. */
const [CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, GET_CHILDREN] = [1, 2, 3, 4, 5, 8];
/** Whatever a node was written how often. */
const ANY_VERSION = -1;
/** Errors that are answers. */
const [NO_NODE, NODE_EXISTS] = [-101, -110];
/** Every right there is. */
const ALL = 31;
/** Where a node's owner is in its state. */
const OWNER_AT = 44;

/** Makes a client. Throws an `RpcError` of kind `"invalid"` for options that cannot be used. */
export function zooKeeperClient(options: ZooKeeperOptions): ZooKeeperClient {
  const { transport, tls, sessionTimeoutMs = 30_000, timeoutMs = 5_000, auth, maxBytes = 4 * MIB } = options;
  const { clock = systemClock, random = Math.random } = options;
  for (const [name, ms] of [["sessionTimeoutMs", sessionTimeoutMs], ["timeoutMs", timeoutMs]] as const) {
    if (!(Number.isInteger(ms) && ms >= 1 && ms <= MAX_MS)) {
      throw new RpcError("invalid", `${name} ${ms} is not a whole number from 1 to ${MAX_MS}`);
    }
  }
  if (options.servers.length === 0) throw new RpcError("invalid", "there is no server of ZooKeeper");
  if (auth !== undefined && (auth.user === "" || auth.user.includes(":"))) {
    throw new RpcError("invalid", `user "${auth.user}" is empty or has a colon, which ends it in ZooKeeper`);
  }
  const servers = options.servers.map((server) => ({ server, endpoint: parseTarget(server) }));
  const fresh: ZooKeeperSession = { id: 0n, password: new Uint8Array(16), timeoutMs: sessionTimeoutMs };
  const linking = { clock, maxBytes, digest: auth && `${auth.user}:${auth.password}` };
  const over = new AbortController();
  const { signal: closed } = over;
  let session = fresh;
  let seen = 0n;
  /** The connection while it can be asked. */
  let link: ZooKeeperLink | undefined;
  /** Resolves when there is a connection; rejects when no server could be reached. */
  let ready = new Settler();
  /** Why there is no connection, if one was tried for. */
  let away: RpcError | undefined;
  let running: Promise<void> | undefined;
  /** The server that is tried next. */
  let next = Math.floor(random() * servers.length);

  async function connect(endpoint: Endpoint, signal: AbortSignal): Promise<ZooKeeperLink> {
    const late = new AbortController();
    const what = "a server of ZooKeeper";
    // So that another one can still save the session, which may be shorter than what was asked for.
    const ms = Math.min(timeoutMs, Math.max(MIN_WAIT_MS, session.timeoutMs / 2));
    const waiting = { what, ms, clock, signal };
    const dialled = transport.dial(endpoint, { signal: late.signal, ...(tls === undefined ? {} : { tls }) });
    const raw = await within(dialled, waiting).catch((error) => {
      late.abort(error);
      // The dial may have won the race all the same.
      dialled.then((raw) => raw.abort(), () => {});
      throw error;
    });
    const made = new ZooKeeperLink(raw, seen, linking);
    try {
      const given = await within(made.greet(session), waiting);
      if (given === undefined) {
        session = fresh;
        throw new RpcError("unavailable", "the session with ZooKeeper was lost");
      }
      session = given;
      return made;
    } catch (error) {
      made.abort(RpcError.from(error));
      throw error;
    }
  }

  async function run(): Promise<void> {
    let awayMs = clock.now();
    for (let failures = 0; !closed.aborted;) {
      const { server, endpoint } = servers[next++ % servers.length]!;
      const known = session.id;
      try {
        const made = await connect(endpoint, closed);
        if (closed.aborted) return await leave(made);
        const beganMs = clock.now();
        link = made;
        away = undefined;
        ready.resolve();
        await made.closed;
        link = undefined;
        seen = made.seen;
        ready = new Settler();
        awayMs = clock.now();
        // One that lets in and hangs up at once is not asked in a loop.
        failures = awayMs - beganMs >= timeoutMs ? 0 : failures + 1;
      } catch (error) {
        failures++;
        // A session that was lost is begun anew at once.
        if (known !== session.id) failures = 0;
        else {
          away = awayError(server, error);
          if (failures % servers.length === 0) {
            ready.reject(away);
            ready = new Settler();
          }
        }
      }
      // No server lets in who has seen what it has not: after so long it may be a ZooKeeper that lost all, which has to say so.
      if (clock.now() - awayMs > session.timeoutMs) seen = 0n;
      if (closed.aborted) return;
      const waitMs = failures === 0 ? 0 : Math.max(MIN_WAIT_MS, backoffMs(BACKOFF, failures, random));
      const mostMs = Math.max(MIN_WAIT_MS, session.timeoutMs / 6);
      if (waitMs > 0) await pause(Math.min(waitMs, mostMs), clock, closed);
    }
  }

  async function ask<T>(request: ZooKeeperRequest<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    if (closed.aborted) throw closed.reason;
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
    running ??= run();
    const waiting = { what: "ZooKeeper", ms: timeoutMs, clock, signal: signal ?? closed };
    if (link === undefined) {
      await within(ready.promise, waiting).catch((error) => {
        throw signal?.aborted || closed.aborted ? RpcError.from(error, "canceled") : away ?? error;
      });
    }
    const asked = link;
    if (asked === undefined) throw new RpcError("transport", "the connection to ZooKeeper is gone");
    const answer = asked.ask(request);
    try {
      return await within(answer, waiting);
    } catch (error) {
      answer.catch(() => {}); // nobody waits for it any more
      // A server that does not answer is left: another one may.
      if (error instanceof RpcError && error.kind === "timeout") asked.abort(error);
      throw RpcError.from(error, "canceled");
    }
  }

  function exists<T>(path: string, { watcher, signal }: ZooKeeperReading, read: (owner: bigint) => T) {
    return ask({
      type: EXISTS,
      path,
      more: (to) => to.bool(watcher !== undefined),
      none: NO_NODE,
      watch: watcher && { by: watcher, side: "data", evenNone: true },
      read(from) {
        from.skip(OWNER_AT);
        return read(from.long());
      },
    }, signal);
  }

  async function end(): Promise<void> {
    const open = link;
    over.abort(left());
    ready.reject(closed.reason);
    if (open !== undefined) await leave(open);
    await running;
    await leaveAnew();
  }

  /** Ends the session over a connection, and that. Servers that say nothing are not waited for long. */
  async function leave(open: ZooKeeperLink): Promise<void> {
    session = fresh;
    open.close();
    const cancel = clock.after(timeoutMs, () => open.abort(left()));
    await open.closed;
    cancel();
  }

  /** Ends a session that has no connection over one more, else servers would keep it, and its nodes, until its time is over. */
  async function leaveAnew(): Promise<void> {
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort(left()));
    for (let tries = 0; tries < servers.length && session.id !== fresh.id && !late.signal.aborted; tries++) {
      const { endpoint } = servers[next++ % servers.length]!;
      // A server that cannot be reached: another one is tried, each once. One that knows the session no more has ended it.
      await connect(endpoint, late.signal).then(leave, () => {});
    }
    cancel();
  }

  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => ending ??= end();
  return {
    async children(path, reading = {}) {
      const { watcher, signal } = reading;
      for (let flickers = 0; flickers <= MAX_FLICKERS; flickers++) {
        const names = await ask({
          type: GET_CHILDREN,
          path,
          more: (to) => to.bool(watcher !== undefined),
          none: NO_NODE,
          watch: watcher && { by: watcher, side: "children", evenNone: false },
          read: (from) => from.texts(),
        }, signal);
        if (names !== undefined || watcher === undefined) return names;
        if (await exists(path, reading, () => true) === undefined) return undefined;
      }
      throw flickering(path);
    },
    data: (path, { watcher, signal } = {}) =>
      ask({
        type: GET_DATA,
        path,
        more: (to) => to.bool(watcher !== undefined),
        none: NO_NODE,
        watch: watcher && { by: watcher, side: "data", evenNone: false },
        read: (from) => from.text(),
      }, signal),
    owner: (path, reading = {}) => exists(path, reading, (owner) => owner === session.id ? "us" : "other"),
    async create({ path, data, ephemeral }, signal) {
      const made = await ask({
        type: CREATE,
        path,
        more(to) {
          to.text(data).int(1).int(ALL);
          if (auth === undefined) to.text("world").text("anyone");
          else to.text("auth").text(""); // whoever makes it
          to.int(ephemeral ? 1 : 0);
        },
        none: NODE_EXISTS,
        read: () => true,
      }, signal);
      return made ?? false;
    },
    async remove(path, signal) {
      const more = (to: JuteWriter): void => void to.int(ANY_VERSION);
      return await ask({ type: DELETE, path, more, none: NO_NODE, read: () => true }, signal) ?? false;
    },
    async write(path, data, signal) {
      const more = (to: JuteWriter): void => void to.text(data).int(ANY_VERSION);
      return await ask({ type: SET_DATA, path, more, none: NO_NODE, read: () => true }, signal) ?? false;
    },
    unwatch: (watcher) => link?.unwatch(watcher),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function awayError(server: string, error: unknown): RpcError {
  const { kind, message } = RpcError.from(error);
  return new RpcError(kind === "forbidden" ? kind : "connect", `ZooKeeper is away, ${server} last: ${message}`, {
    cause: error,
  });
}
