/**
 * What a connection needs of a method to read and write its messages, looked up once and kept.
 *
 * @module
 */
import type { MethodSchema } from "../../lib/schema/service.ts";
import type { MessagePayload, MethodCodec } from "./payload.ts";

/** A method bound to a payload. */
export interface Binding extends MethodCodec {
  /** The method. */
  readonly method: MethodSchema;
  /** Its name as UTF-8. */
  readonly name: Uint8Array;
  /** Keys of its struct arguments: they have no zero value, so that a call without one cannot be run. */
  readonly structKeys: readonly string[];
  /** Keys of the exceptions it declares. */
  readonly exceptionKeys: readonly string[];
  /** True if it gives nothing back. */
  readonly isVoid: boolean;
}

/** The bindings of one payload, made when first asked for. */
export class Bindings {
  /** The payload. */
  readonly payload: MessagePayload;
  readonly #byMethod = new Map<MethodSchema, Binding>();
  #last: Binding | undefined;

  /** Binds methods to `payload`. */
  constructor(payload: MessagePayload) {
    this.payload = payload;
  }

  /** The binding of a method. Throws an `RpcError` of kind `"invalid"` if the payload cannot carry it. */
  of(method: MethodSchema): Binding {
    if (this.#last?.method === method) return this.#last;
    let binding = this.#byMethod.get(method);
    if (binding === undefined) this.#byMethod.set(method, binding = this.#bind(method));
    return this.#last = binding;
  }

  #bind(method: MethodSchema): Binding {
    const { args, result } = this.payload.bind(method);
    return {
      method,
      name: new TextEncoder().encode(method.name),
      args,
      result,
      structKeys: method.args.fields.filter((field) => field.type.kind === "struct").map((field) => field.key),
      exceptionKeys: method.result.fields.filter((field) => field.id !== 0).map((field) => field.key),
      isVoid: !method.result.fields.some((field) => field.id === 0),
    };
  }
}
