/**
 * Finds the method that a command line names, among the services of an IDL.
 *
 * @module
 */
import { nearest } from "../../idl/suggest.ts";
import type { MethodSchema, ServiceSchema } from "../../lib/schema/service.ts";
import { UsageError } from "../command.ts";

/** A method and the service it is called on. */
export interface CallTarget {
  /** The service. */
  readonly service: ServiceSchema;
  /** One of its methods. */
  readonly method: MethodSchema;
}

/**
 * The method that `name` means: `Service.method` or `Service/method`, or `method` where only one service has it.
 * Throws a `UsageError` that names what there is.
 */
export function findTarget(services: readonly ServiceSchema[], name: string): CallTarget {
  const cut = Math.max(name.lastIndexOf("."), name.lastIndexOf("/"));
  const methodName = name.slice(cut + 1);
  const owners = cut < 0 ? services : [findService(services, name.slice(0, cut))];
  const found = owners.flatMap((service) =>
    service.methods.filter((method) => method.name === methodName).map((method) => ({ service, method }))
  );
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined) {
    const names = found.map(({ service }) => `${nameOf(service)}.${methodName}`).join(", ");
    throw new UsageError(`several services have a method ${methodName}: choose ${names}`);
  }
  const names = owners.flatMap(({ methods }) => methods.map((method) => method.name));
  throw new UsageError(`there is no method ${name}${hint(methodName, names, "methods")}`);
}

/** The service of a name, with its package or without. Throws a `UsageError` that names what there is. */
export function findService(services: readonly ServiceSchema[], name: string): ServiceSchema {
  const exact = services.find((service) => nameOf(service) === name);
  if (exact !== undefined) return exact;
  const [found, another] = services.filter((service) => service.name === name);
  if (found !== undefined && another === undefined) return found;
  const names = services.map(nameOf);
  if (found !== undefined) {
    throw new UsageError(`several services are called ${name}: choose one of ${names.join(", ")}`);
  }
  throw new UsageError(`there is no service ${name}${hint(name, names, "services")}`);
}

function nameOf({ fullName, name }: ServiceSchema): string {
  return fullName ?? name;
}

function hint(word: string, names: readonly string[], what: string): string {
  const suggestion = nearest(word, names);
  if (suggestion !== undefined) return `, ${suggestion}`;
  if (names.length === 0) return `: there are no ${what} at all`;
  const shown = names.slice(0, 20).join(", ");
  return `: the ${what} are ${shown}${names.length > 20 ? " ..." : ""}`;
}
