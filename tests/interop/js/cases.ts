/**
 * What clients are checked in that are foreign, or run in a browser: calls of gRPC's interop contract, in groups by what the
 * way that they go can carry.
 *
 * It needs nothing of a runtime, so that pages can hold it.
 *
 * @module
 */
import { channel } from "../channel.ts";
import { AWAIT_BEGUN, AWAIT_GONE, WATCH } from "../watches.ts";
import {
  type CaseClient,
  type CaseError,
  type CaseOptions,
  DETAIL,
  ECHO_INITIAL,
  ECHO_TRAILING,
  type OutputRequest,
  type Seen,
  type Sized,
} from "./client.ts";

/** One case. */
export type Case = (client: CaseClient) => Promise<void>;
/** Cases by their names. */
export type Cases = Readonly<Record<string, Case>>;

const LARGE_BYTES = 3 << 20;
const SIZES = [31415, 9, 2653, 58979];
const SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
/** So long that the case ends first. */
const FOREVER_US = 60_000_000;

const zeroes = (size: number) => ({ body: new Uint8Array(size) });
const sized = (...sizes: number[]): OutputRequest => ({ responseParameters: sizes.map((size) => ({ size })) });
const BINARY = Uint8Array.of(0xab, 0, 0xff);

/** Calls with one message each way. */
export const UNARY: Cases = {
  async unary(client) {
    same((await client.empty()).value.$typeName, "grpc.testing.Empty");
  },
  async "a hundred calls at once"(client) {
    const sizes = Array.from({ length: 100 }, (_, i) => i * 100 + 1);
    const answers = await Promise.all(sizes.map((responseSize) => client.unary({ responseSize })));
    same(answers.map(({ value }) => value.payload?.body.length), sizes);
  },
  async "a call of a method without side effects"(client) {
    same((await client.cacheable({ responseSize: 5, payload: zeroes(100) })).value.payload?.body.length, 5);
  },
  async "metadata of a call"(client) {
    const seen = await client.unary({ responseSize: 1 }, { headers: ECHOED });
    echoed(seen);
  },
  async "every status"(client) {
    for (let code = 1; code <= 16; code++) {
      const error = await fails(client.unary({ responseStatus: { code, message: `status ${code}` } }), code);
      same(error.message, `status ${code}`);
    }
  },
  async "a status of a call, with details and a special message"(client) {
    const error = await fails(client.unary({ responseStatus: { code: 9, message: SPECIAL } }), 9);
    same([error.message, error.details], [SPECIAL, DETAIL]);
  },
  async "a method that is not there"(client) {
    await fails(client.unimplemented(), 12);
  },
};

/** Much at once. */
export const LARGE: Cases = {
  async "messages of 3 MiB"(client) {
    const { value } = await client.unary({ responseSize: LARGE_BYTES, payload: zeroes(LARGE_BYTES) });
    same(value.payload?.body.length, LARGE_BYTES);
  },
  async "a stream of 40 large messages out"(client) {
    const sizes = Array.from({ length: 40 }, () => 100_000);
    same(await collect(client.output(sized(...sizes))), sizes);
  },
};

/** For clients that use GET where they may. */
export const GET: Cases = {
  async "a call by GET"(client) {
    same((await client.cacheable({ responseSize: 5, payload: zeroes(1_000) })).value.payload?.body.length, 5);
    same(client.methods?.(), ["GET"]);
    await client.unary({});
    same(client.methods?.(), ["GET", "POST"]);
  },
  async "a status of a call by GET"(client) {
    await fails(client.cacheable({ responseStatus: { code: 5, message: "not there" } }), 5);
  },
};

/** Calls whose server streams. */
export const OUTPUT: Cases = {
  async "a stream out"(client) {
    same(await collect(client.output(sized(...SIZES))), SIZES);
  },
  async "a stream out of nothing"(client) {
    same(await collect(client.output({})), []);
  },
  async "metadata of a stream out"(client) {
    let seen: Seen | undefined;
    await collect(client.output(sized(1), { headers: ECHOED }, (all) => seen = all));
    echoed(seen);
  },
  async "a status of a stream out, with details and a special message"(client) {
    const error = await fails(collect(client.output({ responseStatus: { code: 9, message: SPECIAL } })), 9);
    same([error.message, error.details], [SPECIAL, DETAIL]);
  },
};

