/**
 * What docs/writing_a_protocol.md shows.
 *
 * @module
 */
import { createClient, createServer, kitex, type MethodSchema, type Protocol, RpcError } from "@updraft/rpc";
import { Call, type ClientSession, type ErrorKind, type Pending, PendingTable } from "@updraft/rpc/core";
import type { ServerHost, ServerSession } from "@updraft/rpc/core";
import { BufferedConnection, type Connection, type ConnectionHandler } from "@updraft/rpc/io";
import { memory } from "@updraft/rpc/memory";
import { assertEquals, assertRejects } from "@std/assert";
import { Greeter, type GreeterHandlers, NotFound } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

/**
 * One JSON object a line: `{"id":1,"method":"hello","args":{...}}`, answered by `{"id":1,"result":...}`,
 * `{"id":1,"error":{"kind":...,"message":...}}` or `{"id":1,"exception":"notFound","fields":{...}}`.
 */
function lines({ maxLineBytes = 64 * 1024 } = {}): Protocol {
  return {
    name: "lines",
    detect,
    serve: (conn, host) => new LinesServer(conn, host, maxLineBytes),
    connect: (conn) => new LinesClient(conn, maxLineBytes),
  };
}

const BEGIN = new TextEncoder().encode('{"id":');

function detect(bytes: Uint8Array): boolean | null {
  const begins = BEGIN.every((byte, i) => i >= bytes.length || bytes[i] === byte);
  return begins && bytes.length < BEGIN.length ? null : begins;
}

/** Hands on whole lines while `more` says so. Gives how many bytes they were; the connection keeps the rest. */
function takeLines(
  conn: Connection,
  bytes: Uint8Array,
  maxLineBytes: number,
  take: (line: Record<string, unknown>) => void,
  more: () => boolean = () => true,
): number {
  let at = 0;
  while (at < bytes.length && more()) {
    const end = bytes.indexOf(0x0a, at);
    const length = (end < 0 ? bytes.length : end) - at;
    if (length > maxLineBytes) throw new RpcError("protocol", `line of ${length} bytes exceeds ${maxLineBytes}`);
    if (end < 0) {
      conn.need = length + 1;
      break;
    }
    take(asObject(JSON.parse(new TextDecoder().decode(bytes.subarray(at, end))), "a line"));
    at = end + 1;
  }
  return at;
}

/** Appends a line to the output, or throws and has appended nothing. */
function writeLine(conn: Connection, line: Record<string, unknown>, maxLineBytes: number): void {
  const bytes = new TextEncoder().encode(JSON.stringify(line) + "\n");
  if (bytes.length > maxLineBytes + 1) {
    throw new RpcError("invalid", `line of ${bytes.length - 1} bytes exceeds ${maxLineBytes}`);
  }
  const out = conn.output;
  out.reserve(bytes.length);
  out.bytes.set(bytes, out.pos);
  out.pos += bytes.length;
  conn.commit();
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new RpcError("protocol", `${what} is no JSON object`);
}

class LinesServer implements ServerSession, ConnectionHandler {
  readonly #conn: Connection;
  readonly #host: ServerHost;
  readonly #maxLineBytes: number;
  /** Calls that run, and their ids. */
  readonly #running = new Map<Call, number>();
  /** The beginning of a line is here, and not its end. */
  #partial = false;
  #leaving = false;

  constructor(conn: Connection, host: ServerHost, maxLineBytes: number) {
    this.#conn = conn;
    this.#host = host;
    this.#maxLineBytes = maxLineBytes;
    conn.setHandler(this);
  }

