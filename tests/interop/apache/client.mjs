/**
 * Checks a server of `echo.thrift` with Apache Thrift's client: `client.mjs HOST:PORT framed|buffered binary|compact|json`.
 * Prints a line a check, PASS or FAIL, and ends with exit code 1 if any failed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { EchoService, Int64, protocols, StreamService, thrift, toBigInt, toInt64, transports, types } from "./echo.mjs";

const [address, transport, protocol] = process.argv.slice(2);
const [host, port] = address.split(":");
const { TApplicationException } = thrift.Thrift;
const options = { transport: transports[transport], protocol: protocols[protocol], timeout: 20_000 };

/** Opens a connection of its own and gives a client of the service on it; what goes wrong outside of calls rejects `broken`. */
function connect(service) {
  const connection = thrift.createConnection(host, Number(port), options);
  const broken = new Promise((_, reject) => {
    connection.on("error", reject);
    connection.on("timeout", () => reject(new Error("timed out")));
    connection.on("close", () => reject(new Error("closed by the server")));
  });
  broken.catch(() => {}); // seen by whoever races with it
  const client = thrift.createClient(service, connection);
  return { client, connection, broken };
}

/**
 * A value with every field set, but for what Apache's client cannot carry: it reads each bool of a compact list as false,
 * and writes infinity into JSON as a bare word.
 */
function fullValue() {
  const inner = (name) =>
    new types.Inner({ name, num: 7, child: new types.Inner({ name: `${name}/child` }), colors: [1, 5] });
  return new types.AllTypes({
    vbool: true,
    vbyte: -128,
    vi16: -32768,
    vi32: -(2 ** 31),
    vi64: toInt64(-(2n ** 63n)),
    vdouble: -1.5e300,
    vstring: "héllo 世界 🎉\0end",
    vbinary: Buffer.from([0, 1, 0x80, 0xff]),
    venum: 5,
    lstring: ["", "a", "世"],
    li64: [0n, -1n, 1n << 53n, 2n ** 63n - 1n].map(toInt64),
    si32: [3, 1, 2],
    sstring: ["x", "y"],
    mss: { k: "v", "": "empty" },
    mii: { [-5]: inner("m") },
    lli: [[1, 2], [], [3]],
    msl: { l: [inner("a"), inner("b")] },
    inner: inner("i"),
    linner: [inner("l1"), inner("l2")],
    ts: toInt64(2n ** 63n - 1n),
    lbinary: [Buffer.from([1]), Buffer.alloc(0), Buffer.from([2, 3])],
    lbool: protocol === "compact" ? [false, false] : [true, false, true],
    ldouble: protocol === "json" ? [0, -1.25e-300] : [0, 1.25, Infinity],
    menum: { 2: 2.5 },
    choice: new types.Choice({ inner: inner("u") }),
    obool: false,
    obyte: 0,
    oi16: 300,
    oi32: -70000,
    oi64: toInt64(1n << 60n),
    odouble: 0,
    ostring: "",
    obinary: Buffer.from("bin"),
    oenum: 1,
    oinner: inner("o"),
    olist: [9],
    dnum: 43,
    dname: "set",
    bigid: "field 1000",
  });
}

