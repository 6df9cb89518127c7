/**
 * The handlers behind `echo.proto`, as the Go peers of the interop suite have them too.
 *
 * @module
 */
import { GrpcError, GrpcStatus } from "../../codecs/grpc/status.ts";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import {
  type ProtobufClient,
  type ProtobufHandlers,
  type ProtobufService,
  protobufService,
} from "../../codecs/protobuf/service.ts";
import { RpcError } from "../../lib/errors.ts";
import { PbEcho as PbEchoDesc, PbStream as PbStreamDesc } from "./gen/echo_pb.ts";

/** The service of a generated descriptor. */
export type ServiceOf<Desc> = Desc extends GenService<infer M> ? ProtobufService<ProtobufHandlers<M>, ProtobufClient<M>>
  : never;

/** `PbEcho`. */
export const PbEcho: ServiceOf<typeof PbEchoDesc> = protobufService(PbEchoDesc);
/** `PbStream`. */
export const PbStream: ServiceOf<typeof PbStreamDesc> = protobufService(PbStreamDesc);

type HandlersOf<S> = S extends ProtobufService<infer H, unknown> ? H : never;

/** Handlers of `PbEcho`. */
export function protoHandlers(): HandlersOf<typeof PbEcho> {
  return {
    echo: ({ msg, all }) => ({ msg, ...(all && { all }) }),
    sleep: ({ ms }, { signal }) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve({ msg: `slept ${ms}` }), ms);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      }),
    fail({ kind }) {
      if (kind === "plain") throw new Error("plain go error");
      if (kind === "panic") throw new TypeError("panic: asked to panic");
      if (kind === "status") throw new GrpcError(GrpcStatus.FAILED_PRECONDITION, "declared");
      return { msg: kind };
    },
    bizError({ code, msg, extra }) {
      if (code === 0) return { msg: "ok" };
      throw new RpcError("business", msg, { code, extra });
    },
    meta(_, { meta, caller, service, method }) {
      meta.backward.set("back-k1", "back-v1").set("BACK_K2", "back-v2");
      return {
        transientKV: Object.fromEntries(meta.transient),
        persistentKV: Object.fromEntries(meta.persistent),
        caller: caller ?? "",
        callee: service.name,
        method: method.name,
      };
    },
  };
}

/** Handlers of `PbStream`. */
export function protoStreamHandlers(): HandlersOf<typeof PbStream> {
  return {
    async *bidi(requests, { meta }) {
      meta.backward.set("srv-header", "h1");
      meta.trailers.set("srv-trailer", "t1");
      for await (const { msg, all } of requests) yield { msg, ...(all && { all }) };
    },
    async clientStream(requests) {
      const texts: string[] = [];
      for await (const { msg } of requests) texts.push(msg);
      return { msg: texts.join(",") };
    },
    async *serverStream({ msg, all }) {
      const [head = "", text = ""] = /^(\d+|err):/.test(msg) ? msg.split(":", 2) : ["1", msg];
      if (head === "err") {
        yield { msg: "before-error-0", ...(all && { all }) };
        throw new RpcError("business", "stream biz error", { code: Number(text), extra: { k: "v" } });
      }
      for (let i = 0; i < Number(head); i++) yield { msg: `${text}-${i}`, ...(all && { all }) };
    },
    streamUnary: ({ msg, all }) => ({ msg, ...(all && { all }) }),
  };
}
