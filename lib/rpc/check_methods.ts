/**
 * Options by method: a name that no service has would have no effect without a word.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { nearestName } from "../schema/nearest_name.ts";
import type { ServiceSchema } from "../schema/service.ts";

/** What stands for all methods that are not named. */
const OTHERS = "*";

/**
 * Throws an `RpcError` of kind `"invalid"` if one of the names in `option` is of no method of `services`. Of services whose methods are
 * named with each call, any may be.
 */
export function checkMethods(option: string, names: Iterable<string>, services: readonly ServiceSchema[]): void {
  for (const name of names) {
    const error = unknownMethod(option, name, services);
    if (error !== undefined) throw error;
  }
}

/** The error of a name in `option` that is of no method of `services`; `undefined` for one that is, and for `"*"`. */
export function unknownMethod(option: string, name: string, services: readonly ServiceSchema[]): RpcError | undefined {
  if (name === OTHERS || services.some(({ functions }) => functions !== undefined)) return undefined;
  const known = services.flatMap(({ methods }) => methods.map((method) => method.name));
  return unknownName(`${option}.${name}`, "method", name, known, services);
}

/** The error of a name at `path` that is none of those known of `services`; `undefined` for one that is. */
export function unknownName(
  path: string,
  what: "method" | "service",
  name: string,
  known: readonly string[],
  services: readonly ServiceSchema[],
): RpcError | undefined {
  if (known.includes(name)) return undefined;
  const owners = services.map((service) => service.name).join(", ");
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : `, did you mean ${near}?`;
  return new RpcError("invalid", `${path}: no such ${what} in ${owners || "a server without services"}${hint}`);
}
