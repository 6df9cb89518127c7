/**
 * What the header of a request says, found out once for equal headers.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Clock } from "../../lib/io/clock.ts";
import { Metadata } from "../../lib/rpc/metadata.ts";
import type { MethodEntry, MethodTable } from "../../lib/rpc/method_table.ts";
import type { Handler } from "../../lib/rpc/middleware.ts";
import type { HeaderList } from "../http2/header_list.ts";
import { type Binding, type Bindings, contentTypeOf } from "./bindings.ts";
import { type Form, formOf, type Forms } from "./codecs.ts";
import type { Compressors } from "./compressors.ts";
import { hasMetadata, readRequestMetadata } from "./metadata.ts";
import { rawMethod } from "./raw.ts";
import { GrpcError, GrpcStatus } from "./status.ts";
import { decodeTimeout } from "./timeout.ts";

/** A method that is served. */
export interface Route {
  /** What runs. */
  readonly entry: MethodEntry;
  /** How its messages go. */
  readonly binding: Binding;
}

/** A request's header. Belongs to every request with the same one. */
export interface RequestHead {
  /** The method, or what answers for all that are not known; `undefined` if the request is refused, or nobody here serves it. */
  readonly route: Route | undefined;
  /** Why the request is answered at once. */
  readonly refusal: { readonly status: string; readonly error: GrpcError } | undefined;
  /** What `grpc-accept-encoding` tells a caller whose way to compress is not known. */
  readonly offers: string | undefined;
  /** The path, for whoever serves what nobody else does. */
  readonly path: string;
  /** What the answer's content-type is. */
  readonly contentType: string;
  /** Why its messages may not be what they were taken for. */
  readonly guess: string | undefined;
  /** Milliseconds that the call may take; `Infinity` if nothing was said. */
  readonly timeoutMs: number;
  /** How messages are compressed that are. */
  readonly encoding: string | undefined;
  /** What the caller can decompress, in its order. */
  readonly accepts: string | undefined;
  /** Name of the calling service. */
  readonly caller: string | undefined;
  /** Is there any metadata? */
  readonly hasMeta: boolean;
  /** The fields. */
  readonly list: HeaderList;
}

const CONTENT_TYPE = /^application\/grpc(?:$|[+;])/;
/** What an answer says again: not whatever a caller may think of, and no parameters. */
const REPLY_TYPE = /^application\/grpc(?:\+[0-9A-Za-z._+-]{1,64})?(?=\s*(?:;|$))/;
/** Paths remembered for each form: as many as there are methods, but for callers that make up packages. */
const MAX_PATHS = 10_000;
const NO_BYTES = new Uint8Array(0);

/** Reads the heads of a server's requests. */
export class RequestReader {
  readonly #methods: MethodTable;
  readonly #bindings: Bindings;
  readonly #compressors: Compressors;
  readonly #unknown: Handler | undefined;
  readonly #forms: Forms;
  /** Paths remembered for each form of messages; only those of methods that are served are. */
  readonly #paths = new Map<Form, Map<string, Route>>();

  /**
   * Finds methods in `methods`; all others are run by `unknown`, if that is given. Refuses requests that are compressed in none of
   * the ways of `compressors`.
   */
  constructor(
    methods: MethodTable,
    bindings: Bindings,
    compressors: Compressors,
    forms: Forms,
    unknown: Handler | undefined,
  ) {
    this.#methods = methods;
    this.#bindings = bindings;
    this.#compressors = compressors;
    this.#forms = forms;
    this.#unknown = unknown;
  }

  /** What the fields of a request say. */
  read(list: HeaderList): RequestHead {
    const known = list.memo;
    if (known !== undefined) return known as RequestHead;
    const head = this.#read(list);
    if (list.sealed) list.memo = head;
    return head;
  }

