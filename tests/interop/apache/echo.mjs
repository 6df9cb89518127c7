/**
 * `echo.thrift` as Apache Thrift sees it: the generated code, and the transports and protocols of its library for Node.
 *
 * @module
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Apache's library. */
export const thrift = require("thrift");
/** The generated services and types. */
export const EchoService = require("../bin/apache/EchoService.js");
export const StreamService = require("../bin/apache/StreamService.js");
export const types = require("../bin/apache/echo_types.js");
/** Apache's 64-bit integers. */
export const { Int64 } = thrift;

/** Transports by the names that our protocols have. */
export const transports = { framed: thrift.TFramedTransport, buffered: thrift.TBufferedTransport };
/** Protocols by the names that our payloads have. */
export const protocols = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
};

/** An `Int64` of a bigint. */
export function toInt64(value) {
  return new Int64(BigInt.asUintN(64, value).toString(16).padStart(16, "0"));
}

/** The bigint of an `Int64`, or of a number that stands for one. */
export function toBigInt(value) {
  return value instanceof Int64 ? BigInt.asIntN(64, BigInt(`0x${value.toOctetString()}`)) : BigInt(value);
}