  data(bytes: Uint8Array): number {
    let used: number;
    try {
      used = takeLines(this.#conn, bytes, this.#maxLineBytes, (line) => this.#serve(line), () => this.#hasRoom());
    } catch (reason) {
      const error = RpcError.from(reason, "protocol");
      this.#host.refused(error);
      this.#writeError(0, error);
      this.abort(new RpcError("canceled", `the connection was lost: ${error.message}`));
      return bytes.length;
    }
    this.#partial = used < bytes.length;
    this.#closeIfIdle();
    return used;
  }

  end(): void {
    this.#partial = false;
    this.shutdown(); // a peer that sends no more may still read its answers
  }

  idle(): boolean {
    return this.#running.size > 0;
  }

  close(): void {
    this.#endAll(new RpcError("canceled", "the caller closed the connection"));
  }

  shutdown(): void {
    this.#leaving = true;
    this.#closeIfIdle();
  }

  abort(error: RpcError): void {
    for (const [call, id] of this.#endAll(error)) if (!call.method.oneway) this.#writeError(id, error);
    void this.#conn.close();
  }

  /** Above the limit the connection is held, and with it, in time, the peer. */
  #hasRoom(): boolean {
    if (this.#running.size < this.#host.maxConcurrentCalls) return true;
    this.#conn.hold();
    return false;
  }

  #serve({ id, method, args }: Record<string, unknown>): void {
    if (!Number.isInteger(id)) throw new RpcError("protocol", "the id of a call is no integer");
    const callId = id as number;
    const name = new TextEncoder().encode(String(method));
    const entry = this.#host.methods.find(name, 0, name.length);
    if (entry === undefined || entry.method.streaming !== "unary") {
      const error = new RpcError("unimplemented", `unknown method ${String(method).slice(0, 100)}`);
      this.#host.refused(error);
      return this.#writeError(callId, error);
    }
    const values = asObject(args, "args");
    for (const { key, type } of entry.method.args.fields) if (type.kind === "struct") asObject(values[key], key);
    const { clock } = this.#host.wheel;
    const call = new Call({ ...entry, args: values, side: "server", clock, peer: this.#conn.remote });
    let value: unknown;
    try {
      value = this.#host.run(entry, call);
    } catch (error) {
      return this.#fail(callId, call, error);
    }
    if (typeof (value as { then?: unknown } | undefined)?.then !== "function") return this.#answer(callId, call, value);
    this.#running.set(call, callId);
    Promise.resolve(value).then(
      (value) => this.#over(call, () => this.#answer(callId, call, value)),
      (error) => this.#over(call, () => this.#fail(callId, call, error)),
    );
  }

  #over(call: Call, answer: () => void): void {
    this.#host.done();
    if (!this.#running.delete(call)) return; // ended before: it was answered, or nobody is there
    answer();
    this.#conn.release();
    this.#closeIfIdle();
  }

  #answer(id: number, call: Call, result: unknown): void {
    if (call.method.oneway) return;
    try {
      writeLine(this.#conn, { id, result }, this.#maxLineBytes);
    } catch (error) {
      this.#fail(id, call, error);
    }
  }

  #fail(id: number, call: Call, reason: unknown): void {
    const declared = declaredException(call.method, reason);
    try {
      if (declared !== undefined) return writeLine(this.#conn, { id, ...declared }, this.#maxLineBytes);
    } catch (error) {
      reason = error;
    }
    const error = RpcError.from(reason, "internal");
    this.#host.failed(error, call);
    if (!call.method.oneway) this.#writeError(id, error);
  }

  /** An error must always fit: of a long text only the beginning goes out. */
  #writeError(id: number, { kind, message }: RpcError): void {
    writeLine(this.#conn, { id, error: { kind, message: message.slice(0, 1000) } }, Infinity);
  }

  #endAll(error: RpcError): [Call, number][] {
    const ended = [...this.#running];
    this.#running.clear();
    for (const [call] of ended) call.abort(error);
    return ended;
  }

  #closeIfIdle(): void {
    if (this.#leaving && !this.#partial && this.#running.size === 0) void this.#conn.close();
  }
}

/** What is sent of an exception that the IDL declares for the method. */
function declaredException({ result }: MethodSchema, reason: unknown): Record<string, unknown> | undefined {
  if (!(reason instanceof Error && "schema" in reason)) return undefined;
  for (const { id, key, type } of result.fields) {
    if (id === 0 || type.kind !== "struct" || type.of() !== reason.schema) continue;
    const values = reason as unknown as Record<string, unknown>;
    return { exception: key, fields: Object.fromEntries(type.of().fields.map(({ key }) => [key, values[key]])) };
  }
}

class LinesClient implements ClientSession, ConnectionHandler {
  readonly conn: Connection;
  onUnusable: (() => void) | undefined = undefined;
  readonly #maxLineBytes: number;
  readonly #pending = new PendingTable();
  #gone = false;

  constructor(conn: Connection, maxLineBytes: number) {
    this.conn = conn;
    this.#maxLineBytes = maxLineBytes;
    conn.start(this);
  }

  get usable(): boolean {
    return !this.#gone && this.conn.isActive;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  send(pending: Pending): void {
    const { method, args } = pending.call;
    pending.seqid = this.#pending.nextSeqid();
    try {
      writeLine(this.conn, { id: pending.seqid, method: method.name, args }, this.#maxLineBytes);
    } catch (error) {
      throw RpcError.from(error, "invalid");
    }
    if (!method.oneway) return this.#pending.add(pending);
    const flushed = this.conn.flush(); // a promise only while much waits: then the caller waits, too
    if (flushed === undefined) pending.resolve(undefined);
    else flushed.then(() => pending.resolve(undefined), (error) => pending.reject(RpcError.from(error)));
  }

  cancel(pending: Pending): void {
    this.#pending.remove(pending);
  }

  data(bytes: Uint8Array): number {
    try {
      return takeLines(this.conn, bytes, this.#maxLineBytes, (line) => this.#settle(line));
    } catch (reason) {
      const error = RpcError.from(reason, "protocol");
      this.#failAll(error);
      this.conn.abort(error);
      return bytes.length;
    }
  }

  end(): void {
    this.#leave();
    void this.conn.close();
  }

  close(reason?: unknown): void {
    this.#failAll(new RpcError("transport", "the connection closed before the answer", { cause: reason }));
  }

  #settle({ id, result, error, exception, fields }: Record<string, unknown>): void {
    const pending = typeof id === "number" ? this.#pending.take(id) : undefined;
    const failure = error === undefined ? undefined : remoteError(asObject(error, "error"));
    if (pending === undefined) {
      if (id === 0 && failure !== undefined) throw failure; // it is about the connection
      return; // the answer to a call that was given up
    }
    if (failure !== undefined) return pending.reject(failure);
    if (exception === undefined) return pending.resolve(result);
    const field = pending.call.method.result.fields.find(({ key }) => key === exception);
    const make = field?.type.kind === "struct" ? field.type.of().make : undefined;
    if (make !== undefined && typeof fields === "object" && fields !== null) {
      return pending.reject(make(fields as Record<string, unknown>));
    }
    pending.reject(new RpcError("protocol", `an exception came that ${pending.call.method.name} does not declare`));
  }

  #failAll(error: RpcError): void {
    this.#leave();
    for (const pending of this.#pending.drain()) pending.reject(error);
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.onUnusable?.();
  }
}

const KINDS: readonly ErrorKind[] = ["unimplemented", "protocol", "canceled", "unavailable", "business"];

function remoteError({ kind, message }: Record<string, unknown>): RpcError {
  const known = KINDS.find((one) => one === kind) ?? "internal";
  return new RpcError(known, String(message), { remote: true });
}

let running = 0;
let mostRunning = 0;
const handlers: GreeterHandlers = {
  ...greeter(),
  async hello({ name }) {
    mostRunning = Math.max(mostRunning, ++running);
    await Promise.resolve();
    running--;
    if (name === "") throw new Error("nobody to greet");
    return { text: `hello ${name}` };
  },
};

const network = memory(); // or the runtime's own sockets: leave `transport` out
await using server = await createServer({ transport: network, protocols: [lines(), kitex()], maxConcurrentCalls: 2 })
  .add(Greeter, handlers)
  .listen({ hostname: "anywhere", port: 1 });
await using client = createClient(Greeter, { to: server.address, transport: network, protocol: lines() });
await using other = createClient(Greeter, { to: server.address, transport: network }); // TTHeader, on the same port

assertEquals(await client.hello({ name: "Ada" }), { text: "hello Ada" });
assertEquals(await other.hello({ name: "Ada" }), { text: "hello Ada" });

// An exception that the IDL declares.
const missing = await assertRejects(() => client.balance("bob"), NotFound);
assertEquals([missing.id, missing.message], ["bob", "no account bob"]);

// JSON has no bigint: nothing is sent, and the connection goes on.
const unsent = await assertRejects(() => client.add(1n, 2n), RpcError);
assertEquals(unsent.kind, "invalid");
const tooLong = await assertRejects(() => client.hello({ name: "x".repeat(70_000) }), RpcError);
assertEquals(tooLong.kind, "invalid");

// A handler that fails, and a method that is not served.
const failed = await assertRejects(() => client.hello({ name: "" }), RpcError, "nobody to greet");
assertEquals([failed.kind, failed.remote, server.stats.failed], ["internal", true, 1]);
const renamed = Greeter.methods.map((method) => method.key === "notes" ? { ...method, name: "nothing" } : method);
await using shared = createClient({ ...Greeter, methods: renamed }, {
  to: server.address,
  transport: network,
  protocol: lines(),
  pool: { type: "mux" },
});
const unknown = await assertRejects(() => shared.notes(), RpcError, "unknown method nothing");
assertEquals(unknown.kind, "unimplemented");

// Many calls at once on one connection.
mostRunning = 0;
const texts = await Promise.all(["a", "b", "c", "d", "e"].map(async (name) => (await shared.hello({ name })).text));
assertEquals(texts, ["hello a", "hello b", "hello c", "hello d", "hello e"]);
assertEquals(mostRunning, 2);

// A call given up rejects at once, and its answer harms nobody.
const controller = new AbortController();
const givenUp = shared.hello({ name: "late" }, { signal: controller.signal });
controller.abort();
assertEquals((await assertRejects(() => givenUp, RpcError)).kind, "canceled");
assertEquals((await shared.hello({ name: "Ada" })).text, "hello Ada");

// A oneway call has no answer, and those behind it are not mixed up.
await client.note("buy milk");
assertEquals(await client.notes(), 1);

/** What the server answers to a person with `nc`, until it closes. */
async function say(...texts: string[]): Promise<string[]> {
  const conn = new BufferedConnection(await network.dial({ hostname: "anywhere", port: 1 }));
  conn.start();
  for (const text of texts) {
    conn.writer.writeString(text);
    await conn.writer.flush();
  }
  conn.closeWrite();
  const answers: string[] = [];
  for (;;) {
    try {
      answers.push(new TextDecoder().decode(await conn.reader.until(0x0a)).trim());
    } catch {
      return answers; // the server closed
    }
  }
}

const hello = '{"id":7,"method":"hello","args":{"request":{"name":"Bob"}}}\n';
const bob = '{"id":7,"result":{"text":"hello Bob"}}';
assertEquals(await say(hello + hello), [bob, bob]);
assertEquals(await say(...hello), [bob]);
assertEquals(await say('{"id":8,"method":"nothing","args":{}}\n', hello), [
  '{"id":8,"error":{"kind":"unimplemented","message":"unknown method nothing"}}',
  bob,
]);
assertEquals(await say('{"id":9,"method":"hello","args":{}}\n'), [
  '{"id":0,"error":{"kind":"protocol","message":"request is no JSON object"}}',
]);
assertEquals(await say(`{"id":${" ".repeat(70_000)}`), [
  '{"id":0,"error":{"kind":"protocol","message":"line of 70006 bytes exceeds 65536"}}',
]);
assertEquals(await say("hello\n"), []);
