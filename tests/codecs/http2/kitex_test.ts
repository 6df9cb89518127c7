/**
 * What real Kitex clients and servers put on the wire, and what we make of it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { http2Connections } from "../vectors/conversations.ts";
import { hex } from "./hex.ts";
import { Peer } from "./peer.ts";

const REQUEST = HeaderList.of({ ":method": "POST", ":scheme": "http", ":path": "/Vec/x" });
const META = /^(source|destination|rpc)-/;

/** Metadata comes in random order: it is sorted, and the rest of a line left as it is. */
function lines(peer: Peer): string[] {
  return peer.events.map((event) => {
    const words = event.split(" ");
    const meta = words.filter((word) => META.test(word)).sort();
    return [...words.filter((word) => !META.test(word)), ...meta].join(" ");
  });
}

const ADD = "grpc add";
const ERRORS = "grpc failu, grpc bizu";
const STREAM = 'GRPCStreaming bidi {"n":7}';
const RESETS = 'GRPCStreaming bidi {"n":98}, GRPCStreaming bidi CANCEL';

function piecesOf(name: string): readonly (readonly ["C" | "S", string])[] {
  return http2Connections().find((one) => one.name === name)!.pieces;
}

function asServer(name: string): Peer {
  const peer = new Peer("server");
  for (const [from, bytes] of piecesOf(name)) if (from === "C") peer.push(hex(bytes));
  return peer;
}

function asClient(name: string, streams: number): Peer {
  const peer = new Peer("client");
  for (let i = 0; i < streams; i++) peer.http2.open(REQUEST, false);
  for (const [from, bytes] of piecesOf(name)) if (from === "S") peer.push(hex(bytes));
  return peer;
}

function request(id: number, method: string, more = ""): string {
  const meta = ["destination-method=" + method, "destination-service=svc", ...more.split(" ").filter((x) => x !== "")];
  return `headers ${id} :method=POST :scheme=http :path=/Vec/${method} :authority=svc ` +
    "content-type=application/grpc+thrift user-agent=kitex/v0.16.0 te=trailers " +
    [...meta, "source-method=", "source-service=cli"].sort().join(" ");
}

const PERSISTED = "rpc-persist-pk=pv rpc-transit-tk=tv";
const ANSWER = ":status=200 content-type=application/grpc+thrift";
const BDP = "pong 02041010090e0707";

describe("a server reads what a Kitex client sent", () => {
  it("for a unary call", () => {
    const peer = asServer(ADD);
    assertEquals(lines(peer), [request(1, "add", PERSISTED), "data 1 17 END"]);
    assertEquals(peer.received.get(1), "\0\0\0\0\x0c\x0c\0\x01\x08\0\x01\0\0\0\x07\0\0");
  });

  it("for two calls on a connection, the second from the dynamic table", () => {
    const peer = asServer(ERRORS);
    assertEquals(lines(peer), [
      request(1, "failu", PERSISTED),
      "data 1 17 END",
      request(3, "bizu", PERSISTED),
      "data 3 17 END",
    ]);
  });

  it("for a stream, with the end of its side alone", () => {
    assertEquals(lines(asServer(STREAM)), [request(1, "bidi"), "data 1 13", "data 1 0 END"]);
  });

  it("for streams that are reset", () => {
    assertEquals(lines(asServer(RESETS)), [
      request(1, "bidi"),
      "data 1 13",
      "reset 1 NO_ERROR remote",
      request(3, "bidi"),
      "data 3 13",
      "reset 3 CANCEL remote",
    ]);
  });

  it("and answers every PING and SETTINGS", () => {
    const out = asServer(ADD).take().filter((line) => /ACK/.test(line));
    assertEquals(out, ["SETTINGS ACK", "PING ACK 02041010090e0707"]);
  });
});

describe("a client reads what a Kitex server sent", () => {
  it("for a unary call", () => {
    assertEquals(lines(asClient(ADD, 1)), [
      `headers 1 ${ANSWER}`,
      "data 1 17",
      "trailers 1 grpc-status=0 grpc-message=",
    ]);
  });

  it("for errors, which are trailers only", () => {
    assertEquals(lines(asClient(ERRORS, 2)), [
      `headers 1 ${ANSWER} grpc-status=13 grpc-message=boom [biz error] END`,
      `headers 3 ${ANSWER} grpc-status=13 grpc-message=not found biz-status=404 biz-extra={"k":"v"} END`,
    ]);
  });

  it("for a stream", () => {
    assertEquals(lines(asClient(STREAM, 1)), [
      `headers 1 ${ANSWER}`,
      "data 1 13",
      "trailers 1 grpc-status=0 grpc-message=",
    ]);
  });

  it("for a stream that fails, whose reset comes after its end", () => {
    assertEquals(lines(asClient(RESETS, 2)), [
      `headers 1 ${ANSWER} grpc-status=13 grpc-message=boom [biz error] END`,
      "reset 1 NO_ERROR remote",
      `headers 3 ${ANSWER}`,
      "data 3 13",
    ]);
  });

  it("and knows its own PING from the server's", () => {
    assertEquals(asClient(ADD, 1).events.includes(BDP), false);
  });
});
