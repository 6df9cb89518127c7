/**
 * What `updraft call` does at an address: asks the server what it serves, and calls a method.
 *
 * @module
 */
import type { GenericMethod } from "../../codecs/generic/generic_service.ts";
import { stringifyJson } from "../../codecs/generic/json_text.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { RpcError } from "../../lib/errors.ts";
import { describeEndpoint, parseTarget } from "../../lib/io/endpoint.ts";
import type { Platform } from "../../lib/platform.ts";
import type { Call, CallOptions } from "../../lib/rpc/call.ts";
import { type ClientOptions, createClient } from "../../lib/rpc/client.ts";
import type { Middleware } from "../../lib/rpc/middleware.ts";
import { auto } from "../../transports/auto.ts";
import { gzip } from "../../transports/gzip.ts";
import { hasColors } from "../color.ts";
import { EXIT_ERRORS, EXIT_FINE, UsageError } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { printable } from "../print_diagnostics.ts";
import { callOptionsOf, planOf } from "./call_options.ts";
import { colorJson } from "./color_json.ts";
import { type CallForm, formOf } from "./forms.ts";
import { EXIT_INTERRUPTED, failureOf } from "./outcome.ts";
import { type NamedProtocol, protocolOf, streamingProtocol } from "./protocols.ts";
import { repeat, repeatJson, type RepeatPlan, repeatText } from "./repeat.ts";
import { lines, linesOf, messagesOf, readOperand } from "./requests.ts";
import type { Described } from "./sources.ts";
import type { CallTarget } from "./target.ts";
import { tlsOf } from "./tls.ts";

/** One run of the command at one address. */
export class Caller {
  readonly #platform: Platform;
  readonly #options: ParsedOptions;
  readonly #address: string;
  readonly #callOptions: CallOptions;
  readonly #interrupt = new AbortController();
  /** Ends the reading of standard input, which otherwise would keep the program waiting. */
  readonly #enough = new AbortController();
  /** The line of the message that was read last, where a stream takes one a line. */
  #line: number | undefined;

  /** Connects to nothing yet. Throws a `UsageError` for an address or an option that cannot be read. */
  constructor(platform: Platform, options: ParsedOptions, address: string) {
    this.#platform = platform;
    this.#options = options;
    this.#address = addressOf(address);
    this.#callOptions = callOptionsOf(options, this.#interrupt.signal);
  }

  /** Runs `step`, until the user interrupts it, and gives the exit code: its own, or that of its failure, which is printed. */
  async run(step: () => Promise<number>): Promise<number> {
    const stop = this.#platform.onSignal(() => this.#interrupt.abort(new RpcError("canceled", "interrupted")));
    try {
      return await step();
    } catch (reason) {
      if (reason instanceof UsageError) throw reason;
      return await this.#fail(reason);
    } finally {
      stop();
      this.#enough.abort();
    }
  }

