/**
 * Limits on what a server takes, or a client sends: calls a second and calls at once, in all and by service, method and caller.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Admission, CallHead, Ticket } from "../rpc/admission.ts";
import { unknownName } from "../rpc/check_methods.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";
import { AdaptiveLimit, type AdaptiveOptions } from "./adaptive_limit.ts";
import { Gate } from "./gate.ts";

/** Callers by name that are counted apart; the names come from the network. Further ones share one count. */
const MAX_CALLERS = 1_024;

/** What is limited. 0 or left out: no limit. */
export interface Limits {
  /** Calls a second, by Kitex's refill: a tenth every 100 ms; what is not used piles up to the limit. */
  readonly qps?: number | undefined;
  /** Calls that run at once. */
  readonly concurrency?: number | undefined;
}

/** Limits that can be changed while the server runs. */
export interface LimitRules extends Limits {
  /** Connections open at once; further ones are closed (Kitex's `connection_limit`). */
  readonly connections?: number | undefined;
  /** Limits of each service, by its name in the IDL. */
  readonly services?: Readonly<Record<string, Limits>> | undefined;
  /** Limits of each method, by `Service.method`. */
  readonly methods?: Readonly<Record<string, Limits>> | undefined;
  /** Limits of each caller, by the name it gives; `"*"` of each caller that is not named, by itself. */
  readonly callers?: Readonly<Record<string, Limits>> | undefined;
}

/** Options of `createLimiter`. */
export interface LimiterOptions extends LimitRules {
  /** Finds a limit on calls at once by itself, beside the fixed ones. Default: none. */
  readonly adaptive?: AdaptiveOptions | boolean | undefined;
  /**
   * Which part of the adaptive limit a call may fill, from 0 to 1: one that may fill half is refused as soon as half of the limit
   * is in use. Default 1 for all. Must not throw.
   */
  readonly priority?: ((call: CallHead) => number) | undefined;
  /** Told of each refusal (Kitex's `LimitReporter`). Must not throw. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
}

/** A call or connection that was refused. */
export interface Refusal {
  /** Which limit. */
  readonly limit: "connections" | "qps" | "concurrency" | "adaptive";
  /** Whose limit: `"server"`, `"service Echo"`, `"method Echo.echo"`, `"caller web"`. */
  readonly of: string;
  /** How high it was. */
  readonly value: number;
  /** The call; `undefined` for a connection. */
  readonly call: CallHead | undefined;
}

/** What a limiter has done so far. */
export interface LimiterStats {
  /** Calls taken in all. */
  readonly taken: number;
  /** Calls and connections refused in all, by the limit that refused them. */
  readonly refused: Readonly<Record<Refusal["limit"], number>>;
  /** Calls that run. */
  readonly running: number;
  /** The adaptive limit now; `undefined` without one. */
  readonly adaptiveLimit: number | undefined;
}

/** Makes a limiter. Throws an `RpcError` of kind `"invalid"` for a limit that is no number from 0 up. */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  return new Limiter(options);
}

/**
 * Limits for one server or client: its option `limit`. All gates that a call passes must be open, or it is refused and counts
 * in none. A refused call costs no decoding, is answered with kind `"overload"`, and its connection stays.
 */
export class Limiter implements Admission {
  readonly #options: LimiterOptions;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #server = new Gate("server");
  readonly #services = new Map<string, Gate>();
  readonly #methods = new Map<string, Gate>();
  readonly #callers = new Map<string, Gate>();
  /** Of methods that were called: the gates of server, service and method that have limits. */
  /** Weak, since methods of calls that no service has are made for the call. */
  #gates = new WeakMap<MethodSchema, readonly Gate[]>();
  readonly #refused = { connections: 0, qps: 0, concurrency: 0, adaptive: 0 };
  #connections = 0;
  #callerRules: Readonly<Record<string, Limits>> | undefined;
  #taken = 0;
  #running = 0;

  /** Made by `createLimiter`. */
  constructor(options: LimiterOptions) {
    const { adaptive = false } = options;
    this.#options = options;
    this.#adaptive = adaptive === false ? undefined : new AdaptiveLimit(adaptive === true ? {} : adaptive);
    this.update(options);
  }

