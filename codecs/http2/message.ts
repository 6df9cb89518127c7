/**
 * Rules for requests, responses and trailers as a whole. What single fields must be is found out when they are decoded.
 *
 * Spec: RFC 9113 §8.1, §8.3.
 *
 * @module
 */
import { Mark } from "./field.ts";
import type { HeaderList } from "./header_list.ts";

const METHOD = 1 << Mark.METHOD;
const SCHEME = 1 << Mark.SCHEME;
const PATH = 1 << Mark.PATH;
const AUTHORITY = 1 << Mark.AUTHORITY;
const STATUS = 1 << Mark.STATUS;
const REQUEST = METHOD | SCHEME | PATH;

/** Why `list` is no request; `undefined` if it is one. */
export function requestFault(list: HeaderList): string | undefined {
  if (list.fault !== undefined) return list.fault;
  const { seen } = list;
  if ((seen & STATUS) !== 0) return "request with :status";
  if ((seen & METHOD) === 0) return "request without :method";
  if (list.get(":method") === "CONNECT") {
    return (seen & (SCHEME | PATH | AUTHORITY)) === AUTHORITY ? undefined : "CONNECT with other than :authority";
  }
  return (seen & REQUEST) === REQUEST ? undefined : "request without :scheme or :path";
}

/** Why `list` is no response; `undefined` if it is one. */
export function responseFault(list: HeaderList): string | undefined {
  if (list.fault !== undefined) return list.fault;
  if ((list.seen & STATUS) === 0) return "response without :status";
  return (list.seen & (REQUEST | AUTHORITY)) === 0 ? undefined : "response with pseudo-header fields of a request";
}

/** Why `list` are no trailers; `undefined` if they are. */
export function trailersFault(list: HeaderList): string | undefined {
  if (list.fault !== undefined) return list.fault;
  return (list.seen & (REQUEST | AUTHORITY | STATUS)) === 0 ? undefined : "trailers with a pseudo-header field";
}

/** The status of a response, 100 to 999. */
export function statusOf(list: HeaderList): number {
  return Number(list.get(":status"));
}

/** The value of content-length; -1 if there is none. */
export function contentLength(list: HeaderList): number {
  return list.has(Mark.CONTENT_LENGTH) ? Number(list.get("content-length")) : -1;
}
