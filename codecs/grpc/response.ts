/**
 * What the headers and trailers of an answer say.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { HeaderList } from "../http2/header_list.ts";
import { decodeBinary, hasMetadata, readResponseMetadata } from "./metadata.ts";
import { decodePercent } from "./percent.ts";
import { GrpcError, GrpcStatus, statusName, statusOfHttp } from "./status.ts";

/** Why headers begin no gRPC answer; `undefined` if they do. */
export function headFault(list: HeaderList): GrpcError | undefined {
  const status = list.get(":status") ?? "";
  const type = list.get("content-type") ?? "none";
  if (status === "200" && type.startsWith("application/grpc")) return undefined;
  const code = status === "200" ? GrpcStatus.UNKNOWN : statusOfHttp(Number(status));
  return new GrpcError(code, `no gRPC answer: HTTP status ${status}, content-type ${type}`, { remote: true });
}

/** The error that trailers tell of; `undefined` if the call went well. One without a message has its status's name, if `named`. */
export function outcomeOf(list: HeaderList, named = true): RpcError | undefined {
  const text = list.get("grpc-status");
  if (text === "0" && list.get("biz-status") === undefined) return undefined;
  const message = decodePercent(list.get("grpc-message") ?? "");
  const business = list.get("biz-status");
  if (business !== undefined) return businessError(business, message, list.get("biz-extra"));
  if (text === undefined || !/^\d{1,9}$/.test(text)) {
    const fault = list.get(":status") === undefined ? undefined : headFault(list);
    return fault ??
      new GrpcError(GrpcStatus.UNKNOWN, `the answer's grpc-status is ${text ?? "missing"}`, { remote: true });
  }
  const code = Number(text);
  const details = list.get("grpc-status-details-bin");
  return new GrpcError(code, message === "" && named ? statusName(code) : message, {
    remote: true,
    ...detailsOf(details),
  });
}

/** Hands an answer's metadata to the call. */
export function takeMetadata(list: HeaderList, call: Call, where: "backward" | "trailers"): void {
  list.memo ??= hasMetadata(list);
  if (list.memo === true) readResponseMetadata(list, call.meta[where]);
}

function businessError(status: string, message: string, extra: string | undefined): RpcError {
  try {
    if (!/^-?\d{1,10}$/.test(status)) throw new RpcError("protocol", "not a number");
    const pairs = extra === undefined ? undefined : stringPairs(JSON.parse(extra));
    return new RpcError("business", message, { code: Number(status), remote: true, ...(pairs && { extra: pairs }) });
  } catch (cause) {
    const text = `malformed business status ${JSON.stringify(status)} or extra ${JSON.stringify(extra)}`;
    return new GrpcError(GrpcStatus.INTERNAL, text, { cause, remote: true });
  }
}

function stringPairs(value: unknown): Record<string, string> {
  const pairs: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(value as Record<string, unknown>)) {
    if (typeof text !== "string") throw new RpcError("protocol", `extra ${key} is no text`);
    pairs[key] = text;
  }
  return { ...pairs };
}

function detailsOf(value: string | undefined): { details?: Uint8Array } {
  if (value === undefined) return {};
  try {
    return { details: decodeBinary(value) };
  } catch {
    return {}; // the status itself is worth more than what was to explain it
  }
}
