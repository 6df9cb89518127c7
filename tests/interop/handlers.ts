/**
 * The handlers behind `echo.thrift`, as the Go peers of the interop suite have them too.
 *
 * @module
 */
import {
  AllTypes,
  EchoException,
  type EchoServiceHandlers,
  OtherException,
  type StreamServiceHandlers,
} from "./gen/echo.ts";
import { RpcError } from "../../mod.ts";

/** Texts of `notify` that are remembered. */
const MAX_NOTIFIED = 1000;

/** Handlers of `EchoService`, with a memory of their own. */
export function echoHandlers(): EchoServiceHandlers {
  const notified: string[] = [];
  return {
    echo: (request) => ({ msg: request.msg, all: request.all }),
    echoAll: (value) => value,
    echoString: (text) => text,
    echoBinary: (bytes) => bytes,
    add: (a, b) => BigInt.asIntN(64, a + b),
    ping: () => {},
    notify(text) {
      notified.push(text);
      if (notified.length > MAX_NOTIFIED) notified.shift();
    },
    notified: () => [...notified],
    fail(kind) {
      switch (kind) {
        case "declared":
          throw new EchoException({ code: 42, message: "declared" });
        case "other":
          throw new OtherException({ reason: "other", details: ["d1", "d2"] });
        case "plain":
          throw new Error("plain go error");
        case "panic":
          throw new TypeError("panic: asked to panic");
        default:
          return kind;
      }
    },
    bizError(code, message, extra) {
      if (code === 0) return "ok";
      throw new RpcError("business", message, { code, extra: Object.fromEntries(extra) });
    },
    sleep: (ms, context) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve(`slept ${ms}`), ms);
        context.signal.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(context.signal.reason);
        });
      }),
    meta(context) {
      context.meta.backward.set("back-k1", "back-v1").set("BACK_K2", "back-v2");
      return {
        transientKV: new Map(context.meta.transient),
        persistentKV: new Map(context.meta.persistent),
        caller: context.caller ?? "",
        callee: context.service.name,
        method: context.method.name,
      };
    },
  };
}

/** Handlers of `StreamService`. */
export function streamHandlers(): StreamServiceHandlers {
  return {
    async *bidi(requests, { meta }) {
      meta.backward.set("srv-header", "h1");
      meta.trailers.set("srv-trailer", "t1");
      for await (const request of requests) yield { msg: request.msg, all: request.all };
    },
    async clientStream(requests) {
      const texts: string[] = [];
      for await (const request of requests) texts.push(request.msg);
      return { msg: texts.join(","), all: undefined };
    },
    async *serverStream(request) {
      const [head = "", text = ""] = /^(\d+|err):/.test(request.msg) ? request.msg.split(":", 2) : ["1", request.msg];
      if (head === "err") {
        yield { msg: "before-error-0", all: request.all };
        throw new RpcError("business", "stream biz error", { code: Number(text), extra: { k: "v" } });
      }
      for (let i = 0; i < Number(head); i++) yield { msg: `${text}-${i}`, all: request.all };
    },
    streamUnary: (request) => ({ msg: request.msg, all: request.all }),
  };
}

/** A value with every field set, the same as the Go client's. */
export function fullValue(): AllTypes {
  const inner = (name: string) => ({
    name,
    num: 7,
    child: { name: `${name}/child`, num: undefined, child: undefined, colors: undefined },
    colors: [1, 5] as (1 | 5)[],
  });
  return AllTypes.create({
    vbool: true,
    vbyte: -128,
    vi16: -32768,
    vi32: -(2 ** 31),
    vi64: -(2n ** 63n),
    vdouble: -1.5e300,
    vstring: "héllo 世界 🎉\0end",
    vbinary: new Uint8Array([0, 1, 0x80, 0xff]),
    venum: 5,
    lstring: ["", "a", "世"],
    li64: [0n, -1n, 1n << 53n, 2n ** 63n - 1n],
    si32: new Set([3, 1, 2]),
    sstring: new Set(["x", "y"]),
    mss: new Map([["k", "v"], ["", "empty"]]),
    mii: new Map([[-5, inner("m")]]),
    lli: [[1, 2], [], [3]],
    msl: new Map([["l", [inner("a"), inner("b")]]]),
    inner: inner("i"),
    linner: [inner("l1"), inner("l2")],
    ts: 2n ** 63n - 1n,
    lbinary: [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])],
    lbool: [true, false, true],
    ldouble: [0, 1.25, Infinity],
    menum: new Map([[2, 2.5]]),
    choice: { kind: "inner", value: inner("u") },
    obool: false,
    obyte: 0,
    oi16: 300,
    oi32: -70000,
    oi64: 1n << 60n,
    odouble: 0,
    ostring: "",
    obinary: new TextEncoder().encode("bin"),
    oenum: 1,
    oinner: inner("o"),
    olist: [9],
    dnum: 43,
    dname: "set",
    bigid: "field 1000",
  });
}
