/**
 * Serves `echo.thrift` with Apache Thrift's library: `server.mjs [NAME=PORT...]`, where NAME is `framed-binary`,
 * `buffered-json` ... or `web-compact` ...; without names all nine, each on a port of its own. Prints one line
 * `apache-server NAME=PORT ...` when it is ready and ends on SIGTERM.
 *
 * @module
 */
import process from "node:process";
import { EchoService, protocols, StreamService, thrift, toBigInt, toInt64, transports, types } from "./echo.mjs";

const notified = [];
const handlers = {
  echo: (request) => new types.EchoResponse({ msg: request.msg, all: request.all }),
  echoAll: (value) => value,
  echoString: (text) => text,
  echoBinary: (bytes) => bytes,
  add: (a, b) => toInt64(toBigInt(a) + toBigInt(b)),
  ping: () => {},
  notify: (text) => void notified.push(text),
  notified: () => notified,
  fail(kind) {
    if (kind === "declared") throw new types.EchoException({ code: 42, message: "declared" });
    if (kind === "other") throw new types.OtherException({ reason: "other", details: ["d1", "d2"] });
    if (kind === "plain") throw new Error("plain go error");
    if (kind === "panic") throw new Error("panic: asked to panic");
    return kind;
  },
  sleep: (ms) => new Promise((resolve) => setTimeout(() => resolve(`slept ${ms}`), ms)),
  streamUnary: (request) => new types.EchoResponse({ msg: request.msg }),
};

// Generated code takes a handler that throws at its word only where it gives a promise.
for (const [name, handle] of Object.entries(handlers)) {
  if (name === "notify") continue;
  const wrapped = async (...args) => await handle(...args);
  handlers[name] = Object.defineProperty(wrapped, "length", { value: handle.length });
}

/** Both services on one port. */
class Processor extends EchoService.Processor {
  constructor(handler) {
    super(handler);
    this.process_streamUnary = StreamService.Processor.prototype.process_streamUnary;
  }
}

const names = ["framed", "buffered", "web"].flatMap((kind) => Object.keys(protocols).map((name) => `${kind}-${name}`));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : names.map((name) => `${name}=0`);
const ready = await Promise.all(wanted.map((text) => {
  const [name, port] = text.split("=");
  const [kind, protocolName] = name.split("-");
  const protocol = protocols[protocolName];
  const server = kind === "web"
    ? thrift.createWebServer({ services: { "/echo": { processor: Processor, handler: handlers, protocol } } })
    : thrift.createServer(Processor, handlers, { transport: transports[kind], protocol });
  server.on("error", (error) => process.stderr.write(`${name}: ${error.message}\n`));
  return new Promise((resolve) => {
    const listener = server.listen(
      Number(port),
      "127.0.0.1",
      () => resolve(`${name}=${(listener ?? server).address().port}`),
    );
  });
}));
console.log(`apache-server ${ready.join(" ")}`);
