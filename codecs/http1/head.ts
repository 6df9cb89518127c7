/**
 * The head of a request: its line and its fields.
 *
 * It is strict where leniency makes two readers see two requests: lines end with CR LF and nothing else, fields are not
 * folded, no white space stands before a colon, and content has one length.
 *
 * Spec: RFC 9112 §2 to §6.
 *
 * @module
 */
import { FieldList } from "../../lib/http/fields.ts";
import { HttpFault } from "./fault.ts";
import type { Http1Limits } from "./options.ts";

/** How content is delimited: by its length, or in chunks. */
export type Framing = number | "chunked";

/** The head of a request. */
export interface RequestHead {
  /** As it was sent; methods are case-sensitive. */
  readonly method: string;
  /** Path and query; `*` for a request to the server as a whole. */
  readonly path: string;
  /** The host and port it is for. */
  readonly authority: string;
  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  readonly minor: 0 | 1;
  /** The fields. */
  readonly fields: FieldList;
  /** How its content is delimited; 0 if it has none. */
  readonly framing: Framing;
  /** True if the connection may carry another request afterwards. */
  readonly keepAlive: boolean;
  /** True if the client waits for `100 Continue` before it sends the content. */
  readonly expectsContinue: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/(\d)\.(\d)$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex -- these are what a value may not have
const BAD_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;
const HOST = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/;

/** Looks for the end of lines that an empty one ends, without looking at anything twice. */
export class HeadScanner {
  readonly #limits: Http1Limits;
  readonly #first: boolean;
  /** Relative to where the head begins. */
  #seen = 0;
  #line = 0;
  #lines = 0;

  /** `first`: the first line is a request's. */
  constructor(limits: Http1Limits, first: boolean) {
    this.#limits = limits;
    this.#first = first;
  }

  /** True if nothing of a head has come. */
  get empty(): boolean {
    return this.#seen === 0;
  }

