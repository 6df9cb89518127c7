/**
 * `updraft call`: calls a method of a service from the command line.
 *
 * @module
 */
import { type GenericMethod, genericService } from "../codecs/generic/generic_service.ts";
import { parseJson, stringifyJson } from "../codecs/generic/json_text.ts";
import { SchemaSet } from "../idl/schema.ts";
import { RpcError } from "../lib/errors.ts";
import { describeEndpoint, parseTarget } from "../lib/io/endpoint.ts";
import type { ClientTls, Transport } from "../lib/io/raw.ts";
import type { OutStream, Platform } from "../lib/platform.ts";
import type { Call, CallOptions } from "../lib/rpc/call.ts";
import { createClient } from "../lib/rpc/client.ts";
import type { Middleware } from "../lib/rpc/middleware.ts";
import type { ServiceSchema } from "../lib/schema/service.ts";
import { auto } from "../transports/auto.ts";
import { colorJson } from "./call/color_json.ts";
import { describeService, exampleRequest } from "./call/describe.ts";
import { EXIT_INTERRUPTED, failureOf } from "./call/outcome.ts";
import { type NamedProtocol, PAYLOADS, protocolOf, PROTOCOLS, streamingProtocol } from "./call/protocols.ts";
import { repeat, repeatJson, repeatText } from "./call/repeat.ts";
import { argumentsOf, lines, linesOf, messagesOf, readOperand } from "./call/requests.ts";
import { type CallTarget, findService, findTarget } from "./call/target.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { compileInput, hasErrors, INCLUDE_OPTION, report } from "./idl_input.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { printable } from "./print_diagnostics.ts";

/** The options that say how to reach TLS servers. */
const TLS_OPTIONS: readonly OptionSpec[] = [
  { name: "tls", help: "Connects by TLS; the other --tls options imply it." },
  { name: "tls-ca", value: "FILE", help: "Trusts the authorities in this PEM file instead of the system's." },
  { name: "tls-cert", value: "FILE", help: "Shows this certificate chain (PEM) to the server; needs --tls-key." },
  { name: "tls-key", value: "FILE", help: "The private key of --tls-cert (PEM)." },
  { name: "tls-server-name", value: "NAME", help: "Expects this name in the server's certificate." },
  { name: "tls-insecure", help: "Takes any certificate: for tests only." },
];

