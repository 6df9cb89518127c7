/**
 * The methods that requests name by their paths.
 *
 * @module
 */
import type { MethodEntry, MethodTable } from "../../lib/rpc/method_table.ts";
import type { MessageLimits } from "../protobuf/limits.ts";
import type { ProtobufMethod } from "../protobuf/service.ts";
import { type Codec, type CodecName, codecOf } from "./codec.ts";

/** A method that is served. */
export interface Route {
  /** What runs. */
  readonly entry: MethodEntry;
  /** The method. */
  readonly method: ProtobufMethod;
  /** True if a GET may call it: it only reads. */
  readonly safe: boolean;
  /** How its messages are read and written. */
  readonly codecs: Readonly<Record<CodecName, { readonly request: Codec; readonly response: Codec }>>;
}

/** `NO_SIDE_EFFECTS` of `idempotency_level`. */
const NO_SIDE_EFFECTS = 1;

/** Finds methods; remembers those that are served, so their number is bounded. */
export class Routes {
  readonly #methods: MethodTable;
  readonly #limits: MessageLimits;
  readonly #known = new Map<string, Route>();

  /** Finds them in `methods`; `limits` are those on their messages. */
  constructor(methods: MethodTable, limits: MessageLimits) {
    this.#methods = methods;
    this.#limits = limits;
  }

  /** The method at `/package.Service/Method`; `undefined` if it is not served. */
  find(path: string): Route | undefined {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const [, service = "", name = ""] = /^\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const entry = this.#methods.findIn(service, name, "protobuf");
    if (entry === undefined) return undefined;
    const method = entry.method as ProtobufMethod;
    const codecs = (codec: CodecName): { request: Codec; response: Codec } => ({
      request: codecOf(method.input, codec, this.#limits),
      response: codecOf(method.output, codec, this.#limits),
    });
    const safe = method.streaming === "unary" && method.desc.idempotency === NO_SIDE_EFFECTS;
    const route = { entry, method, safe, codecs: { proto: codecs("proto"), json: codecs("json") } };
    this.#known.set(path, route);
    return route;
  }
}
