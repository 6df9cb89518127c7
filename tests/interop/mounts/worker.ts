/**
 * gRPC's interop service as a Worker has it. Timers belong to the request that set them there, so each has a server of its own.
 *
 * @module
 */
import { mounted } from "./service.ts";

/** Answers a request. */
export function respond(request: Request): Promise<Response> {
  return mounted().fetch(request);
}
