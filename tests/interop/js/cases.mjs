/**
 * What foreign JavaScript clients are checked in: calls of gRPC's interop contract, however the client spells them.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { anyPack, AnySchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import assert from "node:assert/strict";

export const ECHO_INITIAL = "x-grpc-test-echo-initial";
export const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";
/** Longest time a case may take. */
const CASE_MS = 20_000;
const LARGE = 3 << 20;
const SIZES = [31415, 9, 2653, 58979];
const SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

/** The detail that statuses of these peers have: a `google.protobuf.StringValue`. */
export const DetailSchema = StringValueSchema;
export const DETAIL = create(DetailSchema, { value: "more on that" });

export const zeroes = (size) => ({ body: new Uint8Array(size) });

/** A serialized `google.rpc.Status` with that detail. */
export function DETAILS(code, message) {
  const any = toBinary(AnySchema, anyPack(DetailSchema, DETAIL));
  return new BinaryWriter().uint32(8).int32(code).uint32(18).string(message).uint32(26).bytes(any).finish();
}

/** A stream of requests that is given them one by one. */
function channel() {
  const queue = [];
  let wake = () => {};
  let ended = false;
  return {
    send(value) {
      queue.push(value);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (queue.length > 0) yield queue.shift();
        if (ended) return;
        await new Promise((resolve) => wake = resolve);
      }
    },
  };
}

async function* each(values) {
  yield* values;
}

async function collect(stream) {
  const sizes = [];
  for await (const { payload } of stream) sizes.push(payload.body.length);
  return sizes;
}

async function fails(call, code) {
  let error;
  try {
    await call;
  } catch (reason) {
    error = reason;
  }
  assert.equal(error?.code, code, `${error?.message ?? "no error"} has the code ${error?.code}, not ${code}`);
  return error;
}

const CASES = {
  async unary(client) {
    assert.equal((await client.empty()).$typeName, "grpc.testing.Empty");
  },
  async "messages of 3 MiB"(client) {
    const { value } = await client.unary({ responseSize: LARGE, payload: zeroes(LARGE) });
    assert.equal(value.payload.body.length, LARGE);
  },
  async "a hundred calls at once"(client) {
    const sizes = Array.from({ length: 100 }, (_, i) => i * 100);
    const answers = await Promise.all(sizes.map((responseSize) => client.unary({ responseSize })));
    assert.deepEqual(answers.map(({ value }) => value.payload.body.length), sizes);
  },
  async "a stream in"(client) {
    const { value } = await client.input(each(SIZES.map((size) => ({ payload: zeroes(size) }))));
    assert.equal(value.aggregatedPayloadSize, SIZES.reduce((a, b) => a + b));
  },
  async "a stream out"(client) {
    assert.deepEqual(await collect(client.output({ responseParameters: SIZES.map((size) => ({ size })) })), SIZES);
  },
  async "a stream of 200 large messages out"(client) {
    const sizes = Array.from({ length: 200 }, () => 100_000);
    assert.deepEqual(await collect(client.output({ responseParameters: sizes.map((size) => ({ size })) })), sizes);
  },
  async "streams both ways, by turns"(client) {
    const requests = channel();
    const answers = client.duplex(requests)[Symbol.asyncIterator]();
    for (const size of SIZES) {
      requests.send({ responseParameters: [{ size }], payload: zeroes(size) });
      assert.equal((await answers.next()).value.payload.body.length, size);
    }
    requests.end();
    assert.equal((await answers.next()).done, true);
  },
  async "metadata of a call"(client) {
    const binary = Buffer.of(0xab, 0, 0xff);
    const headers = { [ECHO_INITIAL]: "first", [ECHO_TRAILING]: binary };
    const seen = await client.unary({ responseSize: 1 }, { headers });
    assert.equal(seen.headers(ECHO_INITIAL), "first");
    assert.deepEqual(seen.trailers(ECHO_TRAILING), binary);
  },
  async "metadata of a stream"(client) {
    const binary = Buffer.of(1, 2);
    let seen;
    const requests = [{ responseParameters: [{ size: 1 }] }];
    const headers = { [ECHO_INITIAL]: "first", [ECHO_TRAILING]: binary };
    await collect(client.duplex(each(requests), { headers }, (all) => seen = all));
    assert.equal(seen.headers(ECHO_INITIAL), "first");
    assert.deepEqual(seen.trailers(ECHO_TRAILING), binary);
  },
  async "every status"(client) {
    for (let code = 1; code <= 16; code++) {
      const error = await fails(client.unary({ responseStatus: { code, message: `status ${code}` } }), code);
      assert.equal(error.message, `status ${code}`);
    }
  },
  async "a status of a stream, with details and a special message"(client) {
    const error = await fails(collect(client.duplex(each([{ responseStatus: { code: 9, message: SPECIAL } }]))), 9);
    assert.equal(error.message, SPECIAL);
    assert.ok(error.details?.includes(DETAIL.value), "the details are missing");
  },
  async "a method that is not there"(client) {
    await fails(client.unimplemented(), 12);
  },
  async deadline(client) {
    const requests = channel();
    await fails(collect(client.duplex(requests, { timeoutMs: 20 })), 4);
    requests.end();
  },
  async cancel(client) {
    const requests = channel();
    const controller = new AbortController();
    const answers = client.duplex(requests, { signal: controller.signal })[Symbol.asyncIterator]();
    requests.send({ responseParameters: [{ size: 10 }] });
    await answers.next();
    controller.abort();
    await fails(answers.next(), 1);
    requests.end();
    await client.empty();
  },
};

/** For clients that hear of an answer while they still send; connect-node does not, whoever answers. */
export const TOO_LARGE = {
  async "a message that is too large for the server"(client) {
    await fails(client.unary({ payload: zeroes(17 << 20) }), 8);
    await client.empty();
  },
};

/** Runs all cases with a client and prints a line a case. */
export async function runCases(client, more = {}) {
  const cases = Object.entries({ ...CASES, ...more });
  let failed = 0;
  for (const [name, run] of cases) {
    let timer;
    try {
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`took longer than ${CASE_MS} ms`)), CASE_MS);
      });
      await Promise.race([run(client), late]);
      console.log(`PASS ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}: ${String(error?.message ?? error).replaceAll("\n", " ").slice(0, 300)}`);
    } finally {
      clearTimeout(timer);
    }
  }
  client.close();
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