  #read(list: HeaderList): RequestHead {
    const contentType = list.get("content-type") ?? "";
    const name = formOf(contentType);
    const known = name === undefined ? undefined : this.#forms.find(name);
    // As grpc-go, grpc-java and Kitex do: there are callers that name what they send as they like.
    const form = known ?? this.#forms.find("proto")!;
    const path = list.get(":path") ?? "";
    const timeout = list.get("grpc-timeout");
    const timeoutMs = timeout === undefined ? Infinity : decodeTimeout(timeout);
    const head = {
      route: undefined,
      refusal: undefined,
      offers: undefined,
      path,
      contentType: REPLY_TYPE.exec(contentType)?.[0] ?? contentTypeOf(form.payload),
      guess: name !== undefined && known === undefined
        ? `${contentType} is none of ${this.#forms.names}, so it was read as proto`
        : undefined,
      timeoutMs: timeoutMs ?? Infinity,
      encoding: list.get("grpc-encoding"),
      accepts: list.get("grpc-accept-encoding"),
      caller: list.get("source-service") || undefined,
      hasMeta: hasMetadata(list),
      list,
    };
    const refuse = (status: string, code: number, message: string): RequestHead => ({
      ...head,
      refusal: { status, error: new GrpcError(code, message) },
    });
    const method = list.get(":method");
    if (method !== "POST") return refuse("405", GrpcStatus.INTERNAL, `method ${method} instead of POST`);
    if (!CONTENT_TYPE.test(contentType)) {
      return refuse(
        "415",
        GrpcStatus.INVALID_ARGUMENT,
        `invalid gRPC request content-type ${JSON.stringify(contentType)}`,
      );
    }
    if (timeoutMs === undefined) {
      return refuse("400", GrpcStatus.INTERNAL, `malformed grpc-timeout ${JSON.stringify(timeout)}`);
    }
    if (path.lastIndexOf("/") < 1) {
      return refuse("200", GrpcStatus.UNIMPLEMENTED, `malformed method name ${JSON.stringify(path)}`);
    }
    const { encoding } = head;
    if (!this.#compressors.reads(encoding)) {
      const text = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(encoding)}`;
      return { ...refuse("200", GrpcStatus.UNIMPLEMENTED, text), offers: this.#compressors.names };
    }
    let route = this.#route(path, form);
    if (route === undefined && this.#unknown !== undefined) route = rawRoute(path, head.contentType, this.#unknown);
    return { ...head, route };
  }

  #route(path: string, form: Form): Route | undefined {
    let paths = this.#paths.get(form);
    if (paths === undefined) this.#paths.set(form, paths = new Map());
    const known = paths.get(path);
    if (known !== undefined) return known;
    const { payload, codec } = form;
    const { service, method } = splitPath(path);
    // Kitex finds services without their package.
    const entry = this.#methods.findIn(service, method, payload) ??
      this.#methods.findIn(service.slice(service.lastIndexOf(".") + 1), method, payload);
    if (entry === undefined) return undefined;
    const route = { entry, binding: this.#bindings.of(entry.service, entry.method, codec) };
    if (paths.size >= MAX_PATHS) paths.clear();
    paths.set(path, route);
    return route;
  }

  /** The error of a request that nobody serves. */
  unserved(head: RequestHead): GrpcError {
    const { service, method } = splitPath(head.path);
    const { payload } = this.#forms.find(formOf(head.contentType) ?? "proto") ?? this.#forms.find("proto")!;
    const text = this.#methods.has(service, payload)
      ? `unknown method ${method} for service ${service}`
      : `unknown service ${service}`;
    return new GrpcError(GrpcStatus.UNIMPLEMENTED, text);
  }
}

/** Does a request say that it is gRPC? */
export function isGrpc(list: HeaderList): boolean {
  return CONTENT_TYPE.test(list.get("content-type") ?? "");
}

/** Why a message cannot be read: said of one whose form was guessed, too. */
export function readError(head: RequestHead, reason: unknown): RpcError {
  const error = RpcError.from(reason, "protocol");
  if (head.guess === undefined || error.kind !== "protocol") return error;
  return new RpcError("protocol", `${error.message}; ${head.guess}`, { cause: reason });
}

/** The metadata of a request; `undefined` if it has none. */
export function metadataOf(head: RequestHead): Metadata | undefined {
  if (!head.hasMeta) return undefined;
  const meta = new Metadata();
  readRequestMetadata(head.list, meta);
  return meta;
}

/** When a call that begins now must be over. */
export function deadlineOf(head: RequestHead, clock: Clock): number {
  return head.timeoutMs === Infinity ? Infinity : clock.now() + head.timeoutMs;
}

/** Made for the call: peers could make up any number of paths. */
function rawRoute(path: string, contentType: string, run: Handler): Route {
  const method = rawMethod(path, contentType);
  const { service, binding } = method;
  return { entry: { service, method, nameBytes: NO_BYTES, serviceBytes: NO_BYTES, run }, binding };
}

function splitPath(path: string): { service: string; method: string } {
  const slash = path.lastIndexOf("/");
  return { service: path.slice(path.startsWith("/") ? 1 : 0, slash), method: path.slice(slash + 1) };
}
