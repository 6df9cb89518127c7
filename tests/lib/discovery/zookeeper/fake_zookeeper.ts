/**
 * A ZooKeeper in memory that speaks its protocol: nodes, sessions that end on a clock by hand, watches, and failures on demand.
 *
 * @module
 */
import { JuteReader, JuteWriter } from "../../../../lib/discovery/zookeeper/jute.ts";
import { Connection } from "../../../../lib/io/connection.ts";
import { parseTarget } from "../../../../lib/io/endpoint.ts";
import type { RawListener, Transport } from "../../../../lib/io/raw.ts";
import { memory, type MemoryOptions } from "../../../../transports/memory.ts";
import type { ManualClock } from "../../io/manual_clock.ts";

interface Node {
  data: string;
  /** The session it goes with; 0 if it stays. */
  readonly owner: bigint;
  /** Who may use it: `world:anyone`, `digest:user`. */
  readonly acl: string;
}

interface Peer {
  readonly conn: Connection;
  readonly watches: Set<string>;
  session: bigint;
  user: string | undefined;
}

const [OK, NO_NODE, NO_AUTH, NODE_EXISTS, NOT_EMPTY] = [0, -101, -102, -110, -111];
const [CREATED, DELETED, DATA_CHANGED, CHILDREN_CHANGED] = [1, 2, 3, 4];
const NAMES: Readonly<Record<number, string>> = { 3: "exists", 4: "data", 8: "children" };

/** Servers `zk1:2181` and so on that share one tree. */
export class FakeZooKeeper {
  /** The nodes by path. */
  readonly nodes: Map<string, Node> = new Map([["/", { data: "", owner: 0n, acl: "world:anyone" }]]);
  /** What was asked, in order; `+` says that it is watched. */
  readonly asked: string[] = [];
  /** Sessions begun or gone on with: `new 1`, `again 1`, `lost 1`. */
  readonly greeted: string[] = [];
  /** What clients dial. */
  readonly transport: Transport;
  /** While true, no request is answered. */
  isFrozen = false;
  /** While set, the next request gets these bytes as its frame. */
  garbage: Uint8Array | undefined;
  readonly #clock: ManualClock;
  readonly #sessions = new Map<bigint, { readonly timeoutMs: number; cancel: () => void }>();
  readonly #peers = new Set<Peer>();
  readonly #listeners = new Map<string, RawListener>();
  #ids = 0n;
  #zxid = 0n;

  constructor(clock: ManualClock, options: MemoryOptions = {}) {
    this.#clock = clock;
    this.transport = memory(options);
  }