  /** Where the head that begins at `start` ends, its empty line included; -1 if that has not come. Throws an `HttpFault`. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    const { maxHeadBytes, maxLineBytes, maxFields } = this.#limits;
    for (;;) {
      const at = bytes.indexOf(LF, start + this.#seen);
      const found = at >= 0 && at < end;
      this.#seen = found ? at + 1 - start : end - start;
      if (this.#first && this.#lines === 0 && this.#seen - this.#line > maxLineBytes) {
        throw new HttpFault(414, `request line of more than ${maxLineBytes} bytes`);
      }
      if (this.#seen > maxHeadBytes) throw new HttpFault(431, `header of more than ${maxHeadBytes} bytes`);
      if (!found) return -1;
      if (at === start || bytes[at - 1] !== CR) throw new HttpFault(400, "a line ends without CR");
      const length = this.#seen - this.#line - 2;
      this.#line = this.#seen;
      if (length === 0) {
        if (!this.#first || this.#lines > 0) return at + 1;
        throw new HttpFault(400, "empty line instead of a request");
      }
      if (++this.#lines > maxFields + (this.#first ? 1 : 0)) {
        throw new HttpFault(431, `header of more than ${maxFields} fields`);
      }
    }
  }
}

/** Reads the head in `bytes` from `start` to `end`, which `HeadScanner` has found. Throws an `HttpFault`. */
export function readHead(bytes: Uint8Array, start: number, end: number, limits: Http1Limits): RequestHead {
  const [line = "", ...lines] = textOf(bytes, start, end - 4).split("\r\n");
  const parts = LINE.exec(line);
  if (parts === null) throw new HttpFault(400, "malformed request line");
  const [, method = "", target = "", major, minor] = parts;
  if (major !== "1") throw new HttpFault(505, `HTTP/${major}.${minor} is not served here`);
  const fields = readFields(lines);
  const modern = minor !== "0";
  const hosts = fields.getAll("host");
  if (hosts.length > 1 || (modern && hosts.length === 0)) throw new HttpFault(400, `${hosts.length} host fields`);
  const { path, authority } = targetOf(method, target, hosts[0] ?? "");
  const framing = framingOf(fields, modern);
  if (framing !== "chunked" && framing > limits.maxBodyBytes) {
    throw new HttpFault(413, `content of ${framing} bytes exceeds ${limits.maxBodyBytes}`);
  }
  const expected = fields.get("expect");
  if (expected !== undefined && expected.toLowerCase() !== "100-continue") {
    throw new HttpFault(417, "unknown expectation");
  }
  const options = fields.getAll("connection").join(",").toLowerCase().split(",").map((option) => option.trim());
  return {
    method,
    path,
    authority,
    minor: modern ? 1 : 0,
    fields,
    framing,
    keepAlive: modern ? !options.includes("close") : options.includes("keep-alive") && !options.includes("close"),
    expectsContinue: expected !== undefined && modern,
  };
}

/** Reads trailers, which `HeadScanner` has found; those that would change how the message is read are refused. */
export function readTrailers(bytes: Uint8Array, start: number, end: number): FieldList {
  const fields = readFields(end - start <= 2 ? [] : textOf(bytes, start, end - 4).split("\r\n"));
  for (const name of ["content-length", "transfer-encoding", "host"]) {
    if (fields.get(name) !== undefined) throw new HttpFault(400, `${name} in trailers`);
  }
  return fields;
}

function readFields(lines: readonly string[]): FieldList {
  const fields = new FieldList();
  for (const line of lines) {
    if (line.startsWith(" ") || line.startsWith("\t")) throw new HttpFault(400, "a field is folded");
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!NAME.test(name)) throw new HttpFault(400, "malformed field name");
    const value = trimmed(line, colon + 1);
    if (BAD_VALUE.test(value)) throw new HttpFault(400, `control character in field ${name.toLowerCase()}`);
    fields.add(name.toLowerCase(), value);
  }
  return fields;
}

function framingOf(fields: FieldList, modern: boolean): Framing {
  const lengths = fields.getAll("content-length");
  const codings = fields.getAll("transfer-encoding");
  if (codings.length > 0) {
    if (lengths.length > 0) throw new HttpFault(400, "both content-length and transfer-encoding");
    if (!modern) throw new HttpFault(400, "transfer-encoding in HTTP/1.0");
    if (codings.length > 1) throw new HttpFault(400, `${codings.length} transfer-encoding fields`);
    if (codings[0]!.toLowerCase() !== "chunked") throw new HttpFault(501, "transfer coding other than chunked");
    return "chunked";
  }
  if (lengths.length === 0) return 0;
  if (lengths.length > 1) throw new HttpFault(400, `${lengths.length} content-length fields`);
  if (!/^\d{1,15}$/.test(lengths[0]!)) throw new HttpFault(400, "malformed content-length");
  return Number(lengths[0]);
}

function targetOf(method: string, target: string, host: string): { path: string; authority: string } {
  if (method === "CONNECT") throw new HttpFault(501, "CONNECT is for proxies");
  if (!HOST.test(host)) throw new HttpFault(400, "malformed host");
  if (/^\/[^#]*$/.test(target) || (target === "*" && method === "OPTIONS")) return { path: target, authority: host };
  const absolute = /^https?:\/\/([^/?#@]+)([/?][^#]*)?$/i.exec(target);
  if (absolute === null || !HOST.test(absolute[1]!)) throw new HttpFault(400, "malformed request target");
  const path = absolute[2] ?? "/";
  return { path: path.startsWith("?") ? `/${path}` : path, authority: absolute[1]! };
}

/** The line from `from` on without blanks at its ends. */
function trimmed(line: string, from: number): string {
  let end = line.length;
  while (from < end && isBlank(line.charCodeAt(from))) from++;
  while (end > from && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(from, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** One char for each octet. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + 4096, end)));
  }
  return text;
}
