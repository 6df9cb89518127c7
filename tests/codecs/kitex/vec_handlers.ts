/**
 * What the recorded server of `vec.thrift` did.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { VecHandlers } from "./gen/vec.ts";

/** Handlers that answer as it did. */
export function vecHandlers(): VecHandlers {
  return {
    add: ({ n }, { meta }) => {
      meta.backward.set("bk", "bv");
      return { n: n + 1 };
    },
    nop: () => {},
    fire: () => {},
    fail: boom,
    biz: notFound,
    addu: ({ n }) => ({ n: n + 1 }),
    bizu: notFound,
    failu: boom,
    throwu: boom,
    async *bidi(requests) {
      for await (const request of requests) {
        if (request.n === 98) boom();
        if (request.n === 99) notFound();
        yield request;
      }
    },
  };
}

function boom(): never {
  throw new Error("biz error: boom");
}

function notFound(): never {
  throw new RpcError("business", "not found", { code: 404, extra: { k: "v" } });
}
