/**
 * The methods a server serves, found by what the wire says of them. Each kind of payload has its own: a Thrift message
 * never reaches a Protocol Buffers service of the same name, nor the other way round.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { MethodSchema, PayloadKind, ServiceSchema } from "../schema/service.ts";
import { MethodNames, sameBytes } from "./method_names.ts";
import type { Handler } from "./middleware.ts";

/** A method that a server serves. */
export interface MethodEntry {
  /** The service it was registered with. */
  readonly service: ServiceSchema;
  /** Its schema. */
  readonly method: MethodSchema;
  /** Its name as UTF-8. */
  readonly nameBytes: Uint8Array;
  /** Name of its service as UTF-8. */
  readonly serviceBytes: Uint8Array;
  /** The user's handler with all middleware around it. */
  readonly run: Handler;
}

interface Registration {
  readonly service: ServiceSchema;
  readonly entries: readonly MethodEntry[];
  readonly fallback: boolean;
}

/** The services of one kind of payload. */
interface Registry {
  readonly names: MethodNames;
  /** By full name. */
  readonly services: Map<string, Registration>;
  /** By short name; `undefined` where several services have it. */
  readonly shortNames: Map<string, Registration | undefined>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The methods of all services of a server. */
export class MethodTable {
  readonly #thrift: Registry = { names: new MethodNames(), services: new Map(), shortNames: new Map() };
  readonly #protobuf: Registry = { names: new MethodNames(), services: new Map(), shortNames: new Map() };
  readonly #order: ServiceSchema[] = [];

  /**
   * Adds a service; `run` gives each method's handler. A method name that two services share must be told apart by
   * the service name on the wire; where there is none, the one added with `fallback` answers, one with `named` never.
   * Throws an `RpcError` of kind `"invalid"` if that leaves a name without an owner, or the service is there already.
   */
  add(
    service: ServiceSchema,
    run: (method: MethodSchema) => Handler,
    options: { fallback?: boolean | undefined; named?: boolean | undefined } = {},
  ): void {
    const { fallback = false, named = false } = options;
    const registry = this.#registry(service.payload);
    const fullName = service.fullName ?? service.name;
    if (registry.services.has(fullName)) throw new RpcError("invalid", `service ${fullName} was added already`);
    const serviceBytes = encoder.encode(service.name);
    const entries = service.methods.map((method): MethodEntry => ({
      service,
      method,
      nameBytes: encoder.encode(method.name),
      serviceBytes,
      run: run(method),
    }));
    const unnamed = named ? [] : entries;
    const rivals = unnamed.map((entry) => rivalOf(registry, entry, fallback));
    unnamed.forEach((entry, i) => {
      const rival = rivals[i];
      if (rival === undefined) registry.names.add(entry);
      else if (fallback) registry.names.replace(rival, entry);
    });
    const registration = { service, entries, fallback };
    registry.services.set(fullName, registration);
    const { shortNames } = registry;
    shortNames.set(service.name, shortNames.has(service.name) ? undefined : registration);
    this.#order.push(service);
  }

  /** The services served, in the order they were added. */
  get services(): ServiceSchema[] {
    return [...this.#order];
  }

  /** The method of the name in `bytes[start..end]`, or `undefined`. */
  find(bytes: Uint8Array, start: number, end: number, payload: PayloadKind = "thrift"): MethodEntry | undefined {
    return this.#registry(payload).names.find(bytes, start, end);
  }

  /**
   * The method of the name in `bytes[start..end]`, of the service named in `bytes[serviceStart..serviceEnd]`; or
   * `undefined`. A service that is not served counts as none named: then the method's name decides, as for Kitex.
   */
  findNamed(
    bytes: Uint8Array,
    start: number,
    end: number,
    serviceStart: number,
    serviceEnd: number,
    payload: PayloadKind = "thrift",
  ): MethodEntry | undefined {
    const registry = this.#registry(payload);
    const entry = registry.names.find(bytes, start, end);
    if (entry !== undefined && sameBytes(entry.serviceBytes, bytes, serviceStart, serviceEnd)) return entry;
    const service = registrationOf(registry, decoder.decode(bytes.subarray(serviceStart, serviceEnd)));
    if (service === undefined) return entry;
    return service.entries.find(({ nameBytes }) => sameBytes(nameBytes, bytes, start, end));
  }

  /**
   * The method by its service and name, or `undefined` if either is not served. The service is found by its full name,
   * or by the one without package if no other service has that.
   */
  findIn(service: string, method: string, payload: PayloadKind = "thrift"): MethodEntry | undefined {
    return registrationOf(this.#registry(payload), service)?.entries.find((entry) => entry.method.name === method);
  }

  /** True if `findIn` knows the service. */
  has(service: string, payload: PayloadKind = "thrift"): boolean {
    return registrationOf(this.#registry(payload), service) !== undefined;
  }

  #registry(payload: PayloadKind): Registry {
    return payload === "thrift" ? this.#thrift : this.#protobuf;
  }
}

function registrationOf(registry: Registry, name: string): Registration | undefined {
  return registry.services.get(name) ?? registry.shortNames.get(name);
}

/** The method of another service that has the name now. */
function rivalOf(registry: Registry, entry: MethodEntry, fallback: boolean): MethodEntry | undefined {
  const rival = registry.names.find(entry.nameBytes, 0, entry.nameBytes.length);
  if (rival === undefined) return undefined;
  const fullName = ({ service }: MethodEntry): string => service.fullName ?? service.name;
  if (fallback === registry.services.get(fullName(rival))?.fallback) {
    throw new RpcError(
      "invalid",
      `services ${fullName(rival)} and ${fullName(entry)} both have a method ${entry.method.name}: ` +
        "add exactly one of them with { fallback: true }",
    );
  }
  return rival;
}
