/**
 * Details of a `google.rpc.Status` as messages of Protocol Buffers.
 *
 * @module
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { RpcError } from "../../lib/errors.ts";
import { readStatusDetails, type StatusDetail, writeStatus } from "./rpc_status.ts";

/** A detail to be sent: a message and what describes it. */
export interface OutgoingDetail<Desc extends DescMessage = DescMessage> {
  /** Its description, as generated code has it: `BadRequestSchema`. */
  readonly desc: Desc;
  /** The message, or what it is made from. */
  readonly value: MessageInitShape<Desc>;
}

/** A `google.rpc.Status` with details as bytes. Throws what protobuf-es throws for a value that does not fit. */
export function packStatus(code: number, message: string, details: readonly OutgoingDetail[]): Uint8Array {
  const packed = details.map(({ desc, value }) => ({
    type: desc.typeName,
    value: toBinary(desc, create(desc, value)),
  }));
  return writeStatus(code, message, packed);
}

/**
 * The details of one type that an error carries, in their order; none if it is no error of gRPC's or has none. The type is a message's
 * description of generated code. Those that cannot be read are left out.
 */
export function findDetails<Desc extends DescMessage>(error: unknown, desc: Desc): MessageShape<Desc>[] {
  return detailsIn(error).flatMap(({ type, value }) => type === desc.typeName ? read(desc, value) : []);
}

/** All details that an error carries and whose types `registry` knows, in their order; those that cannot be read are left out. */
export function detailsOf(error: unknown, registry: Registry): Message[] {
  return detailsIn(error).flatMap(({ type, value }) => {
    const desc = registry.getMessage(type);
    return desc === undefined ? [] : read(desc, value);
  });
}

/** What a `GrpcError` has in `details`: a `google.rpc.Status`. */
function detailsIn(error: unknown): StatusDetail[] {
  const { details } = error instanceof RpcError ? error as RpcError & { readonly details?: unknown } : {};
  return details instanceof Uint8Array ? readStatusDetails(details) : [];
}

function read<Desc extends DescMessage>(desc: Desc, bytes: Uint8Array): MessageShape<Desc>[] {
  try {
    return [fromBinary(desc, bytes)];
  } catch {
    return []; // the status itself is worth more than what was to explain it
  }
}
