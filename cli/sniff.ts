/**
 * `updraft sniff`: shows what bytes on the wire say, captured ones or those that pass through a proxy.
 *
 * @module
 */
import type { Compressor } from "../lib/compressor.ts";
import { RpcError } from "../lib/errors.ts";
import { describeEndpoint, parseTarget } from "../lib/io/endpoint.ts";
import { joinBytes } from "../lib/io/join_bytes.ts";
import type { Endpoint } from "../lib/io/raw.ts";
import type { Platform } from "../lib/platform.ts";
import { auto } from "../transports/auto.ts";
import { gzip } from "../transports/gzip.ts";
import { hasColors } from "./color.ts";
import { describedByFiles } from "./call/sources.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { INCLUDE_OPTION } from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";
import { plural, printable } from "./print_diagnostics.ts";
import { capturedBytes, parseHex } from "./sniff/captured_bytes.ts";
import { GrpcCalls } from "./sniff/grpc.ts";
import { MessageReader } from "./sniff/messages.ts";
import { type Origin, sniffedJson, sniffedText } from "./sniff/print_sniffed.ts";
import { type Onlooker, startProxy } from "./sniff/proxy.ts";
import type { Direction, Sniffed } from "./sniff/sniffed.ts";
import { Sniffer } from "./sniff/sniffer.ts";

