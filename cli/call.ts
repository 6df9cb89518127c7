/**
 * `updraft call`: calls a method of a service from the command line.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";
import { CALL_OPTIONS, REPEAT_OPTIONS } from "./call/call_options.ts";
import { Caller, printJson } from "./call/caller.ts";
import { describeService } from "./call/describe.ts";
import { formOf } from "./call/forms.ts";
import { PAYLOADS, PROTOCOLS } from "./call/protocols.ts";
import { type Described, describedByFiles } from "./call/sources.ts";
import { findService, findTarget } from "./call/target.ts";
import { TLS_OPTIONS } from "./call/tls.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { INCLUDE_OPTION } from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";

/** The command. */
export const call: Command = {
  usage: "call ADDRESS SERVICE.METHOD [JSON|@FILE|-] [--idl FILE | --reflect] [OPTION]...",
  description: `Calls a method and prints its answer as JSON. ADDRESS is host:port or unix:/path; the request is JSON,
a file with JSON, or - for standard input. Methods that stream take one JSON value a line from
standard input (or @FILE), and print one a line.
Ends with 0 if the call succeeded, 1 for an IDL or a request with errors, 2 if the command line cannot be
understood, 3 for an exception that the IDL declares, 4 for a business status, 5 if the call failed
otherwise, 130 if it was interrupted.`,
  options: [
    {
      name: "idl",
      value: "FILE",
      repeatable: true,
      help: "Reads services from this Thrift IDL, .proto file (takes @bufbuild/buf) or descriptor set (.binpb, .pb).",
    },
    INCLUDE_OPTION,
    { name: "reflect", help: "gRPC: asks the server what it serves. Default with --protocol grpc and no --idl." },
    { name: "describe", help: "Prints the services and methods there are, and calls nothing." },
    { name: "example", help: "Prints a request with every field of the method, and calls nothing." },
    {
      name: "protocol",
      short: "p",
      value: "NAME",
      choices: PROTOCOLS,
      help: `Speaks ${PROTOCOLS.join(", ")}. Default: grpc for Protocol Buffers, else ttheader.
Streams go over gRPC, or over TTHeader streaming.`,
    },
    {
      name: "payload",
      value: "NAME",
      choices: PAYLOADS,
      help: "Encodes Thrift as binary (default: what Kitex speaks), or as compact or json, framed or buffered.",
    },
    ...CALL_OPTIONS,
    ...TLS_OPTIONS,
    { name: "enum-names", help: "Prints Thrift's enums by their names." },
    { name: "json", help: "Prints failures and measurements as JSON too." },
    { name: "verbose", short: "v", help: "Says on standard error where the call goes, its metadata and its time." },
    ...REPEAT_OPTIONS,
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const explains = options.has("describe") || options.has("example");
  if (reflects(options)) {
    const address = options.operands[0];
    if (address === undefined) throw new UsageError("name the ADDRESS of the server to ask");
    if (!explains) namesOf(options);
    const caller = new Caller(platform, options, address);
    return await caller.run(async () => await useDescribed(platform, options, await caller.reflect(), caller));
  }
  const described = await describedByFiles(platform, options);
  if (described === undefined) return EXIT_ERRORS;
  if (explains) return await explain(platform, options, described);
  const caller = new Caller(platform, options, namesOf(options).address);
  return await caller.run(() => useDescribed(platform, options, described, caller));
}

/** Is the server to be asked what it serves? Throws a `UsageError` if nothing says what it does. */
function reflects(options: ParsedOptions): boolean {
  const protocol = options.value("protocol");
  if (options.has("idl")) {
    if (options.has("reflect")) throw new UsageError("--idl and --reflect exclude each other");
    return false;
  }
  if (options.has("reflect") && protocol !== undefined && protocol !== "grpc") {
    throw new UsageError(`--reflect is for gRPC, not ${protocol}`);
  }
  if (options.has("reflect") || protocol === "grpc") return true;
  throw new UsageError(
    "say where the service is described: --idl FILE, or --reflect if it is a gRPC server that tells",
  );
}

async function useDescribed(
  platform: Platform,
  options: ParsedOptions,
  described: Described,
  caller: Caller,
): Promise<number> {
  if (options.has("describe") || options.has("example")) return await explain(platform, options, described);
  const { name, request } = namesOf(options);
  return await caller.call(findTarget(described.services, name), described, request);
}

function namesOf(options: ParsedOptions): { address: string; name: string; request: string | undefined } {
  const [address, name, request, surplus] = options.operands;
  if (address === undefined || name === undefined) throw new UsageError("name an ADDRESS and a SERVICE.METHOD");
  if (surplus !== undefined) throw new UsageError(`one request at most, not ${surplus} as well: quote JSON with '...'`);
  return { address, name, request };
}

async function explain(platform: Platform, options: ParsedOptions, described: Described): Promise<number> {
  const { services } = described;
  // the address of a call may stay where it is
  const name = options.operands.find((operand) => !operand.includes(":"));
  if (options.has("example")) {
    if (name === undefined) throw new UsageError("--example needs a SERVICE.METHOD");
    await printJson(platform, formOf(findTarget(services, name), described, false).example(2));
    return EXIT_FINE;
  }
  const isService = name !== undefined && services.some((service) => [service.name, service.fullName].includes(name));
  const shown = name === undefined
    ? services
    : isService
    ? [findService(services, name)]
    : [findTarget(services, name)].map(({ service, method }) => ({ ...service, methods: [method] }));
  await platform.stdout.write(shown.map(describeService).join("\n"));
  return EXIT_FINE;
}
