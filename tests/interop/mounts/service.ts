/**
 * gRPC's interop service, to be mounted where something else takes the requests.
 *
 * @module
 */
import { connect } from "../../../codecs/connect/protocol.ts";
import { createServer, type Server } from "../../../core.ts";
import { testHandlers, TestService } from "../grpc_handlers.ts";

/** Its server, which only answers `fetch`. */
export function mounted(): Server {
  return createServer({ protocols: [connect()] }).add(TestService, testHandlers());
}