/** Calls that their client gives up, with what their handlers hear of that. */
export const GIVEN_UP: Cases = {
  async "the deadline of a call, which its handler hears of"(client) {
    await expires(client, (options) => client.unary({}, options));
  },
  async "a call given up, which its handler hears of"(client) {
    const headers = watched();
    const controller = new AbortController();
    const call = client.unary({}, { signal: controller.signal, headers });
    const begun = client.empty({ headers: { [AWAIT_BEGUN]: headers[WATCH] } }).finally(() => controller.abort());
    await Promise.all([fails(call, 1), begun]);
    await heard(client, headers);
  },
  async "the deadline of a stream out, which its handler hears of"(client) {
    await expires(client, (options) => collect(client.output(slow(), options)));
  },
  async "a stream out given up, which its handler hears of"(client) {
    const headers = watched();
    const controller = new AbortController();
    const answers = client.output(slow(), { signal: controller.signal, headers })[Symbol.asyncIterator]();
    await answers.next();
    controller.abort();
    await fails(answers.next(), 1);
    await heard(client, headers);
  },
  async "a stream out left early, which its handler hears of"(client) {
    const headers = watched();
    for await (const _ of client.output(slow(), { headers })) break;
    await heard(client, headers);
  },
};

/** Calls whose client streams. */
export const INPUT: Cases = {
  async "a stream in"(client) {
    const { value } = await client.input(each(SIZES.map((size) => ({ payload: zeroes(size) }))));
    same(value.aggregatedPayloadSize, SIZES.reduce((a, b) => a + b));
  },
  async "a stream of 40 large messages in"(client) {
    const { value } = await client.input(each(Array.from({ length: 40 }, () => ({ payload: zeroes(100_000) }))));
    same(value.aggregatedPayloadSize, 4_000_000);
  },
};

/** Calls whose both sides stream, by turns. */
export const DUPLEX: Cases = {
  async "streams both ways, by turns"(client) {
    const requests = channel<OutputRequest>();
    const answers = client.duplex(requests)[Symbol.asyncIterator]();
    for (const size of SIZES) {
      requests.send({ responseParameters: [{ size }], payload: zeroes(size) });
      same((await answers.next()).value?.payload?.body.length, size);
    }
    requests.end();
    same((await answers.next()).done, true);
  },
  async "metadata of streams both ways"(client) {
    let seen: Seen | undefined;
    await collect(client.duplex(each([sized(1)]), { headers: ECHOED }, (all) => seen = all));
    echoed(seen);
  },
  async "a status of streams both ways, with details and a special message"(client) {
    const error = await fails(collect(client.duplex(each([{ responseStatus: { code: 9, message: SPECIAL } }]))), 9);
    same([error.message, error.details], [SPECIAL, DETAIL]);
  },
  async "the deadline of streams both ways"(client) {
    const requests = channel<OutputRequest>();
    await fails(collect(client.duplex(requests, { timeoutMs: 20 })), 4);
    requests.end();
  },
  async "streams both ways given up"(client) {
    const requests = channel<OutputRequest>();
    const controller = new AbortController();
    const answers = client.duplex(requests, { signal: controller.signal })[Symbol.asyncIterator]();
    requests.send(sized(10));
    await answers.next();
    controller.abort();
    await fails(answers.next(), 1);
    requests.end();
    await client.empty();
  },
};