  /** What it has done so far. */
  get stats(): LimiterStats {
    return {
      taken: this.#taken,
      refused: { ...this.#refused },
      running: this.#running,
      adaptiveLimit: this.#adaptive?.limit,
    };
  }

  /**
   * Other limits from now on, all of them: what is left out is not limited any more. Counts of calls that run stay; the adaptive
   * limit is not touched. Throws as `createLimiter` does, and then changes nothing. Names are looked at when a server begins to serve.
   */
  update(rules: LimitRules): void {
    checkRules(rules);
    this.#connections = rules.connections ?? 0;
    this.#server.update(rules);
    updateAll(this.#services, rules.services, "service");
    updateAll(this.#methods, rules.methods, "method");
    this.#callerRules = rules.callers;
    for (const [name, gate] of this.#callers) gate.update(this.#rulesOf(name) ?? {});
    this.#gates = new WeakMap();
  }

  serves(services: readonly ServiceSchema[]): void {
    const known = services.flatMap(({ name, methods }) => methods.map((method) => `${name}.${method.name}`));
    mustBeKnown("method", "limit methods", this.#methods, known, services);
    mustBeKnown("service", "limit services", this.#services, services.map(({ name }) => name), services);
  }

  admitConnection(open: number): RpcError | undefined {
    const value = this.#connections;
    if (value <= 0 || open <= value) return undefined;
    return this.#refuse({ limit: "connections", of: "server", value, call: undefined });
  }

  admit(head: CallHead): Ticket | RpcError {
    const gates = this.#gatesOf(head);
    const caller = this.#callerGate(head.caller);
    const now = head.clock.now();
    for (const gate of gates) {
      const limit = gate.closedBy(now);
      if (limit !== undefined) return this.#refuse({ limit, of: gate.name, value: gate.valueOf(limit), call: head });
    }
    const limit = caller?.closedBy(now);
    if (caller !== undefined && limit !== undefined) {
      return this.#refuse({ limit, of: caller.name, value: caller.valueOf(limit), call: head });
    }
    const adaptive = this.#adaptive;
    if (adaptive !== undefined && !adaptive.has(this.#options.priority?.(head) ?? 1)) {
      return this.#refuse({ limit: "adaptive", of: "server", value: adaptive.limit, call: head });
    }
    this.#taken++;
    this.#running++;
    for (const gate of gates) gate.enter();
    caller?.enter();
    adaptive?.begin();
    return new Admitted(head, gates, caller, adaptive, now, this.#leave);
  }

  readonly #leave = (): void => void this.#running--;

  #gatesOf({ service, method }: CallHead): readonly Gate[] {
    const known = this.#gates.get(method);
    if (known !== undefined) return known;
    const own = [this.#server, this.#services.get(service.name), this.#methods.get(`${service.name}.${method.name}`)];
    const gates = own.filter((gate) => gate !== undefined && gate.limited) as Gate[];
    this.#gates.set(method, gates);
    return gates;
  }

  #callerGate(name = ""): Gate | undefined {
    if (this.#callerRules === undefined) return undefined;
    const known = this.#callers.get(name);
    if (known !== undefined) return known;
    const rules = this.#rulesOf(name);
    if (rules === undefined) return undefined;
    if (this.#callers.size >= MAX_CALLERS) this.#forgetCallers();
    // Those with rules of their own are as few as the rules are: however many others come, they keep them.
    const key = Object.hasOwn(this.#callerRules, name) || this.#callers.size < MAX_CALLERS ? name : "*";
    const shared = this.#callers.get(key);
    if (shared !== undefined) return shared;
    const gate = new Gate(`caller ${key}`);
    gate.update(rules);
    this.#callers.set(key, gate);
    return gate;
  }

  #rulesOf(name: string): Limits | undefined {
    const rules = this.#callerRules ?? {};
    return Object.hasOwn(rules, name) ? rules[name] : Object.hasOwn(rules, "*") ? rules["*"] : undefined;
  }

  /** Callers without a call under way begin anew when they come again. */
  #forgetCallers(): void {
    for (const [name, gate] of this.#callers) if (gate.running === 0 && name !== "*") this.#callers.delete(name);
  }

  #refuse(refusal: Refusal): RpcError {
    this.#refused[refusal.limit]++;
    this.#options.onRefused?.(refusal);
    return new RpcError("overload", textOf(refusal), { retryable: true });
  }
}

/** A call that was taken. */
class Admitted implements Ticket {
  readonly #head: CallHead;
  readonly #gates: readonly Gate[];
  readonly #caller: Gate | undefined;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #began: number;
  readonly #leave: () => void;

  constructor(
    head: CallHead,
    gates: readonly Gate[],
    caller: Gate | undefined,
    adaptive: AdaptiveLimit | undefined,
    began: number,
    leave: () => void,
  ) {
    this.#head = head;
    this.#gates = gates;
    this.#caller = caller;
    this.#adaptive = adaptive;
    this.#began = began;
    this.#leave = leave;
  }

  ended(): void {
    this.#leave();
    for (const gate of this.#gates) gate.leave();
    this.#caller?.leave();
    if (this.#adaptive === undefined) return;
    const { clock, deadline, method } = this.#head;
    const now = clock.now();
    this.#adaptive.ended(method, this.#began, now, now > deadline);
  }
}

/** The words are Kitex's up to the colon, and for a rate all of them: its clients find them in what they get. */
function textOf({ limit, of, value }: Refusal): string {
  const what = {
    connections: "to many connections",
    qps: "request too frequent",
    concurrency: "too many calls at once",
    adaptive: "too many calls at once for the time they take",
  };
  return `request over limit: ${what[limit]} (${limit} ${value} of ${of})`;
}

function updateAll(gates: Map<string, Gate>, rules: Readonly<Record<string, Limits>> = {}, kind: string): void {
  for (const [key, gate] of gates) if (!Object.hasOwn(rules, key)) gate.update({});
  for (const [key, limits] of Object.entries(rules)) {
    let gate = gates.get(key);
    if (gate === undefined) gates.set(key, gate = new Gate(`${kind} ${key}`));
    gate.update(limits);
  }
}

/** Throws an `RpcError` of kind `"invalid"` for limits on what is not known. */
function mustBeKnown(
  what: "method" | "service",
  option: string,
  gates: ReadonlyMap<string, Gate>,
  known: readonly string[],
  services: readonly ServiceSchema[],
): void {
  for (const [name, { limited }] of gates) {
    const error = limited ? unknownName(`${option}.${name}`, what, name, known, services) : undefined;
    if (error !== undefined) throw error;
  }
}

function checkRules(rules: LimitRules): void {
  checkLimit("connections", rules.connections);
  checkLimits("", rules);
  for (const group of ["services", "methods", "callers"] as const) {
    for (const [key, limits] of Object.entries(rules[group] ?? {})) checkLimits(`${group}.${key}.`, limits);
  }
}

function checkLimits(where: string, { qps, concurrency }: Limits): void {
  checkLimit(`${where}qps`, qps);
  checkLimit(`${where}concurrency`, concurrency);
}

function checkLimit(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return;
  throw new RpcError("invalid", `limit ${name} is ${value}, not a number from 0 up`);
}
