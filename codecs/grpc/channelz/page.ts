/**
 * Lists in pages, as channelz asks for them.
 *
 * @module
 */
import { GrpcError, GrpcStatus } from "../status.ts";

/** What a page has where the caller does not say less. */
const PAGE = 100;

/** Gives the entries with ids of `start` and above, which come in the order of their ids: at most `max`, and at most 100. */
export function pageOf<T extends { readonly id: number }>(
  entries: Iterable<T>,
  start: bigint,
  max: bigint,
): { page: T[]; end: boolean } {
  if (max < 0n) throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, `max_results ${max} is negative`);
  const most = max === 0n || max > PAGE ? PAGE : Number(max);
  const page: T[] = [];
  for (const entry of entries) {
    if (entry.id < start) continue;
    if (page.length === most) return { page, end: false };
    page.push(entry);
  }
  return { page, end: true };
}
