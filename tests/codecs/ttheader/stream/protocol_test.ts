import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DEFAULT_STREAM_LIMITS, ttheaderStreaming } from "../../../../codecs/ttheader/stream/protocol.ts";
import { RpcError } from "../../../../lib/errors.ts";

describe("ttheaderStreaming", () => {
  it("refuses limits that are no integers in their range", () => {
    for (const name of Object.keys(DEFAULT_STREAM_LIMITS)) {
      for (const value of [-1, 0.5, NaN, Infinity, 2 ** 31]) {
        const error = assertThrows(() => ttheaderStreaming({ [name]: value }), RpcError, `${name} is ${value}`);
        assertEquals(error.kind, "invalid");
      }
    }
    assertThrows(() => ttheaderStreaming({ maxStreams: 0 }), RpcError, "maxStreams is 0");
    ttheaderStreaming({ stallMs: 0 });
  });

  it("carries Thrift and Protocol Buffers, and streams", () => {
    const { payloads, streams, name } = ttheaderStreaming();
    assertEquals([payloads, streams, name], [["thrift", "protobuf"], true, "ttheader streaming"]);
  });
});
