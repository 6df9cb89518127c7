/**
 * Protocol Buffers in TTHeader streams: each message is the payload of a frame.
 *
 * Kitex reserves a protocol id for them and does not speak them: its clients of Protocol Buffers services stream over gRPC,
 * also where they are told `TTHeaderStreaming`.
 *
 * @module
 */
import { selfCoded } from "../../kitex_protobuf/payload.ts";
import type { Limits } from "../../thrift/limits.ts";
import { ProtocolId } from "../keys.ts";
import type { StreamPayload } from "./stream_payload.ts";

/** The payload; `maxNested` of the limits is for its messages. */
export function protobufStreamPayload(limits: Pick<Limits, "maxNested">): StreamPayload {
  return {
    kind: "protobuf",
    protocolId: ProtocolId.PROTOBUF_STRUCT,
    bind(method) {
      const { requests, responses } = selfCoded(method, limits);
      return { request: codecOf(requests), response: codecOf(responses) };
    },
  };
}

function codecOf(codec: ReturnType<typeof selfCoded>["requests"]): ReturnType<StreamPayload["bind"]>["request"] {
  return {
    encode: (w, message) => codec.encode(w, message),
    decode(r) {
      const message = codec.decode(r.bytes, r.pos, r.end);
      r.pos = r.end;
      return message;
    },
  };
}