  /** Asks the server for its services. Rejects with what `reflect` does. */
  async reflect(): Promise<Described> {
    const { reflect } = await import("../../codecs/grpc/reflection_client.ts");
    return await reflect({ ...await this.#clientOptions(), protocol: grpc() }, this.#callOptions);
  }

  /** Calls a method, as often as the options say, and prints what it answers. */
  async call(target: CallTarget, described: Described, request: string | undefined): Promise<number> {
    const { service, method } = target;
    const protocol = protocolOf(service, this.#options.value("protocol"), this.#options.value("payload"));
    if (this.#options.has("header") && protocol.name !== "grpc") {
      throw new UsageError(`--header is for gRPC: ${protocol.name} has --meta and --persist`);
    }
    const form = formOf(target, described, this.#options.has("enum-names"));
    const plan = planOf(this.#options);
    if (plan !== undefined && method.streaming !== "unary") {
      throw new UsageError("methods that stream cannot be repeated");
    }
    const values = await this.#values(target, form, request);
    const client = createClient(form.service, {
      ...await this.#clientOptions(),
      protocol: protocol.protocol,
      streaming: streamingProtocol(),
      use: this.#options.has("verbose") && plan === undefined ? [this.#narrate(protocol)] : [],
    }) as Record<string, GenericMethod> & { close(): Promise<void> };
    const invoke = (): Promise<unknown> => client[method.key]!(...values, this.#callOptions);
    try {
      if (plan !== undefined) return await this.#measure(plan, invoke);
      if (method.streaming === "server" || method.streaming === "bidi") {
        const answers = invoke() as unknown as AsyncIterable<unknown>;
        for await (const answer of answers) await printJson(this.#platform, form.textOf(answer, 0));
        return EXIT_FINE;
      }
      const answer = await invoke();
      if (answer !== undefined) await printJson(this.#platform, form.textOf(answer, 2));
      return EXIT_FINE;
    } finally {
      this.#enough.abort();
      await client.close();
    }
  }

  async #measure(plan: RepeatPlan, invoke: () => Promise<unknown>): Promise<number> {
    const result = await repeat(plan, invoke, this.#interrupt.signal);
    const text = this.#options.has("json") ? `${stringifyJson(repeatJson(result))}\n` : repeatText(result);
    await this.#platform.stdout.write(text);
    return this.#interrupt.signal.aborted ? EXIT_INTERRUPTED : result.errors.size > 0 ? EXIT_ERRORS : EXIT_FINE;
  }

  async #clientOptions(): Promise<Pick<ClientOptions, "to" | "transport" | "tls" | "compressors">> {
    const tls = await tlsOf(this.#platform, this.#options);
    const compressor = gzip();
    return {
      to: this.#address,
      transport: auto(),
      compressors: compressor === undefined ? [] : [compressor],
      ...(tls === undefined ? {} : { tls }),
    };
  }

  async #values({ method }: CallTarget, form: CallForm, request: string | undefined): Promise<unknown[]> {
    if (method.streaming === "client" || method.streaming === "bidi") {
      const source = request === undefined || request === "-"
        ? lines(this.#platform.stdin, this.#enough.signal)
        : linesOf(await readOperand(this.#platform, request));
      return [messagesOf(source, (text) => form.messageOf(text), (line) => this.#line = line)];
    }
    if (method.args.fields.length === 0) {
      if (request !== undefined) throw new UsageError(`${method.name} takes no request`);
      return [];
    }
    if (request === undefined) {
      throw new UsageError(`${method.name} needs a request: JSON, @FILE or -, such as\n  '${form.example(0)}'`);
    }
    return form.argumentsOf(await readOperand(this.#platform, request));
  }

  /** Says where the call goes, and afterwards what came with its answer. */
  #narrate({ name, protocol }: NamedProtocol): Middleware {
    const say = (text: string): Promise<void> => this.#platform.stderr.write(`${printable(text)}\n`);
    return (next) => async (call: Call) => {
      const start = performance.now();
      const { service, method, meta } = call;
      const spoken = method.streaming === "unary" || protocol.streams ? name : streamingProtocol().name;
      await say(`> ${service.fullName ?? service.name}.${method.name} to ${this.#address} (${spoken})`);
      for (const [key, value] of meta.transient) await say(`> meta ${key}=${value}`);
      for (const [key, value] of meta.persistent) await say(`> persist ${key}=${value}`);
      for (const [key, value] of meta.headers) await say(`> header ${key}=${value}`);
      try {
        return await next(call);
      } finally {
        for (const [key, value] of meta.backward) await say(`< ${key}=${value}`);
        for (const [key, value] of meta.trailers) await say(`< trailer ${key}=${value}`);
        await say(`< after ${(performance.now() - start).toFixed(2)} ms`);
      }
    };
  }

  async #fail(reason: unknown): Promise<number> {
    const { stderr } = this.#platform;
    if (this.#interrupt.signal.aborted) {
      await stderr.write("updraft: interrupted\n");
      return EXIT_INTERRUPTED;
    }
    const isOurs = reason instanceof RpcError && reason.kind === "invalid" && !reason.remote;
    const placed = isOurs && this.#line !== undefined
      ? new RpcError("invalid", `message in line ${this.#line}: ${reason.message}`, { cause: reason })
      : reason;
    const { exitCode, text, json } = failureOf(placed);
    const line = this.#options.has("json")
      ? stringifyJson(json, { nonFinite: "string" })
      : `updraft: ${isOurs ? (placed as RpcError).message : text}`;
    await stderr.write(`${printable(line)}\n`);
    return isOurs ? EXIT_ERRORS : exitCode;
  }
}

/** Prints JSON, in colour where that can be seen. */
export async function printJson(platform: Platform, json: string): Promise<void> {
  await platform.stdout.write(`${hasColors(platform, platform.stdout) ? colorJson(json) : json}\n`);
}

/** The address, if it is one. Throws a `UsageError` otherwise. */
function addressOf(text: string): string {
  try {
    return describeEndpoint(parseTarget(text));
  } catch (reason) {
    throw new UsageError(RpcError.from(reason).message);
  }
}
