/**
 * The list of instances that a resolver follows by `follow`: what is told of its failures, and how it ends.
 *
 * @module
 */
import type { RpcError } from "../errors.ts";
import { follow, type Following } from "./follow.ts";
import type { Resolution, ResolutionSink } from "./resolver.ts";

/** What `followInstances` follows. */
export interface FollowedInstances extends Omit<Following, "failed"> {
  /** Is told of the list, by `run`, and of every failure; closed with the list if it can be. */
  readonly sink: ResolutionSink & { close?(): void };
  /** Told of every failure, too. */
  readonly onError: ((error: RpcError) => void) | undefined;
  /** Looks again as soon as may be. Default: nothing, where changes are watched. */
  refresh?(): void;
}

/** Follows the list until it is closed. */
export function followInstances({ sink, onError, refresh = () => {}, ...following }: FollowedInstances): Resolution {
  const stop = follow({
    ...following,
    failed(error) {
      sink.failed(error);
      onError?.(error);
    },
  });
  return {
    refresh,
    close() {
      stop();
      sink.close?.();
    },
  };
}
