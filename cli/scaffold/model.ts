/**
 * What a new project is made of: the data of its files, and of custom templates.
 *
 * @module
 */
import { isReservedWord } from "../../idl/emit/names.ts";

/** A method, as stubs and tests see it. */
export interface ScaffoldMethod {
  /** Name in the IDL. */
  readonly name: string;
  /** Property name in TypeScript. */
  readonly key: string;
  /** Its doc comment, without marks; empty if there is none. */
  readonly doc: string;
  /** Names of the parameters of its handler, the context left out. */
  readonly parameters: readonly string[];
  /** Values for a first call, as TypeScript, or `null` if there is none that fits or the method streams. */
  readonly arguments: string | null;
  /** Which sides send more than one message. */
  readonly streaming: "unary" | "client" | "server" | "bidi";
  /** True if the caller waits for no answer. */
  readonly oneway: boolean;
}

/** A service. */
export interface ScaffoldService {
  /** Name in the IDL. */
  readonly name: string;
  /** Name of the service in generated code. */
  readonly schema: string;
  /** Name of the type of its handlers in generated code. */
  readonly handlers: string;
  /** Name of the constant with its handlers. */
  readonly constant: string;
  /** Name of its file of handlers, without folder and extension. */
  readonly file: string;
  /** Path of the generated file that has it, relative to the project. */
  readonly module: string;
  /** Its doc comment, without marks; empty if there is none. */
  readonly doc: string;
  /** Its methods, those of base services first. */
  readonly methods: readonly ScaffoldMethod[];
}

/** A project. */
export interface Scaffold {
  /** Its name. */
  readonly name: string;
  /** Where it runs. */
  readonly runtime: "deno" | "bun" | "node";
  /** True if the IDL is Protocol Buffers. */
  readonly protobuf: boolean;
  /** The version of Updraft that wrote it. */
  readonly version: string;
  /** Where the package comes from: a range of versions, or `file:` and a path. */
  readonly package: string;
  /** Arguments of `updraft gen`, as a shell takes them. */
  readonly genArguments: string;
  /** The services of the IDL. */
  readonly services: readonly ScaffoldService[];
}

/** The services with constants that stand beside what files of a project import: `class` becomes `classService`. */
export function withFreeConstants(services: readonly ScaffoldService[]): ScaffoldService[] {
  const taken = new Set(["RpcError", "Server", "addServices", "server"]);
  for (const { schema, handlers } of services) taken.add(schema).add(handlers);
  return services.map((service) => {
    let { constant } = service;
    if (isReservedWord(constant) || taken.has(constant)) constant += "Service";
    while (taken.has(constant)) constant += "_";
    taken.add(constant);
    return { ...service, constant };
  });
}

/** `GreeterService` as a file name: `greeter_service`. */
export function snakeCase(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/([A-Z])([A-Z][a-z])/g, "$1_$2");
  return words.replaceAll(/[^A-Za-z0-9]+/g, "_").toLowerCase();
}

/** `GreeterService` as the name of a constant: `greeterService`. */
export function camelCase(name: string): string {
  const first = /^[A-Z]+(?![a-z])|^[A-Z]/.exec(name)?.[0] ?? "";
  return first.toLowerCase() + name.slice(first.length);
}