/** The command. */
export const call: Command = {
  usage: "call ADDRESS SERVICE.METHOD [JSON|@FILE|-] --idl FILE [OPTION]...",
  description: `Calls a method and prints its answer as JSON. ADDRESS is host:port or unix:/path; the request is JSON,
a file with JSON, or - for standard input. Methods that stream take one JSON value a line from
standard input (or @FILE), and print one a line.
Ends with 0 if the call succeeded, 1 for an IDL or a request with errors, 2 if the command line cannot be
understood, 3 for an exception that the IDL declares, 4 for a business status, 5 if the call failed
otherwise, 130 if it was interrupted.`,
  options: [
    { name: "idl", value: "FILE", repeatable: true, help: "Reads services from this Thrift IDL file." },
    INCLUDE_OPTION,
    { name: "describe", help: "Prints the services and methods of the IDL, and calls nothing." },
    { name: "example", help: "Prints a request with every field of the method, and calls nothing." },
    {
      name: "protocol",
      short: "p",
      value: "NAME",
      choices: PROTOCOLS,
      help: `Speaks ${PROTOCOLS.join(", ")}. Default: ttheader. Streams go over TTHeader streaming.`,
    },
    {
      name: "payload",
      value: "NAME",
      choices: PAYLOADS,
      help: "Encodes messages as binary (default: what Kitex speaks), or as compact or json, framed or buffered.",
    },
    { name: "meta", value: "KEY=VALUE", repeatable: true, help: "Sends this metadata to the server only." },
    {
      name: "persist",
      value: "KEY=VALUE",
      repeatable: true,
      help: "Sends this metadata along the whole chain of calls.",
    },
    { name: "timeout", short: "t", value: "TIME", help: "Waits that long: 500ms, 2s, 1m. Default: 10s; 0: any time." },
    ...TLS_OPTIONS,
    { name: "enum-names", help: "Prints enums by their names." },
    { name: "json", help: "Prints failures and measurements as JSON too." },
    { name: "verbose", short: "v", help: "Says on standard error where the call goes, its metadata and its time." },
    { name: "repeat", short: "n", value: "COUNT", help: "Calls that often and prints how long the calls took." },
    { name: "concurrency", short: "c", value: "COUNT", help: "Has that many calls under way at once. Default: 1." },
    { name: "duration", value: "TIME", help: "Calls for that long: 10s, 1m." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  if (!options.has("idl")) throw new UsageError("say where the service is described: --idl FILE");
  const input = await compileInput(platform, options, undefined, options.values("idl"));
  if (hasErrors(input.diagnostics)) {
    await report(platform, input, input.diagnostics.filter(({ severity }) => severity === "error"));
    return EXIT_ERRORS;
  }
  const { services } = new SchemaSet(input.program);
  if (options.has("describe") || options.has("example")) return await explain(platform, options, services);
  const [address, name, request, surplus] = options.operands;
  if (address === undefined || name === undefined) throw new UsageError("name an ADDRESS and a SERVICE.METHOD");
  if (surplus !== undefined) throw new UsageError(`one request at most, not ${surplus} as well: quote JSON with '...'`);
  return await new Caller(platform, options, findTarget(services, name), address).run(request);
}

async function explain(
  platform: Platform,
  options: ParsedOptions,
  services: readonly ServiceSchema[],
): Promise<number> {
  // the address of a call may stay where it is
  const name = options.operands.find((operand) => !operand.includes(":"));
  if (options.has("example")) {
    if (name === undefined) throw new UsageError("--example needs a SERVICE.METHOD");
    const text = stringifyJson(exampleRequest(findTarget(services, name).method), { indent: 2 });
    await printJson(platform, text);
    return EXIT_FINE;
  }
  const isService = name !== undefined && services.some((service) => service.name === name);
  const shown = name === undefined
    ? services
    : isService
    ? [findService(services, name)]
    : [findTarget(services, name)].map(({ service, method }) => ({ ...service, methods: [method] }));
  await platform.stdout.write(shown.map(describeService).join("\n"));
  return EXIT_FINE;
}

/** One run of the command: what its options say, read before anything is sent. */
class Caller {
  readonly #platform: Platform;
  readonly #options: ParsedOptions;
  readonly #target: CallTarget;
  readonly #address: string;
  readonly #protocol: NamedProtocol;
  readonly #interrupt = new AbortController();
  /** Ends the reading of standard input, which otherwise would keep the program waiting. */
  readonly #enough = new AbortController();

  constructor(platform: Platform, options: ParsedOptions, target: CallTarget, address: string) {
    this.#platform = platform;
    this.#options = options;
    this.#target = target;
    this.#address = addressOf(address);
    this.#protocol = protocolOf(options.value("protocol"), options.value("payload"));
  }

  async run(request: string | undefined): Promise<number> {
    const { service, method } = this.#target;
    const generic = genericService(service, {
      maps: "map",
      enums: this.#options.has("enum-names") ? "name" : "number",
    });
    const plan = this.#plan();
    const streams = method.streaming !== "unary";
    if (plan !== undefined && streams) throw new UsageError("methods that stream cannot be repeated");
    const callOptions = this.#callOptions();
    const values = await this.#values(request);
    const tls = await this.#tls();
    const transport: Transport = auto();
    const client = createClient(generic, {
      to: this.#address,
      transport,
      protocol: this.#protocol.protocol,
      ...(streams ? { streaming: streamingProtocol() } : {}),
      ...(tls === undefined ? {} : { tls }),
      use: this.#options.has("verbose") && plan === undefined ? [this.#narrate()] : [],
    });
    const invoke = client[method.key] as GenericMethod;
    const stop = this.#platform.onSignal(() => this.#interrupt.abort(new RpcError("canceled", "interrupted")));
    try {
      if (plan !== undefined) {
        const result = await repeat(plan, () => invoke(...values, callOptions), this.#interrupt.signal);
        const text = this.#options.has("json") ? `${stringifyJson(repeatJson(result))}\n` : repeatText(result);
        await this.#platform.stdout.write(text);
        return this.#interrupt.signal.aborted ? EXIT_INTERRUPTED : result.errors.size > 0 ? EXIT_ERRORS : EXIT_FINE;
      }
      if (method.streaming === "server" || method.streaming === "bidi") {
        const answers = (invoke as unknown as (...values: unknown[]) => AsyncIterable<unknown>)(...values, callOptions);
        for await (const answer of answers) await this.#print(answer, 0);
        return EXIT_FINE;
      }
      const answer = await invoke(...values, callOptions);
      if (answer !== undefined) await this.#print(answer, 2);
      return EXIT_FINE;
    } catch (reason) {
      return await this.#fail(reason);
    } finally {
      stop();
      this.#enough.abort();
      await client.close();
    }
  }

  async #values(request: string | undefined): Promise<unknown[]> {
    const { method } = this.#target;
    if (method.streaming === "client" || method.streaming === "bidi") {
      const source = request === undefined || request === "-"
        ? lines(this.#platform.stdin, this.#enough.signal)
        : linesOf(await readOperand(this.#platform, request));
      return [messagesOf(source)];
    }
    if (method.args.fields.length === 0) {
      if (request !== undefined) throw new UsageError(`${method.name} takes no request`);
      return [];
    }
    if (request === undefined) {
      const example = stringifyJson(exampleRequest(method));
      throw new UsageError(`${method.name} needs a request: JSON, @FILE or -, such as\n  '${example}'`);
    }
    return argumentsOf(method, parseJson(await readOperand(this.#platform, request)));
  }

  #callOptions(): CallOptions {
    const transient = pairsOf(this.#options, "meta");
    const persistent = pairsOf(this.#options, "persist");
    return {
      signal: this.#interrupt.signal,
      timeoutMs: timeOf(this.#options, "timeout") ?? 10_000,
      meta: { transient, persistent },
    };
  }

  #plan(): Parameters<typeof repeat>[0] | undefined {
    const calls = countOf(this.#options, "repeat");
    const durationMs = timeOf(this.#options, "duration");
    const concurrency = countOf(this.#options, "concurrency");
    if (calls === undefined && durationMs === undefined) {
      if (concurrency !== undefined) throw new UsageError("--concurrency needs --repeat or --duration");
      return undefined;
    }
    return { calls: calls ?? Infinity, concurrency: concurrency ?? 1, durationMs: durationMs ?? Infinity };
  }

  async #tls(): Promise<ClientTls | undefined> {
    if (!TLS_OPTIONS.some(({ name }) => this.#options.has(name))) return undefined;
    const read = async (name: string): Promise<string | undefined> => {
      const path = this.#options.value(name);
      return path === undefined ? undefined : await this.#platform.files.readText(path);
    };
    const [ca, cert, key] = [await read("tls-ca"), await read("tls-cert"), await read("tls-key")];
    const serverName = this.#options.value("tls-server-name");
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { serverName }),
      ...(this.#options.has("tls-insecure") ? { verify: false } : {}),
    };
  }

  /** Says where the call goes, and afterwards what came with its answer. */
  #narrate(): Middleware {
    const say = (text: string): Promise<void> => this.#platform.stderr.write(`${printable(text)}\n`);
    return (next) => async (call: Call) => {
      const start = performance.now();
      const protocol = call.method.streaming === "unary" ? this.#protocol.name : streamingProtocol().name;
      await say(`> ${call.service.name}.${call.method.name} to ${this.#address} (${protocol})`);
      for (const [key, value] of call.meta.transient) await say(`> meta ${key}=${value}`);
      for (const [key, value] of call.meta.persistent) await say(`> persist ${key}=${value}`);
      try {
        return await next(call);
      } finally {
        for (const [key, value] of call.meta.backward) await say(`< ${key}=${value}`);
        await say(`< after ${(performance.now() - start).toFixed(2)} ms`);
      }
    };
  }

  async #print(value: unknown, indent: number): Promise<void> {
    await printJson(this.#platform, stringifyJson(value, { indent, nonFinite: "string" }));
  }

  async #fail(reason: unknown): Promise<number> {
    const { stderr } = this.#platform;
    if (this.#interrupt.signal.aborted) {
      await stderr.write("updraft: interrupted\n");
      return EXIT_INTERRUPTED;
    }
    const isOurs = reason instanceof RpcError && reason.kind === "invalid" && !reason.remote;
    const { exitCode, text, json } = failureOf(reason);
    const line = this.#options.has("json")
      ? stringifyJson(json, { nonFinite: "string" })
      : `updraft: ${isOurs ? (reason as RpcError).message : text}`;
    await stderr.write(`${printable(line)}\n`);
    return isOurs ? EXIT_ERRORS : exitCode;
  }
}

async function printJson(platform: Platform, json: string): Promise<void> {
  await platform.stdout.write(`${hasColors(platform, platform.stdout) ? colorJson(json) : json}\n`);
}

function hasColors(platform: Platform, out: OutStream): boolean {
  return out.isTerminal && (platform.env("NO_COLOR") ?? "") === "";
}

/** The address, if it is one. Throws a `UsageError` otherwise. */
function addressOf(text: string): string {
  try {
    return describeEndpoint(parseTarget(text));
  } catch (reason) {
    throw new UsageError(RpcError.from(reason).message);
  }
}

function pairsOf(options: ParsedOptions, name: string): Record<string, string> {
  return Object.fromEntries(
    options.values(name).map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new UsageError(`--${name} is ${JSON.stringify(pair)}, not KEY=VALUE`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function countOf(options: ParsedOptions, name: string): number | undefined {
  const text = options.value(name);
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, not a number from 1 on`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function timeOf(options: ParsedOptions, name: string): number | undefined {
  const text = options.value(name);
  if (text === undefined) return undefined;
  if (text === "0") return 0;
  const [, number, unit] = /^([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new UsageError(`--${name} is ${JSON.stringify(text)}, not a time such as 500ms, 2s or 1m`);
  }
  return Number(number) * UNITS[unit ?? ""]!;
}
