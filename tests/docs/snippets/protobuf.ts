/**
 * What docs/protobuf.md shows.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PbEcho } from "../../interop/gen/echo_pb.ts";
import { messageCodec, protobufService, WriteBuffer } from "@updraft/rpc/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

const codec = messageCodec(TimestampSchema);
const buffer = new WriteBuffer();
codec.encode(buffer, { seconds: 5n });
const time: Timestamp = codec.decode(buffer.written());

assertEquals(time.seconds, 5n);
assertEquals(protobufService(PbEcho).fullName, "echo.pb.PbEcho");
