/**
 * A client that loads gRPC's interop service: `caller.ts updraft|grpc-js ADDRESS unary|ping-pong AT_ONCE SECONDS`.
 *
 * So many calls, or streams with one message under way each, at once on one connection. Prints a line of JSON: `calls`, or
 * messages there and back, and `cpu`, microseconds of this process's processor time for each. Node and Bun run it.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import grpcJs from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import process from "node:process";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient } from "../../mod.ts";
import {
  SimpleRequestSchema,
  SimpleResponseSchema,
  StreamingOutputCallRequestSchema,
  StreamingOutputCallResponseSchema,
} from "../../tests/interop/gen/grpc_testing_pb.ts";
import { TestService } from "../../tests/interop/grpc_handlers.ts";

const BYTES = 100;
const UNARY = { responseSize: BYTES, payload: { body: new Uint8Array(BYTES) } };
const MESSAGE = { responseParameters: [{ size: BYTES }], payload: { body: new Uint8Array(BYTES) } };
const PATH = "/grpc.testing.TestService/";

/** What is measured of a client. */
interface Caller {
  /** One call. */
  unary(): Promise<unknown>;
  /** Sends a message, and another one whenever one came back, while `more()`. */
  pingPong(more: () => boolean): Promise<void>;
  close(): unknown;
}

function updraft(to: string): Caller {
  const client = createClient(TestService, { to, protocol: grpc(), timeoutMs: 20_000 });
  return {
    unary: () => client.unaryCall(UNARY),
    async pingPong(more) {
      let due = 1;
      let wake = (): void => {};
      async function* messages() {
        for (;;) {
          while (due === 0) await new Promise<void>((resolve) => wake = resolve);
          if (due < 0) return;
          due--;
          yield MESSAGE;
        }
      }
      for await (const _ of client.fullDuplexCall(messages())) {
        due = more() ? 1 : -1;
        wake();
      }
    },
    close: () => client.close(),
  };
}

function grpcJsCaller(to: string): Caller {
  const client = new grpcJs.Client(to, grpcJs.credentials.createInsecure());
  const request = (value: typeof UNARY) =>
    Buffer.from(toBinary(SimpleRequestSchema, create(SimpleRequestSchema, value)));
  const message = (value: typeof MESSAGE) =>
    Buffer.from(toBinary(StreamingOutputCallRequestSchema, create(StreamingOutputCallRequestSchema, value)));
  const response = (bytes: Buffer) => fromBinary(SimpleResponseSchema, bytes);
  const back = (bytes: Buffer) => fromBinary(StreamingOutputCallResponseSchema, bytes);
  return {
    unary: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(`${PATH}UnaryCall`, request, response, UNARY, (error, value) => {
          if (error) reject(error);
          else resolve(value);
        });
      }),
    pingPong: (more) =>
      new Promise((resolve, reject) => {
        const call = client.makeBidiStreamRequest(`${PATH}FullDuplexCall`, message, back);
        call.on("data", () => more() ? call.write(MESSAGE) : call.end());
        call.on("end", () => resolve());
        call.on("error", reject);
        call.write(MESSAGE);
      }),
    close: () => client.close(),
  };
}

const [which, address = "", kind, atOnce = "", seconds = ""] = process.argv.slice(2);
const caller = which === "updraft" ? updraft(address) : grpcJsCaller(address);

/** Loads the server for so long; gives how often. */
async function load(ms: number): Promise<number> {
  const end = performance.now() + ms;
  let count = 0;
  await Promise.all(Array.from({ length: Number(atOnce) }, async () => {
    if (kind === "ping-pong") await caller.pingPong(() => ++count > 0 && performance.now() < end);
    else for (; performance.now() < end; count++) await caller.unary();
  }));
  return count;
}

await load(500); // code gets hot
const before = process.cpuUsage();
const calls = await load(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before);
await caller.close();
console.log(JSON.stringify({ calls, cpu: (user + system) / calls }));