/** Integers, bytes and the rest in a form that compares by value. */
function comparable(value) {
  if (value instanceof Int64) return `i64 ${toBigInt(value)}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, comparable(part)]));
}

function same(actual, expected) {
  assert.deepEqual(comparable(actual), comparable(expected));
}

/** Calls a method that no service has, beneath the generated code. */
function callUnknown({ client }) {
  return new Promise((resolve, reject) => {
    const seqid = client.new_seqid();
    client._reqs[seqid] = (error) => error ? reject(error) : resolve();
    client.recv_noSuchMethod = (input, type, id) => {
      const error = new TApplicationException();
      if (type === thrift.Thrift.MessageType.EXCEPTION) error.read(input);
      input.readMessageEnd();
      client._reqs[id](error);
    };
    const output = new client.pClass(client.output);
    output.writeMessageBegin("noSuchMethod", thrift.Thrift.MessageType.CALL, seqid);
    new types.Inner({ name: "skipped by the server" }).write(output);
    output.writeMessageEnd();
    output.flush();
  });
}

const echo = connect(EchoService);
const { client } = echo;
const applicationError = (code, part) => (error) => {
  assert(error instanceof TApplicationException, `${error.name}: ${error.message}`);
  assert.equal(error.type, code);
  assert(error.message.includes(part), `"${error.message}" lacks "${part}"`);
  return true;
};

const checks = {
  echo: async () => same((await client.echo(new types.EchoRequest({ msg: "hi 世界" }))).msg, "hi 世界"),
  "echo nested all types": async () => {
    const reply = await client.echo(new types.EchoRequest({ msg: "m", all: fullValue() }));
    same(reply.all, fullValue());
  },
  "echoAll full": async () => same(await client.echoAll(fullValue()), fullValue()),
  "echoAll empty containers": async () => {
    const value = Object.assign(fullValue(), { lstring: [], si32: [], mss: {}, mii: {}, lli: [], msl: {}, linner: [] });
    same(await client.echoAll(value), value);
  },
  "echoAll defaults and unset optionals": async () => {
    const value = await client.echoAll(new types.AllTypes({ inner: new types.Inner({ name: "" }) }));
    for (const key of ["obool", "oi64", "ostring", "oinner", "choice"]) same(value[key], null);
    same([value.dnum, value.dname], [42, "anon"]);
  },
  union: async () => {
    const value = Object.assign(fullValue(), { choice: new types.Choice({ n: toInt64(5n) }) });
    same((await client.echoAll(value)).choice, value.choice);
  },
  "echoString 1 MiB": async () => {
    const text = "0123456789abcdef".repeat(1 << 16);
    assert(await client.echoString(text) === text);
  },
  "echoString empty": async () => same(await client.echoString(""), ""),
  "echoBinary all bytes": async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 0xff));
    same(await client.echoBinary(bytes), bytes);
  },
  "echoBinary large": async () => {
    const bytes = Buffer.alloc(protocol === "json" ? 1 << 20 : 8 << 20, "abcdefg"); // its JSON parser takes its time
    assert(bytes.equals(Buffer.from(await client.echoBinary(bytes))));
  },
  "add two arguments": async () => {
    same(await client.add(toInt64(2n ** 63n - 6n), toInt64(3n)), toInt64(2n ** 63n - 3n));
  },
  "ping void": async () => void await client.ping(),
  "notify oneway": async () => {
    const token = `token-${randomUUID()}`;
    client.notify(token);
    for (let tries = 0; tries < 50; tries++) {
      if ((await client.notified()).includes(token)) return;
      await sleep(10);
    }
    throw new Error("never arrived");
  },
  "declared exception": () =>
    assert.rejects(client.fail("declared"), (error) => {
      assert(error instanceof types.EchoException);
      same([error.code, error.message], [42, "declared"]);
      return true;
    }),
  "second declared exception": () =>
    assert.rejects(client.fail("other"), (error) => {
      assert(error instanceof types.OtherException);
      same([error.reason, error.details], ["other", ["d1", "d2"]]);
      return true;
    }),
  "no exception": async () => same(await client.fail("none"), "none"),
  "undeclared error": () => assert.rejects(client.fail("plain"), applicationError(6, "plain go error")),
  panic: () => assert.rejects(client.fail("panic"), applicationError(6, "panic")),
  "unknown method": () => assert.rejects(callUnknown(echo), applicationError(1, "noSuchMethod")),
  "call after an unknown method": async () => same(await client.echoString("still here"), "still here"),
  sleep: async () => same(await client.sleep(60), "slept 60"),
  "50 calls at once on one connection": async () => {
    const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);
    same(await Promise.all(texts.map((text) => client.echoString(text))), texts);
  },
  "a quick call behind a slow one": async () => {
    same(await Promise.all([client.sleep(50), client.add(toInt64(1n), toInt64(1n))]), ["slept 50", toInt64(2n)]);
  },
  "second service of the port": async () => {
    const streams = connect(StreamService);
    const reply = streams.client.streamUnary(new types.EchoRequest({ msg: "second service" }));
    same((await Promise.race([reply, streams.broken])).msg, "second service");
    streams.connection.end();
  },
};

let passed = 0;
let failed = 0;
for (const [name, run] of Object.entries(checks)) {
  try {
    await Promise.race([
      run(),
      echo.broken,
      sleep(20_000, undefined, { ref: false }).then(() => Promise.reject(new Error("no answer within 20 s"))),
    ]);
    passed++;
    console.log(`PASS ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${error.message.replaceAll("\n", " ").slice(0, 300)}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
