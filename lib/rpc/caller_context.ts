/**
 * What a call takes over from whoever makes it: metadata of the call being served, and its end.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { Call, type CallContext, type CallOptions } from "./call.ts";
import { Metadata } from "./metadata.ts";

/** The metadata a call begins with: its own, and what is persistent of the call it is made for. */
export function metadataFor(own: CallOptions["meta"], parent: CallContext | undefined): Metadata | undefined {
  const inherited = parent instanceof Call ? parent.metaIfAny?.persistent : parent?.meta.persistent;
  if (own === undefined && (inherited === undefined || inherited.size === 0)) return undefined;
  const meta = own instanceof Metadata ? own : new Metadata(own);
  for (const [key, value] of inherited ?? []) if (!meta.persistent.has(key)) meta.persistent.set(key, value);
  return meta;
}

/**
 * Ends the call when the signal fires or the call it is made for is ended; gives what ends that. Throws the reason of a
 * signal that has fired.
 */
export function abortWith(signal: AbortSignal | undefined, parent: CallContext | undefined, call: Call): () => void {
  const abort = (): void => call.abort(RpcError.from(signal?.reason, "canceled"));
  if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
  signal?.addEventListener("abort", abort, { once: true });
  if (parent instanceof Call) parent.onAbort(call);
  return () => {
    signal?.removeEventListener("abort", abort);
    if (parent instanceof Call) parent.offAbort(call);
  };
}
