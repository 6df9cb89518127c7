/**
 * Checks a server of `echo.thrift` or `echo.proto`: `client.ts ADDRESS [--proto PROTOCOL] [--payload binary|compact|json]
 * [--pool long|short|mux] [--peer updraft|kitex|apache]`. PROTOCOL is framed (default), buffered, ttheader, ttheader-framed,
 * ttheader-crc32c, ttheader-streaming, grpc, grpc-streaming or web; over `echo.proto`, kitexpb or kitexpb-ttheader. ADDRESS is `host:port`, `unix:path`, or with `--proto web` a URL.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a check and ends with exit code 1 if any failed.
 *
 * @module
 */
import { grpc } from "../../codecs/grpc/protocol.ts";
import { buffered, type Client, createClient, framed, kitexProtobuf, type Protocol, ttheader } from "../../mod.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { createClient as createWebClient } from "../../web.ts";
import { CALLER, type Check, checks, NoSuchService, type Traits } from "./checks.ts";
import { EchoService, StreamService } from "./gen/echo.ts";
import { fullValue } from "./handlers.ts";
import { protoChecks } from "./proto_checks.ts";
import { PbEcho } from "./proto_handlers.ts";
import { streamChecks } from "./stream_checks.ts";

/** Longest time a check may take. */
const CHECK_MS = 20_000;

const platform = await autoPlatform();
const [to = "127.0.0.1:8888", ...rest] = platform.args;
const option = (name: string, fallback: string): string =>
  rest[rest.indexOf(`--${name}`) + 1 || rest.length] ?? fallback;
const proto = option("proto", "framed");
const payload = option("payload", "binary") as "binary" | "compact" | "json";
const peer = option("peer", "updraft");
const header = !/^(framed|buffered|web|grpc|kitexpb)$/.test(proto);
const clients: { close(): Promise<void> }[] = [];

let passed = 0;
let failed = 0;
for (const [name, run] of allChecks()) {
  try {
    await within(CHECK_MS, run());
    passed++;
    await platform.stdout.write(`PASS ${name}\n`);
  } catch (error) {
    failed++;
    const text = error instanceof Error ? error.message : String(error);
    await platform.stdout.write(`FAIL ${name}: ${text.replaceAll("\n", " ").slice(0, 300)}\n`);
  }
}
await Promise.all(clients.map((client) => client.close()));
await platform.stdout.write(`${passed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);

function allChecks(): Check[] {
  if (proto.startsWith("kitexpb")) return protoChecks(make(PbEcho), header);
  const streams = make(StreamService);
  if (proto.endsWith("-streaming")) return streamChecks(streams, peer);
  return checks({ client: make(EchoService), streams, stranger: make(NoSuchService), traits: traitsOf(peer) });
}

function make<C>(service: ServiceSchema<unknown, C>): Client<C> {
  const client = proto === "web"
    ? createWebClient(service, { to, payload, timeoutMs: 10_000 })
    : createClient(service, { to, protocol: protocolOf(proto), caller: CALLER, ...pool(), timeoutMs: 10_000 });
  clients.push(client as unknown as { close(): Promise<void> });
  return client;
}

function pool(): { pool?: { type: "long" | "short" | "mux" } } {
  return proto.startsWith("grpc") ? {} : { pool: { type: option("pool", "long") as "long" | "short" | "mux" } };
}

function protocolOf(proto: string): Protocol {
  switch (proto) {
    case "grpc":
    case "grpc-streaming":
      return grpc({ maxReceiveBytes: 16 << 20 });
    case "buffered":
      return buffered({ payload });
    case "ttheader":
    case "kitexpb-ttheader":
      return ttheader();
    case "ttheader-framed":
      return ttheader({ framed: true });
    case "ttheader-crc32c":
      return ttheader({ checksum: "crc32c" });
    case "kitexpb":
      return kitexProtobuf();
    default:
      return framed({ payload });
  }
}

function traitsOf(peer: string): Traits {
  const own = { value: fullValue(), header, largeBytes: 8 << 20, failed: [6], unknown: [1], without: [] };
  if (proto === "grpc") {
    // Kitex does not deliver a oneway call over gRPC to itself either, and conveys exceptions as a status.
    const without = ["notify oneway", "declared exception", "second declared exception"];
    return { ...own, failed: [13], unknown: [1, 12, 20], without: peer === "kitex" ? without : [] };
  }
  switch (peer) {
    case "kitex":
      // Where it serves several services it cannot say which of them lacks the method; it then closes the connection.
      return { ...own, unknown: [1, 20], without: ["call after an unknown method"] };
    case "apache":
      return apacheTraits();
    default:
      return own;
  }
}

/**
 * Apache's library for Node reads each bool of a compact list as false, has no infinity in JSON and parses it slowly,
 * sends exceptions without a type, and its web server never answers a oneway call.
 */
function apacheTraits(): Traits {
  const value = fullValue();
  if (payload === "compact") value.lbool = [false, false];
  if (payload === "json") value.ldouble = [0, -1.25e-300];
  const without = ["biz status zero", "meta without a header"];
  if (proto === "web") without.push("notify oneway");
  return { value, header, largeBytes: payload === "json" ? 1 << 20 : 8 << 20, failed: [0], unknown: [0], without };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
