/**
 * The payloads by their names.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { binary } from "./binary.ts";
import { compact } from "./compact.ts";
import { json } from "./json.ts";
import type { Limits } from "./limits.ts";
import type { Payload } from "./payload.ts";

/** Names a payload. */
export interface PayloadOptions {
  /** How messages are encoded. Kitex speaks `"binary"` only. Default `"binary"`. */
  readonly payload?: "binary" | "compact" | "json" | undefined;
  /** True also reads Binary messages without a version word, as old Apache peers send them. Default `false`. */
  readonly acceptOld?: boolean | undefined;
}

/** Makes the payload that the options name. Throws an `RpcError` of kind `"invalid"` if there is none of the name. */
export function payloadOf(options: PayloadOptions, limits: Limits): Payload {
  switch (options.payload ?? "binary") {
    case "binary":
      return binary({ acceptOld: options.acceptOld ?? false, limits });
    case "compact":
      return compact({ limits });
    case "json":
      return json({ limits });
    default:
      throw new RpcError("invalid", `payload ${JSON.stringify(options.payload)} is not binary, compact or json`);
  }
}
