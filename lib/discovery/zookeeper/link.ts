/**
 * One connection to a server of a ZooKeeper: its greeting, requests and their answers in order, watches, and pings that tell whether
 * the server still lives.
 *
 * Watches end with the connection: whoever watches reads again then.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Clock } from "../../io/clock.ts";
import { Connection } from "../../io/connection.ts";
import type { RawConn } from "../../io/raw.ts";
import { errorOf, left } from "./errors.ts";
import { JuteReader, JuteWriter } from "./jute.ts";
import type { ZooKeeperWatcher } from "./nodes.ts";

/** What servers know a client by, over connections. */
export interface ZooKeeperSession {
  /** Its number; 0 for a new one. */
  readonly id: bigint;
  /** What proves that it is ours. */
  readonly password: Uint8Array;
  /** How long servers keep it without a word. */
  readonly timeoutMs: number;
}

/** What one request asks. */
export interface ZooKeeperRequest<T> {
  /** The operation's number. */
  readonly type: number;
  /** The node it is about. */
  readonly path: string;
  /** Writes what follows the path. */
  readonly more?: (to: JuteWriter) => void;
  /** The error that is an answer: `undefined`. */
  readonly none?: number;
  /** Reads the answer. */
  readonly read: (from: JuteReader) => T;
  /** What hears of it, if the answer is no error. */
  readonly watch?: ZooKeeperWatch | undefined;
}

/** What hears of a node. */
export interface ZooKeeperWatch {
  /** Who is told. */
  readonly by: ZooKeeperWatcher;
  /** Of which of the node's sides: its data and being, or its children. */
  readonly side: Side;
  /** True if one that is not there is watched too. */
  readonly evenNone: boolean;
}

type Side = "data" | "children";

/** Settings of a link. */
export interface ZooKeeperLinkOptions {
  /** Tells the time. */
  readonly clock: Clock;
  /** Longest frame that is read. */
  readonly maxBytes: number;
  /** Who the client is, `user:password`; nobody if left out. */
  readonly digest: string | undefined;
}

/** Numbers of operations and of answers that are none of a request's. */
const [PING, AUTH, CLOSE] = [11, 100, -11];
const [EVENT_XID, PING_XID, AUTH_XID] = [-1, -2, -4];
/** Kinds of events. */
const [CREATED, DELETED, DATA_CHANGED, CHILDREN_CHANGED] = [1, 2, 3, 4];
const MAX_XID = 0x7fffffff;

interface Waiting {
  /** The node. */
  readonly path: string;
  /** What begins to hear of it with the answer. */
  watch: ZooKeeperWatch | undefined;
  /** The error that is an answer. */
  readonly none: number | undefined;
  /** Reads the answer; throws for one that breaks the protocol. */
  answer(code: number, body: JuteReader): void;
  fail(error: RpcError): void;
}

