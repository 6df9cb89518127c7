/**
 * Connect's error codes: gRPC's statuses by name, and what HTTP says of them.
 *
 * Spec: connectrpc.com/docs/protocol, "Error codes".
 *
 * @module
 */
/** Name and HTTP status of each code, by gRPC's number. */
const CODES: readonly (readonly [name: string, http: number])[] = [
  ["", 200],
  ["canceled", 499],
  ["unknown", 500],
  ["invalid_argument", 400],
  ["deadline_exceeded", 504],
  ["not_found", 404],
  ["already_exists", 409],
  ["permission_denied", 403],
  ["resource_exhausted", 429],
  ["failed_precondition", 400],
  ["aborted", 409],
  ["out_of_range", 400],
  ["unimplemented", 501],
  ["internal", 500],
  ["unavailable", 503],
  ["data_loss", 500],
  ["unauthenticated", 401],
];

/** The name of a status; `"unknown"` for one that Connect has no name for. */
export function codeName(status: number): string {
  return CODES[status]?.[0] || "unknown";
}

/** The status of a name; `undefined` if it is none. */
export function statusOfCode(name: string): number | undefined {
  const at = CODES.findIndex(([known]) => known === name);
  return at > 0 ? at : undefined;
}

/** The HTTP status that goes with a status. */
export function httpStatusOf(status: number): number {
  return CODES[status]?.[1] ?? 500;
}