  /** Lets a server accept. */
  async up(server = "zk1:2181"): Promise<void> {
    const listener = await this.transport.listen(parseTarget(server), (raw) => {
      const peer: Peer = { conn: new Connection(raw), watches: new Set(), session: 0n, user: undefined };
      this.#peers.add(peer);
      peer.conn.start({ data: (bytes) => this.#onData(peer, bytes), close: () => void this.#peers.delete(peer) });
    });
    this.#listeners.set(server, listener);
  }

  /** Ends a server, and with it all connections. */
  async down(server = "zk1:2181"): Promise<void> {
    await this.#listeners.get(server)?.close();
    this.drop();
  }

  /** Ends all connections. */
  drop(): void {
    for (const { conn } of this.#peers) conn.abort();
  }

  /** Ends all sessions, with their nodes. */
  expire(): void {
    for (const id of [...this.#sessions.keys()]) this.#endSession(id);
  }

  /** Loses everything, as one whose disk was exchanged. */
  wipe(): void {
    this.#sessions.clear();
    for (const path of [...this.nodes.keys()]) if (path !== "/") this.nodes.delete(path);
    this.#zxid = 0n;
    this.drop();
  }

  /** Makes a node with those above it, or writes it, or takes it out. */
  set(path: string, data: string | undefined, acl = "world:anyone", owner = 0n): void {
    const parent = parentOf(path);
    this.#zxid++;
    if (data === undefined) {
      if (!this.nodes.delete(path)) return;
      this.#tell(DELETED, path, ["data", "children"]);
      this.#tell(CHILDREN_CHANGED, parent, ["children"]);
      return;
    }
    if (!this.nodes.has(parent)) this.set(parent, "");
    const isNew = !this.nodes.has(path);
    this.nodes.set(path, { data, owner: isNew ? owner : this.nodes.get(path)!.owner, acl });
    this.#tell(isNew ? CREATED : DATA_CHANGED, path, ["data"]);
    if (isNew) this.#tell(CHILDREN_CHANGED, parent, ["children"]);
  }

  /** How many connections there are, and how many nodes are watched over them. */
  get load(): [connections: number, watches: number] {
    const peers = [...this.#peers];
    return [peers.length, peers.reduce((sum, { watches }) => sum + watches.size, 0)];
  }

  #onData(peer: Peer, bytes: Uint8Array): number {
    let at = 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    while (bytes.length - at >= 4 && bytes.length - at - 4 >= view.getInt32(at)) {
      const end = at + 4 + view.getInt32(at);
      const body = new JuteReader(bytes.subarray(at + 4, end));
      if (this.isFrozen) return end;
      if (peer.session === 0n) this.#greet(peer, body);
      else this.#answer(peer, body, bytes[end - 1] === 1);
      at = end;
    }
    return at;
  }

  #greet(peer: Peer, body: JuteReader): void {
    body.int();
    // What servers do with a client that has seen what they have not.
    if (body.long() > this.#zxid) return peer.conn.abort();
    const timeoutMs = body.int();
    const asked = body.long();
    const isKnown = this.#sessions.has(asked);
    if (asked !== 0n && !isKnown) {
      this.greeted.push(`lost ${asked}`);
      send(peer, new JuteWriter().int(0).int(0).long(0n).bytes(new Uint8Array(16)));
      void peer.conn.close();
      return;
    }
    peer.session = isKnown ? asked : ++this.#ids;
    this.greeted.push(`${isKnown ? "again" : "new"} ${peer.session}`);
    if (!isKnown) this.#sessions.set(peer.session, { timeoutMs, cancel: () => {} });
    this.#hear(peer.session);
    send(peer, new JuteWriter().int(0).int(timeoutMs).long(peer.session).bytes(new Uint8Array(16).fill(7)));
  }

  #answer(peer: Peer, body: JuteReader, endsTrue: boolean): void {
    const [xid, type] = [body.int(), body.int()] as const;
    this.#hear(peer.session);
    const head = (code: number): JuteWriter => new JuteWriter().int(xid).long(this.#zxid).int(code);
    if (type === 11) return send(peer, head(OK));
    if (type === 100) {
      body.int();
      body.text();
      peer.user = body.text().split(":")[0];
      return send(peer, head(OK));
    }
    if (type === -11) {
      this.#endSession(peer.session);
      send(peer, head(OK));
      void peer.conn.close();
      return;
    }
    if (this.garbage !== undefined) {
      const bytes = this.garbage;
      this.garbage = undefined;
      const { output } = peer.conn;
      output.reserve(bytes.length);
      output.bytes.set(bytes, output.pos);
      output.pos += bytes.length;
      return peer.conn.commit();
    }
    const path = body.text();
    const code = this.#do(peer, type, path, body, endsTrue);
    const answer = head(code);
    const node = this.nodes.get(path);
    if (code === OK && type === 1) answer.text(path);
    if (code === OK && type === 4) answer.text(node!.data);
    if (code === OK && type === 8) {
      const names = this.#below(path);
      answer.int(names.length);
      for (const name of names) answer.text(name);
    }
    if (code === OK && (type === 3 || type === 4 || type === 5)) {
      answer.long(1n).long(1n).long(0n).long(0n).int(0).int(0).int(0).long(node!.owner).int(0).int(0).long(1n);
    }
    send(peer, answer);
  }

  #do(peer: Peer, type: number, path: string, body: JuteReader, watch: boolean): number {
    const node = this.nodes.get(path);
    if (type === 1) {
      const data = body.text();
      body.int();
      body.int();
      const scheme = body.text();
      const id = body.text();
      const isEphemeral = body.int() === 1;
      this.asked.push(`create ${path}${isEphemeral ? " ephemeral" : ""}`);
      if (node !== undefined) return NODE_EXISTS;
      if (!this.nodes.has(parentOf(path))) return NO_NODE;
      const acl = scheme === "auth" ? `digest:${peer.user}` : `${scheme}:${id}`;
      this.set(path, data, acl, isEphemeral ? peer.session : 0n);
      return OK;
    }
    if (type === 2) {
      this.asked.push(`remove ${path}`);
      if (node === undefined) return NO_NODE;
      if (this.#below(path).length > 0) return NOT_EMPTY;
      this.set(path, undefined);
      return OK;
    }
    if (type === 5) {
      this.asked.push(`write ${path}`);
      if (node === undefined) return NO_NODE;
      this.set(path, body.text(), node.acl);
      return OK;
    }
    this.asked.push(`${NAMES[type]}${watch ? "+" : ""} ${path}`);
    if (type !== 3 && node === undefined) return NO_NODE;
    if (type !== 3 && node!.acl !== "world:anyone" && node!.acl !== `digest:${peer.user}`) return NO_AUTH;
    if (watch) peer.watches.add(`${type === 8 ? "children" : "data"} ${path}`);
    return node === undefined ? NO_NODE : OK;
  }

  #below(path: string): string[] {
    const start = path === "/" ? "/" : `${path}/`;
    return [...this.nodes.keys()].filter((each) => each.startsWith(start) && each !== path).map((each) =>
      each.slice(start.length)
    ).filter((name) => !name.includes("/"));
  }

  #tell(kind: number, path: string, sides: readonly string[]): void {
    for (const peer of this.#peers) {
      // One event, whatever is watched of it.
      const watched = sides.filter((side) => peer.watches.delete(`${side} ${path}`));
      if (watched.length === 0) continue;
      send(peer, new JuteWriter().int(-1).long(-1n).int(OK).int(kind).int(3).text(path));
    }
  }

  #hear(id: bigint): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.cancel();
    session.cancel = this.#clock.after(session.timeoutMs, () => this.#endSession(id));
  }

  #endSession(id: bigint): void {
    this.#sessions.get(id)?.cancel();
    this.#sessions.delete(id);
    for (const [path, { owner }] of [...this.nodes]) if (owner === id) this.set(path, undefined);
    for (const peer of this.#peers) if (peer.session === id) void peer.conn.close();
  }
}

function send(peer: Peer, frame: JuteWriter): void {
  if (peer.conn.closed) return;
  const bytes = frame.frame();
  const { output } = peer.conn;
  output.reserve(bytes.length);
  output.bytes.set(bytes, output.pos);
  output.pos += bytes.length;
  peer.conn.commit();
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