/** One connection. */
export class ZooKeeperLink {
  /** Resolves when the connection is gone, with why. */
  readonly closed: Promise<RpcError>;
  readonly #conn: Connection;
  readonly #options: ZooKeeperLinkOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watched = {
    data: new Map<string, Set<ZooKeeperWatcher>>(),
    children: new Map<string, Set<ZooKeeperWatcher>>(),
  };
  #xid = 0;
  /** The newest transaction heard of. */
  #seen: bigint;
  #heardMs: number;
  #stopPings = (): void => {};
  #greeted: ((body: JuteReader) => void) | undefined;
  #failGreeting = (_: RpcError): void => {};
  #end!: (why: RpcError) => void;

  /** Takes over a connection that was not started. */
  constructor(raw: RawConn, seen: bigint, options: ZooKeeperLinkOptions) {
    this.#conn = new Connection(raw, { readWhileFull: true });
    this.#options = options;
    this.#seen = seen;
    this.#heardMs = options.clock.now();
    this.closed = new Promise((resolve) => this.#end = resolve);
  }

  /** The newest transaction heard of, for the next connection: a server that has not heard of it would tell what is old. */
  get seen(): bigint {
    return this.#seen;
  }

  /** Begins, or goes on with, a session; `undefined` if servers do not know it any more. */
  greet(session: ZooKeeperSession): Promise<ZooKeeperSession | undefined> {
    const greeting = new Promise<ZooKeeperSession | undefined>((resolve, reject) => {
      this.#failGreeting = reject;
      this.#greeted = (body) => {
        body.int(); // the protocol's version: there is one
        const [timeoutMs, id, password] = [body.int(), body.long(), body.bytes()];
        if (timeoutMs <= 0) return resolve(undefined);
        this.#keepAlive(timeoutMs);
        const { digest } = this.#options;
        if (digest !== undefined) {
          this.#send(new JuteWriter().int(AUTH_XID).int(AUTH).int(0).text("digest").text(digest));
        }
        resolve({ id, password, timeoutMs });
      };
    });
    this.#conn.start({
      data: (bytes) => this.#onData(bytes),
      close: (reason) => this.#onClose(reason),
    });
    const hello = new JuteWriter().int(0).long(this.#seen).int(session.timeoutMs);
    this.#send(hello.long(session.id).bytes(session.password));
    return greeting;
  }

  /** Asks; rejects with an `RpcError`. */
  ask<T>(request: ZooKeeperRequest<T>): Promise<T | undefined> {
    const { type, path, more, none, read, watch } = request;
    if (this.#conn.closed) return Promise.reject(new RpcError("transport", "the connection to ZooKeeper is gone"));
    const xid = this.#nextXid();
    const frame = new JuteWriter().int(xid).int(type).text(path);
    more?.(frame);
    return new Promise((resolve, reject) => {
      this.#waiting.set(xid, {
        path,
        watch,
        none,
        answer(code, body) {
          if (code === 0) resolve(read(body));
          else if (code === none) resolve(undefined);
          else reject(errorOf(code, path));
        },
        fail: reject,
      });
      this.#send(frame);
    });
  }

  /** Tells a watcher nothing more. */
  unwatch(watcher: ZooKeeperWatcher): void {
    for (const waiting of this.#waiting.values()) if (waiting.watch?.by === watcher) waiting.watch = undefined;
    for (const watched of Object.values(this.#watched)) {
      for (const [path, watchers] of watched) if (watchers.delete(watcher) && watchers.size === 0) watched.delete(path);
    }
  }

  /** Ends the session, and then the connection. */
  close(): void {
    if (this.#conn.closed) return;
    const xid = this.#nextXid();
    const answer = (): void => this.#conn.abort(left());
    this.#waiting.set(xid, { path: "", watch: undefined, none: undefined, answer, fail: () => {} });
    this.#send(new JuteWriter().int(xid).int(CLOSE));
  }

  /** Drops the connection. */
  abort(why: RpcError): void {
    this.#conn.abort(why);
  }

  #nextXid(): number {
    return this.#xid = this.#xid === MAX_XID ? 1 : this.#xid + 1;
  }

  /** Begins to watch, as the server does before it answers: events of it come after. */
  #watch({ path, watch, none }: Waiting, code: number): void {
    if (watch === undefined || !(code === 0 || (watch.evenNone && code === none))) return;
    const watched = this.#watched[watch.side];
    const watchers = watched.get(path);
    if (watchers === undefined) watched.set(path, new Set([watch.by]));
    else watchers.add(watch.by);
  }

  #send(frame: JuteWriter): void {
    if (this.#conn.closed) return;
    const bytes = frame.frame();
    const { output } = this.#conn;
    output.reserve(bytes.length);
    output.bytes.set(bytes, output.pos);
    output.pos += bytes.length;
    this.#conn.commit();
  }

  /** A ping each third of the session's time; a server that says nothing for two thirds is taken for dead. */
  #keepAlive(timeoutMs: number): void {
    const { clock } = this.#options;
    const beat = (): void => {
      const silentMs = clock.now() - this.#heardMs;
      if (silentMs >= timeoutMs * 2 / 3) {
        this.abort(new RpcError("transport", `ZooKeeper said nothing for ${Math.round(silentMs)} ms`));
        return;
      }
      this.#send(new JuteWriter().int(PING_XID).int(PING));
      this.#stopPings = clock.after(timeoutMs / 3, beat);
    };
    this.#stopPings = clock.after(timeoutMs / 3, beat);
  }

  #onData(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#heardMs = this.#options.clock.now();
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = view.getInt32(at);
      const { maxBytes } = this.#options;
      if (length < 0 || length > maxBytes) {
        throw new RpcError("protocol", `a frame of ${length} bytes from ZooKeeper, of at most ${maxBytes}`);
      }
      if (bytes.length - at - 4 < length) {
        this.#conn.need = 4 + length;
        return at;
      }
      this.#onFrame(new JuteReader(bytes.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    }
    this.#conn.need = 4;
    return at;
  }

  #onFrame(body: JuteReader): void {
    const greeted = this.#greeted;
    if (greeted !== undefined) {
      this.#greeted = undefined;
      return greeted(body);
    }
    const [xid, zxid, code] = [body.int(), body.long(), body.int()];
    if (xid === EVENT_XID) return this.#onEvent(body);
    if (xid === AUTH_XID && code !== 0) throw errorOf(code, "");
    if (xid === PING_XID || xid === AUTH_XID) return;
    if (zxid > this.#seen) this.#seen = zxid;
    const waiting = this.#waiting.get(xid);
    if (waiting === undefined) throw new RpcError("protocol", `ZooKeeper answered ${xid}, which nobody asked`);
    this.#waiting.delete(xid);
    this.#watch(waiting, code);
    try {
      waiting.answer(code, body);
    } catch (error) {
      waiting.fail(RpcError.from(error, "protocol"));
      throw error;
    }
  }

  #onEvent(body: JuteReader): void {
    const kind = body.int();
    body.int(); // the state of the connection, which is known
    const path = body.text();
    const told = new Set<ZooKeeperWatcher>();
    if (kind === CREATED || kind === DELETED || kind === DATA_CHANGED) this.#takeOut(path, "data", told);
    if (kind === DELETED || kind === CHILDREN_CHANGED) this.#takeOut(path, "children", told);
    for (const watcher of told) watcher.changed(path);
  }

  #takeOut(path: string, side: Side, into: Set<ZooKeeperWatcher>): void {
    for (const watcher of this.#watched[side].get(path) ?? []) into.add(watcher);
    this.#watched[side].delete(path);
  }

  #onClose(reason: unknown): void {
    this.#stopPings();
    const why = reason === undefined
      ? new RpcError("transport", "ZooKeeper closed the connection")
      : RpcError.from(reason);
    this.#failGreeting(why);
    for (const waiting of this.#waiting.values()) waiting.fail(why);
    this.#waiting.clear();
    const watchers = new Set<ZooKeeperWatcher>();
    for (const watched of Object.values(this.#watched)) {
      for (const some of watched.values()) for (const watcher of some) watchers.add(watcher);
      watched.clear();
    }
    for (const watcher of watchers) watcher.lost(why);
    this.#end(why);
  }
}
