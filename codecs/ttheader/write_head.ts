/**
 * The headers of frames: of calls, most of which differ in a sequence number only, and of answers.
 *
 * @module
 */
import { turnNow } from "../../lib/io/clock.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { Binding } from "../message/bindings.ts";
import type { ReplyHead } from "../message/framing.ts";
import { MessageType } from "../message/payload.ts";
import { beginFrame, endHeader } from "./frame.ts";
import { encodeInfo, InfoId, putDecimal, putU16 } from "./info.ts";
import { IntKey, ProtocolId, StrKey } from "./keys.ts";
import { openingStrings, withStatus } from "./stream/stream_headers.ts";

/** Stands for a checksum until the payload is there. */
const NO_SUM = "00000000";
/** Bytes from the first of the info blocks to the digits of the checksum, which is the first pair: id, count, key, length. */
const SUM_OFFSET = 1 + 2 + 2 + StrKey.CRC32C.length + 2;
/** Bytes of a frame before its info blocks. */
const INFO_OFFSET = 16;

/** What an answer says by itself: pairs that came with another answer and are handed on must not say it. */
const OWN_KEYS: ReadonlySet<string> = new Set<string>([
  StrKey.CRC32C,
  StrKey.CONN_READY_TO_RESET,
  StrKey.BIZ_STATUS,
  StrKey.BIZ_MESSAGE,
  StrKey.BIZ_EXTRA,
]);

/** The info blocks of a method's calls that carry nothing of their own. */
interface Template {
  readonly caller: string | undefined;
  readonly destService: string;
  readonly connectTimeoutMs: number | undefined;
  readonly bytes: Uint8Array;
  /** Where the count of the integer block is: one more with a timeout. */
  readonly countAt: number;
}

/** What does not change from call to call. */
export interface CallHeadOptions {
  /** `"framed"` or `"unframed"`. */
  readonly transportType: string;
  /** True to leave room for a checksum. */
  readonly checksum: boolean;
}

/** Writes the headers of calls. */
export class CallHeads {
  readonly #options: CallHeadOptions;
  readonly #templates = new Map<Binding, Template>();

  /** For all calls of a protocol. */
  constructor(options: CallHeadOptions) {
    this.#options = options;
  }

  /** Begins the frame of a call; the payload comes next. Gives where it began. */
  begin(w: WriteBuffer, call: Call, binding: Binding, flags: number, seqid: number): number {
    const start = beginFrame(w, flags, seqid, ProtocolId.THRIFT_BINARY);
    const plain = call.callerMethod === undefined && call.metaIfAny?.hasForward !== true;
    const timeoutMs = call.deadline === Infinity ? 0 : timeoutLeft(call);
    if (plain) {
      const { bytes, countAt } = this.#template(call, binding);
      w.reserve(bytes.length + 16);
      w.bytes.set(bytes, w.pos);
      if (timeoutMs > 0) w.bytes[w.pos + countAt]!++;
      w.pos += bytes.length;
      if (timeoutMs > 0) {
        putU16(w, IntKey.RPC_TIMEOUT);
        putDecimal(w, timeoutMs);
      }
    } else {
      const ints = this.#ints(call);
      if (timeoutMs > 0) ints.set(IntKey.RPC_TIMEOUT, `${timeoutMs}`);
      encodeInfo(w, this.#strings(call), ints);
    }
    endHeader(w, start);
    return start;
  }

  #template(call: Call, binding: Binding): Template {
    const { caller, destService, connectTimeoutMs } = call;
    const known = this.#templates.get(binding);
    if (
      known !== undefined && known.caller === caller && known.destService === destService &&
      known.connectTimeoutMs === connectTimeoutMs
    ) return known;
    const w = new WriteBuffer(256);
    encodeInfo(w, this.#strings(call), undefined);
    const ints = this.#ints(call);
    const countAt = w.pos + 2;
    encodeInfo(w, undefined, ints);
    const template = { caller, destService, connectTimeoutMs, bytes: w.written().slice(), countAt };
    this.#templates.set(binding, template);
    return template;
  }

  #strings(call: Call): Map<string, string> {
    const strings = openingStrings(call);
    return this.#options.checksum ? withSum(strings) : strings;
  }

  #ints(call: Call): Map<number, string> {
    const ints = new Map([
      [IntKey.FROM_SERVICE as number, call.caller ?? ""],
      [IntKey.FROM_METHOD, call.callerMethod ?? ""],
      [IntKey.TO_SERVICE, call.destService],
      [IntKey.TO_METHOD, call.method.name],
      [IntKey.MSG_TYPE, `${call.method.oneway ? MessageType.ONEWAY : MessageType.CALL}`],
      [IntKey.TRANSPORT_TYPE, this.#options.transportType],
    ]);
    const { connectTimeoutMs } = call;
    if (connectTimeoutMs !== undefined) ints.set(IntKey.CONNECT_TIMEOUT, `${Math.trunc(connectTimeoutMs)}`);
    return ints;
  }
}

/** Begins the frame of an answer; the payload comes next. Gives where it began. */
export function beginReply(w: WriteBuffer, flags: number, reply: ReplyHead, checksum: boolean): number {
  const start = beginFrame(w, flags, reply.seqid, ProtocolId.THRIFT_BINARY);
  const { meta, status } = reply;
  if (checksum || reply.closing || status !== undefined || meta?.hasBackward === true) {
    encodeInfo(w, replyStrings(reply, checksum), undefined);
  }
  w.reserve(8);
  const { bytes, pos } = w;
  bytes[pos] = InfoId.INTS;
  bytes[pos + 1] = 0;
  bytes[pos + 2] = 1;
  bytes[pos + 3] = 0;
  bytes[pos + 4] = IntKey.MSG_TYPE;
  bytes[pos + 5] = 0;
  bytes[pos + 6] = 1;
  bytes[pos + 7] = 0x30 + reply.type;
  w.pos = pos + 8;
  endHeader(w, start);
  return start;
}

/** Fills in the checksum of the frame at `start`, whose header left room for it. */
export function putSum(w: WriteBuffer, start: number, sum: number): void {
  const digits = sum.toString(16).padStart(8, "0");
  const info = start + INFO_OFFSET;
  // A token comes before all pairs.
  const token = w.bytes[info] === InfoId.TOKEN ? 3 + w.view.getUint16(info + 1) : 0;
  const at = info + token + SUM_OFFSET;
  for (let i = 0; i < digits.length; i++) w.bytes[at + i] = digits.charCodeAt(i);
}

function replyStrings({ meta, status, closing }: ReplyHead, checksum: boolean): Map<string, string> {
  let strings = new Map<string, string>();
  if (meta?.hasBackward === true) {
    for (const [key, value] of meta.backward) {
      if (key !== "" && value !== "" && !OWN_KEYS.has(key)) strings.set(key, value);
    }
  }
  if (status !== undefined) strings = withStatus(strings, status);
  if (closing) strings.set(StrKey.CONN_READY_TO_RESET, "1");
  return checksum ? withSum(strings) : strings;
}

/** The pairs with room for a checksum before them all. */
function withSum(strings: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([[StrKey.CRC32C as string, NO_SUM], ...strings]);
}

/** Milliseconds that are left, at least one. */
function timeoutLeft(call: Call): number {
  return Math.max(1, Math.ceil(call.deadline - turnNow(call.clock)));
}
