/**
 * Services: what they extend, their methods, and which sides of a method stream.
 *
 * @module
 */
import type { FunctionNode } from "./ast.ts";
import { defineFields } from "./define_fields.ts";
import { type Diagnostics, place } from "./diagnostics.ts";
import { walk } from "./graph.ts";
import { annotationsOf, type MethodDef, type Module, plainType, type Program, type ServiceDef } from "./model.ts";
import { findDefinition } from "./references.ts";
import { resolveType } from "./resolve_types.ts";
import { nearest } from "./suggest.ts";
import type { Streaming } from "../lib/schema/service.ts";

/** Fills in bases and methods of all services of a program. */
export function defineServices(program: Program, diagnostics: Diagnostics): void {
  const services = program.modules.flatMap((module) => module.definitions.filter((def) => def.kind === "service"));
  for (const service of services) service.base = findBase(service, diagnostics);
  const { order, cycles } = walk(services, (service) => service.base === undefined ? [] : [service.base]);
  for (const cycle of cycles) {
    const [first] = cycle;
    if (first === undefined) continue;
    const names = [...cycle, first].map((service) => service.name).join(" -> ");
    const at = first.node.base ?? first.node.name;
    diagnostics.error("UT5003", first.module.document.source, at, `service extends itself: ${names}`);
    for (const service of cycle) service.base = undefined;
  }
  for (const service of order) defineMethods(service, diagnostics);
}

function findBase(service: ServiceDef, diagnostics: Diagnostics): ServiceDef | undefined {
  const { module, node } = service;
  if (node.base === undefined) return undefined;
  const def = findDefinition(module, node.base, diagnostics);
  if (def?.kind === "service") return def;
  const { source } = module.document;
  if (def !== undefined) {
    diagnostics.error("UT5002", source, node.base, `${node.base.text} is a ${def.kind}, not a service`, {
      related: [place(def.module.document.source, def.node.name, "defined here")],
    });
  } else {
    const known = module.definitions.filter((other) => other.kind === "service" && other !== service);
    const included = module.includes.flatMap(({ prefix, module: { definitions } }) =>
      definitions.filter((other) => other.kind === "service").map((other) => `${prefix}.${other.name}`)
    );
    diagnostics.error("UT5002", source, node.base, `service ${node.base.text} is not defined`, {
      suggestion: diagnostics.suggesting
        ? nearest(node.base.text, [...known.map((other) => other.name), ...included])
        : undefined,
    });
  }
  return undefined;
}

/** Adds a service's own methods; those of its base are there already. */
function defineMethods(service: ServiceDef, diagnostics: Diagnostics): void {
  const { source } = service.module.document;
  const own = new Map<string, FunctionNode>();
  for (const node of service.node.functions) {
    const name = node.name.text;
    const first = own.get(name);
    const inherited = first === undefined ? findInherited(service, name) : undefined;
    if (first !== undefined) {
      diagnostics.error("UT5001", source, node.name, `${service.name}.${name} is defined twice`, {
        related: [place(source, first.name, "first defined here")],
      });
    } else if (inherited !== undefined) {
      const { owner, method } = inherited;
      diagnostics.error("UT5001", source, node.name, `${service.name} has ${name} from ${owner.name} already`, {
        related: [place(owner.module.document.source, method.node.name, "defined here")],
      });
    }
    const method = defineMethod(service.module, service.name, node, diagnostics);
    if (first === undefined && inherited === undefined) service.methods.push(method);
    own.set(name, node);
  }
}

function findInherited(service: ServiceDef, name: string): { owner: ServiceDef; method: MethodDef } | undefined {
  for (let owner = service.base; owner !== undefined; owner = owner.base) {
    const method = owner.methods.find((candidate) => candidate.name === name);
    if (method !== undefined) return { owner, method };
  }
  return undefined;
}

function defineMethod(module: Module, service: string, node: FunctionNode, diagnostics: Diagnostics): MethodDef {
  const { source } = module.document;
  const name = node.name.text;
  const returns = node.returns && resolveType(module, node.returns, diagnostics);
  const args = defineFields(module, node.args, { kind: "args", name: `${service}.${name}` }, diagnostics);
  const throws = defineFields(
    module,
    node.throws,
    { kind: "throws", name: `throws of ${service}.${name}` },
    diagnostics,
  );
  const method: MethodDef = {
    node,
    name,
    args,
    returns,
    throws,
    oneway: node.oneway !== undefined,
    streaming: streamingOf(module, node, diagnostics),
  };
  if (method.oneway && node.returns !== undefined) {
    diagnostics.error("UT5004", source, node.returns, `${name} is oneway, so it returns void`);
  }
  const [thrown] = node.throws;
  if (method.oneway && thrown !== undefined) {
    diagnostics.error("UT5005", source, thrown, `${name} is oneway, so nobody would see what it throws`);
  }
  if (method.streaming !== "unary") checkStreaming(module, method, diagnostics);
  return method;
}

const STREAMING_MODES: ReadonlyMap<string, Streaming> = new Map([
  ["unary", "unary"],
  ["client", "client"],
  ["server", "server"],
  ["bidirectional", "bidi"],
]);

function streamingOf(module: Module, node: FunctionNode, diagnostics: Diagnostics): Streaming {
  const { source } = module.document;
  const [value, second] = annotationsOf(node.annotations).get("streaming.mode") ?? [];
  if (value === undefined) return "unary";
  const nodes = node.annotations.filter((annotation) => annotation.key.text === "streaming.mode");
  const at = nodes[second === undefined ? 0 : 1] ?? node.name;
  const mode = STREAMING_MODES.get(value);
  if (second !== undefined) {
    diagnostics.error("UT5008", source, at, `${node.name.text} has two values of streaming.mode`);
  } else if (mode === undefined) {
    diagnostics.error("UT5008", source, at, `streaming.mode cannot be ${JSON.stringify(value)}`, {
      suggestion: nearest(value, STREAMING_MODES.keys()) ?? `use ${[...STREAMING_MODES.keys()].join(", ")}`,
    });
  }
  return mode ?? "unary";
}

function checkStreaming(module: Module, method: MethodDef, diagnostics: Diagnostics): void {
  const { source } = module.document;
  const { node, name } = method;
  const report = (at: { start: number; end: number }, message: string): void =>
    diagnostics.error("UT5008", source, at, message);
  if (node.oneway !== undefined) report(node.oneway, `${name} streams, so it cannot be oneway`);
  if (node.args.length !== 1) {
    report(node.name, `${name} streams, so it has exactly 1 argument, not ${node.args.length}`);
  }
  const [arg] = method.args;
  if (arg !== undefined && !isMessage(arg.type)) report(arg.node.type, `${name} streams, so its argument is a struct`);
  if (node.returns === undefined) report(node.name, `${name} streams, so it returns a struct`);
  else if (method.returns !== undefined && !isMessage(method.returns)) {
    report(node.returns, `${name} streams, so it returns a struct`);
  }
}

function isMessage(type: MethodDef["args"][number]["type"]): boolean {
  const { kind } = plainType(type);
  return kind === "struct" || kind === "unknown";
}
