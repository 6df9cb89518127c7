/**
 * Finds the method that bytes on the wire name, without making a string of them.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import type { Handler } from "./middleware.ts";

/** A method that a server serves. */
export interface MethodEntry {
  /** The service it was registered with. */
  readonly service: ServiceSchema;
  /** Its schema. */
  readonly method: MethodSchema;
  /** Its name as UTF-8. */
  readonly nameBytes: Uint8Array;
  /** The user's handler with all middleware around it. */
  readonly run: Handler;
}

interface Registration {
  readonly service: ServiceSchema;
  readonly entries: readonly MethodEntry[];
  readonly fallback: boolean;
}

const encoder = new TextEncoder();

/** The methods of all services of a server. */
export class MethodTable {
  readonly #services = new Map<string, Registration>();
  #slots: (MethodEntry | undefined)[] = new Array(16).fill(undefined);
  #size = 0;
  #last: MethodEntry | undefined;

  /**
   * Adds a service; `run` gives each method's handler. A method name that two services share must be told apart by
   * the service name on the wire; where there is none, the one added with `fallback` answers.
   * Throws an `RpcError` of kind `"invalid"` if that leaves a name without an owner, or the service is there already.
   */
  add(service: ServiceSchema, run: (method: MethodSchema) => Handler, fallback = false): void {
    if (this.#services.has(service.name)) {
      throw new RpcError("invalid", `service ${service.name} was added already`);
    }
    const entries = service.methods.map((method): MethodEntry => ({
      service,
      method,
      nameBytes: encoder.encode(method.name),
      run: run(method),
    }));
    const rivals = entries.map((entry) => this.#rivalOf(entry, fallback));
    this.#last = undefined;
    entries.forEach((entry, i) => this.#addName(entry, rivals[i], fallback));
    this.#services.set(service.name, { service, entries, fallback });
  }

  /** The services served, in the order they were added. */
  get services(): ServiceSchema[] {
    return [...this.#services.values()].map((registration) => registration.service);
  }

  /** The method of the name in `bytes[start..end]`, or `undefined`. */
  find(bytes: Uint8Array, start: number, end: number): MethodEntry | undefined {
    const last = this.#last;
    if (last !== undefined && sameName(last.nameBytes, bytes, start, end)) return last;
    const mask = this.#slots.length - 1;
    for (let i = hash(bytes, start, end) & mask;; i = (i + 1) & mask) {
      const entry = this.#slots[i];
      if (entry === undefined) return undefined;
      if (sameName(entry.nameBytes, bytes, start, end)) return this.#last = entry;
    }
  }

  /** The method by its service and name, or `undefined` if either is not served. */
  findIn(service: string, method: string): MethodEntry | undefined {
    return this.#services.get(service)?.entries.find((entry) => entry.method.name === method);
  }

  /** True if a service of the name is served. */
  has(service: string): boolean {
    return this.#services.has(service);
  }

  /** The method of another service that has the name now. */
  #rivalOf(entry: MethodEntry, fallback: boolean): MethodEntry | undefined {
    const rival = this.find(entry.nameBytes, 0, entry.nameBytes.length);
    if (rival === undefined) return undefined;
    if (fallback === this.#services.get(rival.service.name)?.fallback) {
      throw new RpcError(
        "invalid",
        `services ${rival.service.name} and ${entry.service.name} both have a method ${entry.method.name}: ` +
          "add exactly one of them with { fallback: true }",
      );
    }
    return rival;
  }

  #addName(entry: MethodEntry, rival: MethodEntry | undefined, fallback: boolean): void {
    if (rival === undefined) {
      if (++this.#size * 2 > this.#slots.length) this.#grow();
      this.#place(entry);
    } else if (fallback) this.#slots[this.#slots.indexOf(rival)] = entry;
  }

  #grow(): void {
    const entries = this.#slots.filter((entry) => entry !== undefined);
    this.#slots = new Array(this.#slots.length * 2).fill(undefined);
    for (const entry of entries) this.#place(entry);
  }

  #place(entry: MethodEntry): void {
    const mask = this.#slots.length - 1;
    let i = hash(entry.nameBytes, 0, entry.nameBytes.length) & mask;
    while (this.#slots[i] !== undefined) i = (i + 1) & mask;
    this.#slots[i] = entry;
  }
}

function sameName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

/** FNV-1a over the bytes. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h >>> 0;
}