/** For clients that compress what they send, and take compressed answers. */
export const COMPRESSED: Cases = {
  async "a compressed call, with an answer that is compressed"(client) {
    const wish = { expectCompressed: { value: true }, responseCompressed: { value: true } };
    const answer = await client.unary({ ...wish, payload: zeroes(LARGE_BYTES), responseSize: LARGE_BYTES });
    same(answer.value.payload?.body.length, LARGE_BYTES);
    same(encodingOf(answer), "gzip");
  },
  async "a compressed stream out"(client) {
    let seen: Seen | undefined;
    const responseParameters = SIZES.map((size) => ({ size, compressed: { value: true } }));
    same(await collect(client.output({ responseParameters }, {}, (all) => seen = all)), SIZES);
    same(encodingOf(seen), "gzip");
  },
};

/** For clients that hear of an answer while they still send; connect-node does not, whoever answers. */
export const TOO_LARGE: Cases = {
  async "a message that is too large for the server"(client) {
    await fails(client.unary({ payload: zeroes(17 << 20) }), 8);
    await client.empty();
  },
};

/** For ways that carry no streams of a client: such calls fail without asking the server. */
export const REFUSED: Cases = {
  async "a stream in, refused at once"(client) {
    const error = await fails(client.input(each([{ payload: zeroes(1) }])), 12);
    same(/stream/.test(error.message), true);
  },
  async "streams both ways, refused at once"(client) {
    const error = await fails(collect(client.duplex(each([sized(1)]))), 12);
    same(/stream/.test(error.message), true);
  },
};

/** For pages of an origin that the server does not allow to call. */
export const STRANGER: Cases = {
  async "a call from a page that may not"(client) {
    await fails(client.unary({ responseSize: 1 }), 14);
  },
  async "a stream out to a page that may not have it"(client) {
    await fails(collect(client.output(sized(1))), 14);
  },
};

const ECHOED = { [ECHO_INITIAL]: "first", [ECHO_TRAILING]: BINARY };

function echoed(seen: Seen | undefined): void {
  same(seen?.headers(ECHO_INITIAL), "first");
  const trailing = seen?.trailers(ECHO_TRAILING);
  same(trailing instanceof Uint8Array ? [...trailing] : trailing, [...BINARY]);
}

/** A header by which the server says later how the call ended; unary calls with it are not answered. */
function watched(): { readonly [WATCH]: string } {
  return { [WATCH]: crypto.randomUUID() };
}

/** Waits until the handler of that call heard that nobody waits for it any more. */
async function heard(client: CaseClient, headers: { readonly [WATCH]: string }): Promise<void> {
  await client.empty({ headers: { [AWAIT_GONE]: headers[WATCH] } });
}

/** Makes a call that takes too long. On a machine that is busy a short time may be over before the call left. */
async function expires(client: CaseClient, call: (options: CaseOptions) => Promise<unknown>): Promise<void> {
  for (const timeoutMs of [100, 1_000, 5_000]) {
    const headers = watched();
    await fails(call({ timeoutMs, headers }), 4);
    const hearing = client.empty({ headers: { [AWAIT_GONE]: headers[WATCH] }, timeoutMs: 2_000 });
    if (await hearing.then(() => true, () => false)) return;
  }
  throw new Error("the handler has not heard that the call was given up");
}

/** One message, and after it none for long. */
function slow(): OutputRequest {
  return { responseParameters: [{ size: 10 }, { size: 10, intervalUs: FOREVER_US }] };
}

/** How the messages of an answer are compressed. */
function encodingOf(seen: Seen | undefined): unknown {
  const names = ["content-encoding", "connect-content-encoding", "grpc-encoding"];
  return names.map((name) => seen?.headers(name)).find((value) => value !== undefined);
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function collect(stream: AsyncIterable<Sized>): Promise<(number | undefined)[]> {
  const sizes: (number | undefined)[] = [];
  for await (const { payload } of stream) sizes.push(payload?.body.length);
  return sizes;
}

async function fails(call: Promise<unknown>, code: number): Promise<CaseError> {
  let error: CaseError | undefined;
  try {
    await call;
  } catch (reason) {
    error = reason as CaseError;
  }
  if (error?.code === code) return error;
  throw new Error(`${error?.message ?? "no error"} has the code ${error?.code}, not ${code}`);
}

function same(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a?.slice(0, 200)} is not ${b?.slice(0, 200)}`);
}
