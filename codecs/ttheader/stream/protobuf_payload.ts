/**
 * Protocol Buffers in TTHeader streams: each message is the payload of a frame, as Kitex has it.
 *
 * @module
 */
import { selfCoded } from "../../kitex_protobuf/payload.ts";
import { ProtocolId } from "../keys.ts";
import type { StreamPayload } from "./stream_payload.ts";

/** The payload. Frames carry the protocol id of Thrift structs: Kitex v0.16 writes no other. */
export const protobufStreamPayload: StreamPayload = {
  kind: "protobuf",
  protocolId: ProtocolId.THRIFT_STRUCT,
  bind(method) {
    const { requests, responses } = selfCoded(method);
    return { request: codecOf(requests), response: codecOf(responses) };
  },
};

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
