/**
 * Messages of calls, as far as they can be read: Thrift in its three payloads, Kitex Protobuf, and those of gRPC; with the names of
 * an IDL where it has the method.
 *
 * @module
 */
import { parseJson } from "../../codecs/generic/json_text.ts";
import { genericService } from "../../codecs/generic/generic_service.ts";
import { binary } from "../../codecs/thrift/binary.ts";
import { compact } from "../../codecs/thrift/compact.ts";
import { applyLimits, DEFAULT_LIMITS } from "../../codecs/thrift/limits.ts";
import { type MessageHeader, MessageType, type Payload } from "../../codecs/thrift/payload.ts";
import { messageOfBytes, textOfMessage } from "../../codecs/protobuf/json_text.ts";
import type { ProtobufMethod } from "../../codecs/protobuf/service.ts";
import { RpcError } from "../../lib/errors.ts";
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { decodeText } from "../../lib/io/text.ts";
import type { MethodSchema, ServiceSchema } from "../../lib/schema/service.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import type { Described } from "../call/sources.ts";
import type { GrpcCall } from "./grpc.ts";
import { readProtobuf } from "./protobuf_fields.ts";
import type { Direction } from "./sniffed.ts";
import { readUntyped, showBytes } from "./untyped.ts";

/** What is known of a message. */
export interface ReadMessage {
  /** Its type, method and sequence id in a few words. */
  readonly summary: string;
  /** The same, and its body. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What is wrong with it. */
  readonly error?: string;
}

/** How messages are encoded. */
export type MessageKind = "binary" | "compact" | "json" | "protobuf";

const TYPES: ReadonlyMap<number, string> = new Map([
  [MessageType.CALL, "CALL"],
  [MessageType.REPLY, "REPLY"],
  [MessageType.EXCEPTION, "EXCEPTION"],
  [MessageType.ONEWAY, "ONEWAY"],
]);

/** Reads messages. */
export class MessageReader {
  readonly #methods = new Map<string, MethodSchema>();
  readonly #payloads: Readonly<Record<"binary" | "compact", Payload>> = { binary: binary(), compact: compact() };

  /** Methods of Protocol Buffers, by their paths and by their names. */
  readonly #protobufs = new Map<string, ProtobufMethod>();
  readonly #registry: Described["registry"];

