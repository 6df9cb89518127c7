/**
 * Compares services: the methods they have, also from their bases.
 *
 * @module
 */
import type { Def, MethodDef, ServiceDef } from "../model.ts";
import { nearest } from "../suggest.ts";
import { type FieldComparer, NOTHING_RESERVED } from "./compare_fields.ts";
import type { Matches } from "./matches.ts";
import type { BreakingReport, Place } from "./report.ts";

/** A method and the service that defines it. */
interface Owned {
  readonly owner: ServiceDef;
  readonly method: MethodDef;
}

/** Compares a service with its new version. */
export function compareServices(
  old: ServiceDef,
  now: ServiceDef,
  matches: Matches,
  fields: FieldComparer,
  report: BreakingReport,
): void {
  const before: Place = { module: old.module, at: old.node.name };
  const after: Place = { module: now.module, at: now.node.name };
  const base = old.base && matches.definition(old.base);
  if (old.base !== undefined && base !== now.base) {
    const message = `${now.name} extends ${now.base?.name ?? "nothing"}, which was ${old.base.name}`;
    report.add("service-base-changed", old.name, before, after, message);
  }
  fields.compareBindings(old.name, old.node.annotations, before, now.node.annotations, after);
  const newMethods = methodsOf(now);
  const oldMethods = methodsOf(old);
  const chain = new Set<Def | undefined>(chainOf(now));
  for (const [name, { owner, method }] of oldMethods) {
    const other = newMethods.get(name);
    const newOwner = matches.definition(owner);
    // what an inherited method lost is reported where it is defined, if that is still a base
    if (owner !== old && chain.has(newOwner)) continue;
    const subject = `${old.name}.${name}`;
    const place: Place = { module: owner.module, at: method.node.name };
    if (other !== undefined) {
      compareMethods(subject, { owner, method }, other, fields, report);
      continue;
    }
    const suggestion = nearest(name, [...newMethods.keys()].filter((each) => !oldMethods.has(each)));
    const renamed = suggestion === undefined ? undefined : `${suggestion} Calls go by the old name`;
    report.add("method-removed", subject, place, undefined, `${old.name} has no method ${name} any more`, renamed);
  }
}

function compareMethods(subject: string, old: Owned, now: Owned, fields: FieldComparer, report: BreakingReport): void {
  const [a, b] = [old.method, now.method];
  const before: Place = { module: old.owner.module, at: a.node.name };
  const after: Place = { module: now.owner.module, at: b.node.name };
  if (a.oneway !== b.oneway) {
    report.add(
      "oneway-changed",
      subject,
      before,
      after,
      b.oneway ? `${b.name} is oneway now` : `${b.name} is no longer oneway`,
    );
  }
  if (a.streaming !== b.streaming) {
    const message = `streaming of ${b.name} is ${b.streaming}, which was ${a.streaming}`;
    report.add("streaming-changed", subject, before, after, message);
  }
  if (a.returns !== undefined && b.returns !== undefined) {
    fields.compareTypes(
      subject,
      a.returns,
      { module: before.module, at: a.node.returns ?? a.node.name },
      b.returns,
      { module: after.module, at: b.node.returns ?? b.node.name },
    );
  } else if (a.oneway === b.oneway && (a.returns === undefined) !== (b.returns === undefined)) {
    const message = b.returns === undefined ? `${b.name} returns nothing now` : `${b.name} returns a value now`;
    report.add("result-void-changed", subject, before, after, message);
  }
  fields.compareBindings(subject, a.node.annotations, before, b.node.annotations, after);
  for (const kind of ["args", "throws"] as const) {
    fields.compareLists(
      { subject, kind, reserved: NOTHING_RESERVED },
      { module: before.module, fields: a[kind] },
      { module: after.module, fields: b[kind] },
    );
  }
}

/** All methods by name, those of the bases among them. */
function methodsOf(service: ServiceDef): Map<string, Owned> {
  const methods = new Map<string, Owned>();
  for (const owner of chainOf(service)) {
    for (const method of owner.methods) if (!methods.has(method.name)) methods.set(method.name, { owner, method });
  }
  return methods;
}

/** A service and its bases. */
function chainOf(service: ServiceDef): ServiceDef[] {
  const chain: ServiceDef[] = [];
  for (let each: ServiceDef | undefined = service; each !== undefined; each = each.base) chain.push(each);
  return chain;
}
