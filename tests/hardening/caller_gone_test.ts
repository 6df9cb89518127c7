/**
 * Servers stop work whose caller is gone: on every protocol, however it went. Real sockets, since it is the runtimes that tell.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect } from "../../codecs/connect/protocol.ts";
import { createWebClient } from "../../codecs/connect/web_client.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import type { RawConn, Transport } from "../../lib/io/raw.ts";
import {
  buffered,
  type CallContext,
  type CallOptions,
  createClient,
  createServer,
  framed,
  type FrontClientOptions,
  kitex,
  RpcError,
  ttheader,
  ttheaderStreaming,
} from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService, StreamService } from "../interop/gen/echo.ts";
import { echoHandlers, streamHandlers } from "../interop/handlers.ts";
import { PbEcho, PbStream, protoHandlers, protoStreamHandlers } from "../interop/proto_handlers.ts";
import { deferred } from "../lib/rpc/fixture.ts";

/** A server whose handlers wait for their end, and a caller of one of them. */
async function waiting(caller: Caller, how: How): Promise<string> {
  const begun = deferred();
  const ended = deferred<string>();
  const wait = ({ signal }: CallContext): Promise<never> => {
    begun.resolve();
    return new Promise((_, reject) => {
      const gone = (): void => {
        ended.resolve(RpcError.from(signal.reason).kind);
        reject(signal.reason);
      };
      if (signal.aborted) gone();
      else signal.addEventListener("abort", gone);
    });
  };
  const transport = auto();
  const conns: RawConn[] = [];
  const dialling: Transport = {
    ...transport,
    listen: (on, accept, options) => transport.listen(on, accept, options),
    async dial(to, options) {
      const conn = await transport.dial(to, options);
      conns.push(conn);
      return conn;
    },
  };
  const protocols = [ttheaderStreaming(), kitex(), grpc(), connect()];
  const server = await createServer({ transport, protocols, exitWaitMs: 100 })
    .add(EchoService, { ...echoHandlers(), sleep: (_, call) => wait(call) })
    .add(StreamService, {
      ...streamHandlers(),
      async *bidi(_, call) {
        yield await wait(call);
      },
    })
    .add(PbEcho, { ...protoHandlers(), sleep: (_, call) => wait(call) })
    .add(PbStream, {
      ...protoStreamHandlers(),
      async *serverStream(_, call) {
        yield await wait(call);
      },
    })
    .listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const { call, close } = caller(server.address, dialling);
  let outcome: Promise<string>;
  // On a slow machine a deadline may pass before the handler begins: then there is nothing to see, and the next is longer.
  for (let timeoutMs = 50;; timeoutMs *= 2) {
    const sent = call(how === "its deadline" ? { timeoutMs } : { signal: stop.signal });
    outcome = sent.then(() => "ok", () => "failed");
    if (await Promise.race([begun.promise.then(() => true), outcome.then(() => false)])) break;
    if (how !== "its deadline") throw new Error("the call failed before its handler began");
  }
  if (how === "its signal") stop.abort();
  else if (how === "its connection") { for (const conn of conns) conn.abort(); }
  else if (how === "its client") await close();
  const reason = await ended.promise;
  assertEquals(await outcome, "failed");
  await close();
  await server.close();
  return reason;
}

type How = "its signal" | "its connection" | "its client" | "its deadline";
type Caller = (to: string, transport: Transport) => {
  call(options: CallOptions): Promise<unknown>;
  close(): Promise<void>;
};

function unary(options: Partial<FrontClientOptions>): Caller {
  return (to, transport) => {
    const client = createClient(EchoService, { to, transport, ...options });
    return { call: (own) => client.sleep(0, own), close: () => client.close() };
  };
}

async function drained(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

function stream(options: Partial<FrontClientOptions>): Caller {
  return (to, transport) => {
    const client = createClient(StreamService, { to, transport, ...options });
    return { call: (own) => drained(client.bidi([], own)), close: () => client.close() };
  };
}

function web(protocol: "connect" | "grpc-web"): Caller {
  return (to) => {
    const client = createWebClient(PbEcho, { to: `http://${to}`, protocol });
    return { call: (own) => client.sleep({ ms: 0 }, own), close: () => client.close() };
  };
}

function webStream(protocol: "connect" | "grpc-web"): Caller {
  return (to) => {
    const client = createWebClient(PbStream, { to: `http://${to}`, protocol });
    return { call: (own) => drained(client.serverStream({ msg: "" }, own)), close: () => client.close() };
  };
}

const ANY: readonly How[] = ["its signal", "its connection", "its client"];

/** Framed and buffered Thrift carry no deadline; `fetch` has no connections to break here. */
const CALLERS: readonly [name: string, caller: Caller, hows: readonly How[]][] = [
  ["framed Thrift", unary({ protocol: framed() }), ANY],
  ["buffered Thrift", unary({ protocol: buffered() }), ANY],
  ["TTHeader", unary({ protocol: ttheader() }), [...ANY, "its deadline"]],
  ["TTHeader, one connection a call", unary({ protocol: ttheader(), pool: { type: "short" } }), [
    ...ANY,
    "its deadline",
  ]],
  // One of many calls on a connection cannot be called back in TTHeader: its deadline ends it.
  ["TTHeader, shared", unary({ protocol: ttheader(), pool: { type: "mux" } }), [
    "its connection",
    "its client",
    "its deadline",
  ]],
  ["TTHeader streams", stream({}), [...ANY, "its deadline"]],
  ["gRPC", unary({ protocol: grpc() }), [...ANY, "its deadline"]],
  ["gRPC streams", stream({ protocol: grpc() }), [...ANY, "its deadline"]],
  ["Connect", web("connect"), ["its signal", "its client", "its deadline"]],
  ["gRPC-Web", web("grpc-web"), ["its signal", "its client", "its deadline"]],
  ["Connect streams", webStream("connect"), ["its signal", "its client", "its deadline"]],
  ["gRPC-Web streams", webStream("grpc-web"), ["its signal", "its client", "its deadline"]],
];

for (const [name, caller, hows] of CALLERS) {
  describe(`a handler whose caller is gone, ${name}`, () => {
    for (const how of hows) {
      it(`hears of it by its signal when ${how} ended the call`, async () => {
        const reason = await waiting(caller, how);
        // A caller's own timer and the server's race: each is right.
        assertEquals(
          how === "its deadline" && reason === "canceled" ? "timeout" : reason,
          how === "its deadline" ? "timeout" : "canceled",
        );
      });
    }
  });
}