  /** Reads with the names of these services; of two methods with one name the first counts. */
  constructor(services: readonly ServiceSchema[], registry?: Described["registry"]) {
    this.#registry = registry;
    for (const service of services) {
      if (service.payload === "protobuf") {
        this.#addProtobuf(service);
        continue;
      }
      const { methods } = genericService(service, { maps: "map", enums: "name" });
      for (const method of methods) if (!this.#methods.has(method.name)) this.#methods.set(method.name, method);
    }
  }

  /** The body of a message of gRPC, of a call if its beginning was seen. Never throws. */
  readGrpc(
    call: GrpcCall | undefined,
    from: Direction,
    bytes: Uint8Array,
  ): { readonly body?: unknown; readonly error?: string } {
    if (call?.thrift !== true) return this.#protobufBody(this.#protobufs.get(call?.path ?? ""), from, bytes);
    const schema = this.#methods.get(call.path.slice(call.path.lastIndexOf("/") + 1));
    const record = from === "client" ? schema?.args : schema?.result;
    if (schema?.streaming !== "unary") {
      const type = record?.fields.find(({ id }) => from === "client" || id === 0)?.type;
      return this.#body("binary", type?.kind === "struct" ? type.of() : undefined, this.#reader(bytes));
    }
    return this.#body("binary", record, this.#reader(bytes));
  }

  #addProtobuf(service: ServiceSchema): void {
    for (const method of service.methods as readonly ProtobufMethod[]) {
      this.#protobufs.set(`/${service.fullName ?? service.name}/${method.name}`, method);
      if (!this.#protobufs.has(method.name)) this.#protobufs.set(method.name, method);
    }
  }

  #protobufBody(
    method: ProtobufMethod | undefined,
    from: Direction,
    bytes: Uint8Array,
  ): { readonly body?: unknown; readonly error?: string } {
    const body = (): unknown => readProtobuf(bytes) ?? showBytes(bytes);
    if (method === undefined) return { body: body() };
    try {
      const desc = from === "client" ? method.input : method.output;
      return { body: parseJson(textOfMessage(desc, messageOfBytes(desc, bytes), 0, this.#registry)) };
    } catch (reason) {
      return { body: body(), error: `does not fit the IDL: ${RpcError.from(reason).message}` };
    }
  }

  /** Reads the message that fills `bytes`. Never throws. */
  read(kind: MessageKind, bytes: Uint8Array): ReadMessage {
    try {
      if (kind === "json") return this.#json(bytes);
      return kind === "protobuf" ? this.#protobuf(bytes) : this.#thrift(kind, bytes);
    } catch (reason) {
      return { summary: `${kind} message that cannot be read`, details: {}, error: RpcError.from(reason).message };
    }
  }

  /** The body of a stream's message: one struct of Thrift Binary, without an envelope. Never throws. */
  readStruct(method: string, from: Direction, bytes: Uint8Array): { readonly body?: unknown; readonly error?: string } {
    const schema = this.#methods.get(method);
    const fields = from === "client" ? schema?.args.fields : schema?.result.fields.filter(({ id }) => id === 0);
    const type = fields?.[0]?.type;
    return this.#body("binary", type?.kind === "struct" ? type.of() : undefined, this.#reader(bytes));
  }

  #thrift(kind: "binary" | "compact", bytes: Uint8Array): ReadMessage {
    const r = this.#reader(bytes);
    const header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
    this.#payloads[kind].readMessageBegin(r, header);
    const method = decodeText(bytes, header.nameStart, header.nameEnd);
    const schema = this.#methods.get(method);
    const struct = header.type === MessageType.REPLY
      ? schema?.result
      : header.type === MessageType.EXCEPTION
      ? undefined
      : schema?.args;
    return message(kind, header.type, method, header.seqid, this.#body(kind, struct, r));
  }

  #json(bytes: Uint8Array): ReadMessage {
    const parts = parseJson(decodeText(bytes));
    const [, method, type, seqid, body] = Array.isArray(parts) ? parts : [];
    if (typeof method !== "string" || typeof type !== "number" || typeof seqid !== "number") {
      throw new RpcError("protocol", "JSON that is no message of Thrift");
    }
    return message("json", type, method, seqid, { body });
  }

  #protobuf(bytes: Uint8Array): ReadMessage {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const nameLength = bytes.length < 12 ? -1 : view.getInt32(4);
    if (nameLength < 0 || nameLength > bytes.length - 12) {
      throw new RpcError("protocol", `method name of ${nameLength} bytes does not fit a message of ${bytes.length}`);
    }
    const method = decodeText(bytes, 8, 8 + nameLength);
    const rest = bytes.subarray(12 + nameLength);
    const type = view.getUint16(2);
    const known = type === MessageType.EXCEPTION ? undefined : this.#protobufs.get(method);
    const body = this.#protobufBody(known, type === MessageType.REPLY ? "server" : "client", rest);
    return message("protobuf", type, method, view.getInt32(8 + nameLength), body);
  }

  #reader(bytes: Uint8Array): ReadBuffer {
    const r = new ReadBuffer();
    applyLimits(r, DEFAULT_LIMITS);
    return r.reset(bytes);
  }

  #body(
    kind: "binary" | "compact",
    schema: StructSchema | undefined,
    r: ReadBuffer,
  ): { readonly body?: unknown; readonly error?: string } {
    const start = r.pos;
    let misfit: string | undefined;
    if (schema !== undefined) {
      try {
        return { body: plain(this.#payloads[kind].codec(schema).decode(r)) };
      } catch (reason) {
        misfit = `does not fit the IDL: ${RpcError.from(reason).message}`;
        r.pos = start;
      }
    }
    try {
      return { body: readUntyped(r, kind), ...(misfit === undefined ? {} : { error: misfit }) };
    } catch (reason) {
      return { error: `body: ${RpcError.from(reason).message}` };
    }
  }
}

function message(
  payload: MessageKind,
  type: number,
  method: string,
  seqid: number,
  { body, error }: { readonly body?: unknown; readonly error?: string },
): ReadMessage {
  const name = TYPES.get(type) ?? `message type ${type}`;
  return {
    summary: `${name} ${method} seq ${seqid}`,
    details: { payload, type: name, method, seqid, ...(body === undefined ? {} : { body }) },
    ...(error === undefined ? {} : { error }),
  };
}

/** Exceptions of the IDL as what they hold. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, part instanceof Error && "fields" in part ? part.fields : part]),
  );
}
