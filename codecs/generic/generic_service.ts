/**
 * Services without generated code: clients and servers whose arguments and answers are JSON.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { MethodSchema, ServiceSchema } from "../../lib/schema/service.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import type { CustomStruct } from "../thrift/custom_struct.ts";
import { GenericException } from "./generic_exception.ts";
import { GenericStructs } from "./generic_struct.ts";
import { type GenericOptions, settingsOf } from "./options.ts";

/** A method of a generic client: takes the arguments in order, then `CallOptions`; gives the answer. */
export type GenericMethod = (...values: unknown[]) => Promise<unknown>;

/** A method of a generic server: takes the arguments in order, then the call's context. */
export type GenericHandler = {
  /** A method's parameters may be declared more exactly than `unknown`. */
  handle(...values: unknown[]): unknown;
}["handle"];

/** What `genericService` makes of a service. `Name` are the names of its methods, where they are known. */
export type GenericService<Name extends string = string> = ServiceSchema<
  Record<Name, GenericHandler>,
  Record<Name, GenericMethod>
>;

/**
 * A service with JSON for arguments and answers, for `createClient` and `server.add`; see `GenericOptions` for what
 * that is. `service` is one of a `SchemaSet`, or of generated code. An answer without a value is null; an exception
 * that the IDL declares is a `GenericException`, thrown by clients, and taken from handlers (see `exceptionOf`).
 * Throws an `RpcError` of kind `"invalid"` for options that cannot be used, and for services of Protocol Buffers.
 */
export function genericService<Name extends string = string>(
  service: ServiceSchema,
  options: GenericOptions = {},
): GenericService<Name> {
  if (service.payload !== "thrift") throw new RpcError("invalid", `${service.name} is no service of Thrift`);
  const settings = settingsOf(options);
  const structs = new GenericStructs(settings);
  const nothing = settings.form === "text" ? "null" : null;
  return {
    ...(service as GenericService<Name>),
    methods: service.methods.map((method) => genericMethod(method, structs, nothing)),
  };
}

/**
 * An exception that a method of a generic service declares, to be thrown by its handler.
 * Throws an `RpcError` of kind `"invalid"` if there is none of that name.
 */
export function exceptionOf(
  service: ServiceSchema,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): GenericException {
  const declared = new Map<string, StructSchema>();
  for (const { id, type } of service.methods.flatMap((method) => method.result.fields)) {
    const schema = id !== 0 && type.kind === "struct" ? type.of() : undefined;
    if (schema?.name === name) return new GenericException(schema, fields);
    if (schema !== undefined) declared.set(schema.name, schema);
  }
  const names = declared.size === 0 ? "none" : [...declared.keys()].join(", ");
  throw new RpcError("invalid", `${service.name} declares no exception ${name}, but ${names}`);
}

function genericMethod(method: MethodSchema, structs: GenericStructs, nothing: unknown): MethodSchema {
  const hasValue = method.result.fields.some(({ id }) => id === 0);
  const result = structs.wrapper(method.result);
  return {
    ...method,
    args: structs.wrapper(method.args),
    result: hasValue ? withNothing(result, nothing) : result,
  };
}

/** An answer with neither a value nor an exception gives `nothing`. */
function withNothing(
  result: CustomStruct<Record<string, unknown>>,
  nothing: unknown,
): CustomStruct<Record<string, unknown>> {
  return {
    ...result,
    codecFor(payload) {
      const codec = result.codecFor(payload);
      return {
        encode: codec.encode,
        decode(r) {
          const outcome = codec.decode(r);
          return Object.keys(outcome).length === 0 ? { success: nothing } : outcome;
        },
      };
    },
  };
}
