/**
 * Services whose arguments and answers stay bytes, for proxies: Kitex's binary generic calls (BinaryThriftV2).
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { MethodSchema, ServiceSchema } from "../../lib/schema/service.ts";
import type { FieldSchema, StructSchema } from "../../lib/schema/types.ts";
import type { CustomStruct } from "../thrift/custom_struct.ts";

/** A method of a raw client: takes the bytes of the arguments' struct, then `CallOptions`; gives those of the outcome's. */
export type RawMethod = (args: Uint8Array, options?: unknown) => Promise<Uint8Array>;

/** A method of a raw server: takes the bytes of the arguments' struct and the call's context; gives those of the outcome's. */
export type RawHandler = {
  /** The context may be declared as what it is. */
  handle(args: Uint8Array, context: unknown): Uint8Array | Promise<Uint8Array>;
}["handle"];

/** What `rawService` makes of a service. */
export type RawService<Name extends string = string> = ServiceSchema<
  Record<Name, RawHandler>,
  Record<Name, RawMethod>
>;

/** What `rawService` needs to know of a method. */
export type RawMethodInit = Pick<MethodSchema, "name" | "oneway">;

/**
 * A service with the structs of arguments and outcomes as bytes, declared exceptions among them: what one side sent is
 * handed on unread, only its end is looked for. The bytes are those of the connection's payload, `00` for an empty
 * struct in Binary; proxies must use the same on both sides. Methods that stream are left out.
 */
export function rawService<Name extends string = string>(
  service: Pick<ServiceSchema, "name"> & { readonly methods: readonly (RawMethodInit & Partial<MethodSchema>)[] },
): RawService<Name> {
  return {
    name: service.name,
    payload: "thrift",
    methods: service.methods.filter(({ streaming = "unary" }) => streaming === "unary").map(rawMethod),
  };
}

function rawMethod({ name, key = name, oneway }: RawMethodInit & Partial<MethodSchema>): MethodSchema {
  return {
    name,
    key,
    oneway,
    streaming: "unary",
    args: rawStruct(`${name}_args`, "args", 1),
    result: rawStruct(`${name}_result`, "success", 0),
  };
}

/** A struct that is held as an object with its bytes. */
function rawStruct(name: string, key: string, id: number): StructSchema<Record<string, unknown>> {
  const field: FieldSchema = { id, name: key, key, type: { kind: "binary" }, requiredness: "default" };
  const struct: CustomStruct<Record<string, unknown>> = {
    kind: "struct",
    name,
    fields: [field],
    codecFor: (payload) => ({
      encode(w, value) {
        const bytes = value[key];
        if (!(bytes instanceof Uint8Array)) throw new RpcError("invalid", `${name}: expected the bytes of a struct`);
        w.reserve(bytes.length);
        w.bytes.set(bytes, w.pos);
        w.pos += bytes.length;
      },
      decode(r) {
        const start = r.pos;
        payload.skipStruct(r);
        return { [key]: r.bytes.slice(start, r.pos) };
      },
    }),
  };
  return struct;
}