/** The command. */
export const sniff: Command = {
  usage: "sniff [FILE|-] [--idl FILE] [OPTION]... | sniff --listen ADDRESS --to ADDRESS [OPTION]...",
  description: `Shows captured bytes frame by frame: TTHeader and its streams, mesh headers, Thrift framed and buffered
in all payloads, Kitex Protobuf, HTTP/2 with its headers, gRPC. A FILE holds the bytes of one direction, as they
are, as hexadecimal digits or as a hexdump. With --listen it is a proxy instead: point clients at it, and see both
directions live.
Ends with 0, with 1 if bytes could not be read or an address could not be had, 2 if the command line cannot be
understood.`,
  options: [
    { name: "listen", short: "l", value: "ADDRESS", help: "Listens there (host:port, unix:/path; port 0: any)." },
    { name: "to", value: "ADDRESS", help: "Hands connections on to there." },
    {
      name: "idl",
      value: "FILE",
      repeatable: true,
      help: "Names fields by this IDL: Thrift, .proto or descriptor set.",
    },
    INCLUDE_OPTION,
    { name: "hex", value: "DIGITS", help: "Reads these hexadecimal digits instead of a FILE." },
    { name: "raw", help: "Takes a FILE for bytes even if it looks like hexadecimal digits." },
    {
      name: "from",
      value: "SIDE",
      choices: ["client", "server"],
      help: "Which side sent the captured bytes: client (default) or server.",
    },
    { name: "json", help: "Prints one line of JSON a frame." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const messages = await messageReader(platform, options);
  if (messages === undefined) return EXIT_ERRORS;
  const printer = new Printer(platform, options.has("json"));
  const listen = options.value("listen");
  const to = options.value("to");
  if (listen !== undefined || to !== undefined) {
    if (listen === undefined || to === undefined) throw new UsageError("a proxy needs both --listen and --to");
    if (options.operands.length > 0) throw new UsageError("a proxy reads no FILE");
    return await proxy(platform, messages, printer, addressOf(listen), addressOf(to));
  }
  return await inspect(platform, options, messages, printer);
}

/** The reader of messages, or `undefined` if the IDL has errors, which are printed. */
async function messageReader(platform: Platform, options: ParsedOptions): Promise<MessageReader | undefined> {
  const described = await describedByFiles(platform, options);
  return described === undefined ? undefined : new MessageReader(described.services, described.registry);
}

async function inspect(
  platform: Platform,
  options: ParsedOptions,
  messages: MessageReader,
  printer: Printer,
): Promise<number> {
  const [file, surplus] = options.operands;
  const hex = options.value("hex");
  if (surplus !== undefined) throw new UsageError(`one FILE at most, not ${surplus} as well`);
  if ((file === undefined) === (hex === undefined)) throw new UsageError("name a FILE, - or --hex DIGITS");
  const from = (options.value("from") ?? "client") as Direction;
  const sniffer = new Sniffer({ from, messages, compressors: compressors() });
  let failed = false;
  const show = async (items: Iterable<Sniffed>): Promise<void> => {
    for (const item of items) {
      if (item.error !== undefined || item.protocol === "unknown") failed = true;
      await printer.print(item, { connection: 1, from, time: undefined });
    }
  };
  if (hex !== undefined) await show(sniffer.feed(parseHex(hex)));
  else if (file === "-" && options.has("raw")) {
    for await (const chunk of platform.stdin) await show(sniffer.feed(chunk));
  } else {
    const content = file === "-" ? await readAll(platform.stdin) : await platform.files.read(file!);
    await show(sniffer.feed(options.has("raw") ? content : capturedBytes(content)));
  }
  await show(sniffer.end());
  return failed ? EXIT_ERRORS : EXIT_FINE;
}

async function proxy(
  platform: Platform,
  messages: MessageReader,
  printer: Printer,
  listen: Endpoint,
  to: Endpoint,
): Promise<number> {
  const say = (text: string): void => printer.queue(() => platform.stderr.write(`${printable(text)}\n`), text.length);
  const look = (connection: number): Onlooker => {
    const both = { messages, maxBytes: LIVE_FRAME_BYTES, compressors: compressors(), calls: new GrpcCalls() };
    const sniffers = {
      client: new Sniffer({ from: "client", ...both }),
      server: new Sniffer({ from: "server", ...both }),
    };
    const show = (from: Direction, items: Iterable<Sniffed>): void => {
      try {
        for (const item of items) printer.show(item, { connection, from, time: new Date() });
      } catch (reason) {
        // what passes must pass, whatever is wrong with showing it
        say(`#${connection}: this cannot be shown: ${RpcError.from(reason).message}`);
      }
    };
    say(`#${connection} opened`);
    return {
      bytes: (from, bytes) => show(from, sniffers[from].feed(bytes)),
      ended: (from) => show(from, sniffers[from].end()),
      closed: (reason) => say(`#${connection} closed${reason === undefined ? "" : `: ${reason.message}`}`),
    };
  };
  let interrupt = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => interrupt = resolve);
  const stop = platform.onSignal(() => interrupt());
  try {
    const running = await startProxy({ transport: auto(), listen, to, look });
    say(`listening on ${describeEndpoint(running.local)}, handing on to ${describeEndpoint(to)}; Ctrl-C ends`);
    await interrupted;
    await running.close();
    await printer.flushed();
    return EXIT_FINE;
  } catch (reason) {
    await platform.stderr.write(`updraft: ${printable(RpcError.from(reason).message)}\n`);
    return EXIT_ERRORS;
  } finally {
    stop();
  }
}

function compressors(): readonly Compressor[] {
  const found = gzip();
  return found === undefined ? [] : [found];
}

/** Largest frame that is read of live traffic; there may be many connections. */
const LIVE_FRAME_BYTES = 4 * 1024 * 1024;

/** Most characters that wait for a slow output; what comes then is counted, not shown. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;

/** Prints frames in order, without holding up those who bring them. */
class Printer {
  readonly #platform: Platform;
  readonly #json: boolean;
  readonly #color: boolean;
  #waiting = 0;
  #dropped = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(platform: Platform, json: boolean) {
    this.#platform = platform;
    this.#json = json;
    this.#color = hasColors(platform, platform.stdout);
  }

  /** Prints a frame; resolves when it is taken. */
  async print(item: Sniffed, origin: Origin): Promise<void> {
    await this.#platform.stdout.write(this.#textOf(item, origin));
  }

  /** Prints a frame when those before it are. */
  show(item: Sniffed, origin: Origin): void {
    if (this.#waiting > MAX_WAITING_CHARS) {
      this.#dropped++;
      return;
    }
    const text = this.#textOf(item, origin);
    this.queue(() => this.#platform.stdout.write(text), text.length);
  }

  /** Writes when all before it is written. */
  queue(write: () => Promise<void>, chars: number): void {
    this.#waiting += chars;
    this.#last = this.#last.then(write).catch(() => undefined /* whoever read the output has left */).then(async () => {
      this.#waiting -= chars;
      if (this.#dropped === 0 || this.#waiting > 0) return;
      const text = `${plural(this.#dropped, "frame")} not shown: the output is too slow\n`;
      this.#dropped = 0;
      await this.#platform.stderr.write(text);
    });
  }

  /** Resolves when all is written. */
  flushed(): Promise<void> {
    return this.#last;
  }

  #textOf(item: Sniffed, origin: Origin): string {
    return this.#json ? `${sniffedJson(item, origin)}\n` : sniffedText(item, origin, this.#color);
  }
}

/** Longest capture that is read from standard input. */
const MAX_CAPTURE_BYTES = 256 * 1024 * 1024;

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_CAPTURE_BYTES) {
      throw new RpcError("invalid", `standard input exceeds ${MAX_CAPTURE_BYTES} bytes: use --raw`);
    }
  }
  return joinBytes(chunks, length);
}

/** An address, port 0 included. Throws a `UsageError` for what is none. */
function addressOf(text: string): Endpoint {
  const anyPort = /^(.*):0$/.exec(text);
  try {
    if (anyPort === null || text.startsWith("unix:")) return parseTarget(text);
    const endpoint = parseTarget(`${anyPort[1]}:1`);
    return "hostname" in endpoint ? { hostname: endpoint.hostname, port: 0 } : endpoint;
  } catch (reason) {
    throw new UsageError(RpcError.from(reason).message);
  }
}
